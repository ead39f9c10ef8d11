//! What an editor shows about the word under the mouse.

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position, Range};

use crate::cursor::{Place, place_at};
use crate::position::{byte_of_position, position_of_byte};
use crate::protocol::{SlotCost, SlotStatus, Status};
use crate::vocabulary::{DocEntry, WordKind};

/// The help for the word at `position`; for a slot's name, what the slot plays now.
pub fn hover(text: &str, position: Position, docs: &[DocEntry], status: Option<&Status>) -> Option<Hover> {
    let byte = byte_of_position(text, position);
    let (span, shown) = match place_at(text, byte) {
        Place::Comment => return None,
        Place::Name { span, word, after, owner } => {
            (span, entries(docs, |entry| names(entry, word, after, owner)))
        }
        Place::Text { span, content, function } => {
            let whole = |kind| entries(docs, |entry| entry.kind == kind && entry.name == content);
            match function? {
                "model" => (span, whole(WordKind::Model)),
                "synth" => (span, whole(WordKind::Synth)),
                "require" => (span, whole(WordKind::Module)),
                "read" => (span, whole(WordKind::File)),
                "drums" => {
                    let (span, word) = word_in(text, span, byte);
                    (span, entries(docs, |entry| entry.kind == WordKind::Drum && entry.name == word))
                }
                "sound" | "s" => {
                    let (span, word) = word_in(text, span, byte);
                    let sounds = |entry: &DocEntry| matches!(entry.kind, WordKind::Sound | WordKind::Synth);
                    (span, entries(docs, |entry| sounds(entry) && entry.name == word))
                }
                "play" | "draw" | "solo" | "silence" => {
                    let slot = status?.slots.iter().find(|slot| slot.name == content)?;
                    (span, Some(slot_shown(slot)))
                }
                _ => return None,
            }
        }
    };
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: shown? });
    let range = Range { start: position_of_byte(text, span.0), end: position_of_byte(text, span.1) };
    Some(Hover { contents, range: Some(range) })
}

/// The letters and digits around `byte` inside the string `span`.
fn word_in(text: &str, span: (usize, usize), byte: usize) -> ((usize, usize), &str) {
    let other = |character: char| !character.is_alphanumeric();
    let (before, after) = (&text[span.0..byte], &text[byte..span.1]);
    let start = before
        .rfind(other)
        .map_or(span.0, |at| span.0 + at + before[at..].chars().next().map_or(0, char::len_utf8));
    let end = byte + after.find(other).unwrap_or(after.len());
    ((start, end), &text[start..end])
}

/// Whether a name as it stands in the script means an entry.
fn names(entry: &DocEntry, word: &str, after: Option<char>, owner: Option<&str>) -> bool {
    match after {
        Some(':') => entry.kind == WordKind::Method && entry.short_name() == word,
        Some(_) => owner.is_some_and(|owner| entry.name == format!("{owner}.{word}")),
        None => matches!(entry.kind, WordKind::Function | WordKind::Module) && entry.name == word,
    }
}

/// The help of all entries that fit, one under the other.
fn entries(docs: &[DocEntry], fits: impl Fn(&DocEntry) -> bool) -> Option<String> {
    let shown: Vec<String> = docs.iter().filter(|entry| fits(entry)).map(DocEntry::markdown).collect();
    (!shown.is_empty()).then(|| shown.join("\n\n---\n\n"))
}

fn slot_shown(slot: &SlotStatus) -> String {
    let mut shown = format!("**{}**: {}", slot.name, slot.playing);
    let details = [
        slot.rung.map(|rung| rung.word().to_string()),
        slot.ess.map(|ess| format!("ESS {:.0}%", ess * 100.0)),
        slot.log_z.map(|log_z| format!("log Z {log_z:.2}")),
        slot.surprise.map(|nats| format!("last note {nats:.1} nats of surprise")),
        slot.cost.as_ref().and_then(SlotCost::words),
        slot.silent.then(|| "silent".to_string()),
    ];
    let details: Vec<String> = details.into_iter().flatten().collect();
    if !details.is_empty() {
        shown.push_str(&format!("\n\n{}", details.join(" · ")));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Rung;

    fn entry(name: &str, kind: WordKind, example: &str) -> DocEntry {
        let (signature, summary) = (format!("{name}(…)"), format!("About {name}."));
        DocEntry { name: name.into(), kind, signature, summary, example: example.into() }
    }

    fn shown(marked: &str) -> Option<(String, u32, u32)> {
        let docs = [
            entry("play", WordKind::Function, "play(\"a\", x)\n"),
            entry("reward.shimmer", WordKind::Function, ""),
            entry("clip:slice", WordKind::Method, ""),
            entry("pattern:slice", WordKind::Method, ""),
            entry("folk", WordKind::Model, ""),
            entry("bd", WordKind::Drum, ""),
        ];
        let slot = SlotStatus {
            name: "lead".into(),
            playing: "folk take 3f2a".into(),
            rung: Some(Rung::Stale),
            ess: Some(0.42),
            log_z: Some(-1.0),
            surprise: Some(2.25),
            cost: Some(SlotCost {
                what: "gain".into(),
                line: 1,
                milliseconds_per_call: 4.0,
                share: 0.31,
                over: false,
            }),
            silent: true,
            ..SlotStatus::default()
        };
        let status = Status { slots: vec![slot], ..Status::default() };
        let byte = marked.find('|').expect("the cursor");
        let text = marked.replacen('|', "", 1);
        let hover = hover(&text, position_of_byte(&text, byte), &docs, Some(&status))?;
        let HoverContents::Markup(markup) = hover.contents else { panic!("Markdown") };
        let range = hover.range.expect("a range");
        Some((markup.value, range.start.character, range.end.character))
    }

    #[test]
    fn words_show_their_help() {
        let help = |name: &str| format!("```lua\n{name}(…)\n```\nAbout {name}.");
        let table = [
            ("pl|ay(x)", Some((format!("{}\n\n```lua\nplay(\"a\", x)\n```", help("play")), 0, 4))),
            ("🎹 = reward.shim|mer", Some((help("reward.shimmer"), 12, 19))),
            ("reward.|play", None),
            (
                "x:sli|ce(1)",
                Some((format!("{}\n\n---\n\n{}", help("clip:slice"), help("pattern:slice")), 2, 7)),
            ),
            ("slice|", None),
            ("model \"fol|k\"", Some((help("folk"), 7, 11))),
            ("drums \"sd [~ b|d]*2\"", Some((help("bd"), 13, 15))),
            ("drums \"s|d\"", None),
            (
                "play(\"l|ead\", x)",
                Some((
                    "**lead**: folk take 3f2a\n\nstale · ESS 42% · log Z -1.00 · last note 2.2 nats of surprise · \
                     gain takes 4.0 ms a call, 31% of its time · silent"
                        .into(),
                    6,
                    10,
                )),
            ),
            ("play(\"gone|\", x)", None),
            ("-- play|", None),
            ("unknown|", None),
        ];
        for (marked, expected) in table {
            assert_eq!(shown(marked), expected, "{marked}");
        }
    }
}
