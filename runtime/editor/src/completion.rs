//! What an editor offers while a word is typed.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, MarkupContent, MarkupKind,
    Position, Range, TextEdit,
};

use crate::cursor::{Place, place_at};
use crate::position::{byte_of_position, position_of_byte};
use crate::protocol::{SlotStatus, Status};
use crate::vocabulary::{DocEntry, WordKind};

/// The characters after which an editor asks by itself.
pub const TRIGGERS: [&str; 5] = [".", ":", "\"", "'", " "];

/// The words that fit at `position`, the whole list for that place: the editor narrows it down.
pub fn completion(
    text: &str,
    position: Position,
    docs: &[DocEntry],
    status: Option<&Status>,
) -> Vec<CompletionItem> {
    let byte = byte_of_position(text, position);
    let of_kind = |kind: WordKind| {
        let offered = docs.iter().filter(|entry| entry.kind == kind);
        offered.map(|entry| Offer::entry(entry, entry.short_name())).collect::<Vec<_>>()
    };
    let (start, offers) = match place_at(text, byte) {
        Place::Comment => return Vec::new(),
        Place::Name { span, after: Some(':'), .. } => (span.0, of_kind(WordKind::Method)),
        Place::Name { span, after: Some(_), owner, .. } => {
            let Some(owner) = owner else { return Vec::new() };
            let member = |entry: &DocEntry| {
                let rest = entry.name.strip_prefix(owner)?.strip_prefix('.')?.to_string();
                (entry.kind == WordKind::Function).then_some(rest)
            };
            let offers = docs.iter().filter_map(|entry| Some(Offer::entry(entry, &member(entry)?)));
            (span.0, offers.collect())
        }
        Place::Name { span, after: None, word, .. } => {
            if word.is_empty() || word.starts_with(|first: char| first.is_ascii_digit()) {
                return Vec::new();
            }
            (span.0, globals(docs))
        }
        Place::Text { span, function, .. } => {
            let typed = &text[span.0..byte];
            let Some(function) = function else { return Vec::new() };
            match function {
                "model" => (span.0, of_kind(WordKind::Model)),
                "synth" => (span.0, of_kind(WordKind::Synth)),
                "require" => (span.0, whole_names(docs, WordKind::Module)),
                "read" => (span.0, whole_names(docs, WordKind::File)),
                "drums" => (byte - last_word(typed), of_kind(WordKind::Drum)),
                "sound" | "s" | "on" => {
                    let offers = of_kind(WordKind::Sound).into_iter().chain(of_kind(WordKind::Synth));
                    (byte - last_word(typed), offers.collect())
                }
                "play" | "draw" | "solo" | "silence" | "duck" => (span.0, slots(status)),
                "to" | "bus" => (span.0, buses(status)),
                "midi" => (span.0, ports(status)),
                _ => return Vec::new(),
            }
        }
    };
    let range = Range { start: position_of_byte(text, start), end: position };
    let mut items: Vec<CompletionItem> = offers.into_iter().map(|offer| offer.item(range)).collect();
    items.dedup_by(|one, other| one.label == other.label && one.detail == other.detail);
    items
}

/// Bytes of the word at the end of a text of mini-notation.
fn last_word(typed: &str) -> usize {
    typed.len()
        - typed.trim_end_matches(|letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-')).len()
}

/// One word that is offered.
struct Offer {
    label: String,
    kind: CompletionItemKind,
    detail: Option<String>,
    help: Option<String>,
}

impl Offer {
    fn entry(entry: &DocEntry, label: &str) -> Offer {
        let kind = match entry.kind {
            WordKind::Function => CompletionItemKind::FUNCTION,
            WordKind::Method => CompletionItemKind::METHOD,
            WordKind::Module => CompletionItemKind::MODULE,
            WordKind::File => CompletionItemKind::FILE,
            WordKind::Model => CompletionItemKind::CLASS,
            WordKind::Synth | WordKind::Drum | WordKind::Sound => CompletionItemKind::VALUE,
        };
        Offer {
            label: label.to_string(),
            kind,
            detail: Some(entry.signature.clone()),
            help: Some(entry.markdown()),
        }
    }

    fn item(self, range: Range) -> CompletionItem {
        let help = self
            .help
            .map(|value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value }));
        CompletionItem {
            text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: self.label.clone() })),
            label: self.label,
            kind: Some(self.kind),
            detail: self.detail,
            documentation: help,
            ..CompletionItem::default()
        }
    }
}

/// The global names; of `reward.shimmer` and `reward.density` the one word `reward`.
fn globals(docs: &[DocEntry]) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    for entry in docs.iter().filter(|entry| entry.kind == WordKind::Function) {
        match entry.name.split_once('.') {
            None => offers.push(Offer::entry(entry, &entry.name)),
            Some((table, _)) if offers.iter().all(|offer| offer.label != table) => offers.push(Offer {
                label: table.to_string(),
                kind: CompletionItemKind::MODULE,
                detail: None,
                help: None,
            }),
            Some(_) => {}
        }
    }
    offers
}

fn whole_names(docs: &[DocEntry], kind: WordKind) -> Vec<Offer> {
    docs.iter().filter(|entry| entry.kind == kind).map(|entry| Offer::entry(entry, &entry.name)).collect()
}

/// What a slot plays that is a bus.
const BUS: &str = "bus";

fn slots(status: Option<&Status>) -> Vec<Offer> {
    slots_where(status, |_| true)
}

fn buses(status: Option<&Status>) -> Vec<Offer> {
    slots_where(status, |slot| slot.playing == BUS)
}

fn slots_where(status: Option<&Status>, wanted: impl Fn(&SlotStatus) -> bool) -> Vec<Offer> {
    let slots = status.map(|status| status.slots.as_slice()).unwrap_or_default();
    let offer = |name: &str, playing: &str| Offer {
        label: name.to_string(),
        kind: CompletionItemKind::VARIABLE,
        detail: Some(playing.to_string()),
        help: None,
    };
    slots.iter().filter(|slot| wanted(slot)).map(|slot| offer(&slot.name, &slot.playing)).collect()
}

fn ports(status: Option<&Status>) -> Vec<Offer> {
    let ports = status.map(|status| status.midi.as_slice()).unwrap_or_default();
    let offer = |name: &String| Offer {
        label: name.clone(),
        kind: CompletionItemKind::INTERFACE,
        detail: Some("MIDI port".to_string()),
        help: None,
    };
    ports.iter().map(offer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, kind: WordKind) -> DocEntry {
        let (signature, summary) = (format!("{name}(…)"), format!("About {name}."));
        DocEntry { name: name.into(), kind, signature, summary, example: String::new() }
    }

    /// The offered words and the columns that they replace.
    fn offered(marked: &str) -> (Vec<String>, Option<(u32, u32)>) {
        let docs = [
            entry("play", WordKind::Function),
            entry("reward.shimmer", WordKind::Function),
            entry("reward.density", WordKind::Function),
            entry("clip:leaps", WordKind::Method),
            entry("sample", WordKind::Method),
            entry("folk", WordKind::Model),
            entry("pluck", WordKind::Synth),
            entry("bd", WordKind::Drum),
            entry("sd", WordKind::Drum),
            entry("breaks", WordKind::Sound),
            entry("lilt.scales", WordKind::Module),
        ];
        let slot = SlotStatus { name: "lead".into(), playing: "folk".into(), ..SlotStatus::default() };
        let bus = SlotStatus { name: "dub".into(), playing: BUS.into(), ..SlotStatus::default() };
        let status = Status { slots: vec![slot, bus], midi: vec!["Synth A".into()], ..Status::default() };
        let byte = marked.find('|').expect("the cursor");
        let text = marked.replacen('|', "", 1);
        let items = completion(&text, position_of_byte(&text, byte), &docs, Some(&status));
        let range = items.first().map(|item| {
            let Some(CompletionTextEdit::Edit(edit)) = &item.text_edit else { panic!("an edit") };
            (edit.range.start.character, edit.range.end.character)
        });
        (items.into_iter().map(|item| item.label).collect(), range)
    }

    #[test]
    fn each_place_offers_its_words() {
        type Row = (&'static str, &'static [&'static str], Option<(u32, u32)>);
        let table: [Row; 19] = [
            ("pl|", &["play", "reward"], Some((0, 2))),
            ("🎹 p|lay", &["play", "reward"], Some((3, 4))),
            ("reward.|", &["shimmer", "density"], Some((7, 7))),
            ("reward.sh|", &["shimmer", "density"], Some((7, 9))),
            ("nothing.|", &[], None),
            ("folk:sa|", &["leaps", "sample"], Some((5, 7))),
            ("model \"|\"", &["folk"], Some((7, 7))),
            ("model(\"fo|", &["folk"], Some((7, 9))),
            ("synth 'p|'", &["pluck"], Some((7, 8))),
            ("drums \"bd [~ s|\"", &["bd", "sd"], Some((13, 14))),
            ("play(\"|", &["lead", "dub"], Some((6, 6))),
            ("x:duck(\"|", &["lead", "dub"], Some((8, 8))),
            ("x:to \"|", &["dub"], Some((6, 6))),
            ("sound \"bd*2, br|\"", &["breaks", "pluck"], Some((13, 15))),
            ("x:s(\"<|", &["breaks", "pluck"], Some((6, 6))),
            ("x:midi(\"|", &["Synth A"], Some((8, 8))),
            ("require \"lilt.s|", &["lilt.scales"], Some((9, 15))),
            ("-- pl|", &[], None),
            ("x = 12|", &[], None),
        ];
        for (marked, words, range) in table {
            let (offered, replaced) = offered(marked);
            assert_eq!(
                (offered.as_slice(), replaced),
                (words.iter().map(|word| word.to_string()).collect::<Vec<_>>().as_slice(), range),
                "{marked}"
            );
        }
    }

    #[test]
    fn an_offer_carries_its_help() {
        let docs = [entry("play", WordKind::Function)];
        let items = completion("p", Position { line: 0, character: 1 }, &docs, None);
        let [item] = items.as_slice() else { panic!("one word") };
        assert_eq!(item.detail.as_deref(), Some("play(…)"));
        assert_eq!(item.kind, Some(CompletionItemKind::FUNCTION));
        let Some(Documentation::MarkupContent(help)) = &item.documentation else { panic!("Markdown") };
        assert_eq!(help.value, "```lua\nplay(…)\n```\nAbout play.");
    }
}
