//! The documentation as files: a page to read, and stubs from which language servers know the words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::doc::Doc;

/// What the page begins with.
const HEAD: &str = "# Every word of Lilt\n\nMade by `lilt doc --reference`; each entry stands beside the code that \
                    does what it says.\n";

/// Who has a word: the global names, a table of them, or a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner<'a> {
    Script,
    Table(&'a str),
    Type(&'a str),
}

/// Owner and own name of an entry: `clip:slice` is the type `clip`'s `slice`, `reward.calm` the table
/// `reward`'s `calm`.
fn parts(doc: &Doc) -> (Owner<'_>, &str) {
    if let Some((owner, name)) = doc.name.split_once(':') {
        return (Owner::Type(owner), name);
    }
    match doc.name.split_once('.') {
        Some((owner, name)) => (Owner::Table(owner), name),
        None => (Owner::Script, &doc.name),
    }
}

fn by_owner(docs: &[Doc]) -> BTreeMap<Owner<'_>, Vec<(&str, &Doc)>> {
    let mut owners: BTreeMap<Owner<'_>, Vec<(&str, &Doc)>> = BTreeMap::new();
    for doc in docs {
        let (owner, name) = parts(doc);
        owners.entry(owner).or_default().push((name, doc));
    }
    owners
}

/// The page of all words, in Markdown.
pub fn page(docs: &[Doc]) -> String {
    let mut page = HEAD.to_owned();
    for (owner, entries) in by_owner(docs) {
        let title = match owner {
            Owner::Script => "Words of a script".to_owned(),
            Owner::Table(name) => format!("`{name}.`"),
            Owner::Type(name) => format!("What a {name} can do"),
        };
        // Writing to a string cannot fail.
        let _ = write!(page, "\n## {title}\n");
        for (_, doc) in entries {
            let _ = write!(page, "\n### `{}`\n\n{}\n", doc.signature, doc.summary);
            if !doc.params.is_empty() {
                page.push('\n');
            }
            for (name, meaning) in &doc.params {
                let _ = writeln!(page, "- `{name}`: {meaning}");
            }
            let _ = write!(page, "\n```lua\n{}\n```\n", doc.example);
        }
    }
    page
}

/// The names of what is written between the brackets of a signature; what is no name (a list of strokes, a
/// text in quotes) is left out.
fn arguments(doc: &Doc) -> Vec<String> {
    let inside = doc.signature.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'));
    let names = inside.map_or("", |(inside, _)| inside).split(',').map(str::trim);
    let mut seen = BTreeSet::new();
    names
        .filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        // A word of Lua cannot name a parameter.
        .map(
            |name| {
                if matches!(name, "function" | "end" | "repeat") {
                    format!("{name}_")
                } else {
                    name.to_owned()
                }
            },
        )
        .filter(|name| seen.insert(name.clone()))
        .collect()
}

/// True for what is called with a table and no brackets, as in `clip { … }`.
fn takes_a_table(doc: &Doc) -> bool {
    !doc.signature.contains('(')
}

/// Definitions for luau-lsp.
pub fn luau(docs: &[Doc]) -> String {
    let mut text = "-- Every word of Lilt, for luau-lsp. Made by `lilt doc --stubs luau`.\n".to_owned();
    let owners = by_owner(docs);
    for (owner, entries) in &owners {
        let Owner::Type(name) = owner else { continue };
        let _ = write!(text, "\ndeclare class {name}\n");
        for (own, doc) in entries {
            let arguments: String = arguments(doc).iter().map(|name| format!(", {name}: any?")).collect();
            let _ = writeln!(text, "\tfunction {own}(self{arguments}): any");
        }
        text.push_str("end\n");
    }
    for (owner, entries) in &owners {
        match owner {
            Owner::Type(_) => {}
            Owner::Table(name) => {
                let _ = write!(text, "\ndeclare {name}: {{\n");
                for (own, _) in entries {
                    let _ = writeln!(text, "\t{own}: (...any) -> any,");
                }
                text.push_str("}\n");
            }
            Owner::Script => {
                text.push('\n');
                for (own, _) in entries {
                    let _ = writeln!(text, "declare {own}: any");
                }
            }
        }
    }
    text
}

/// Definitions for the Lua language server.
pub fn lua(docs: &[Doc]) -> String {
    let mut text =
        "---@meta\n-- Every word of Lilt, for the Lua language server. Made by `lilt doc --stubs lua`.\n"
            .to_owned();
    for (owner, entries) in by_owner(docs) {
        let prefix = match owner {
            Owner::Script => String::new(),
            Owner::Table(name) => {
                let _ = write!(text, "\n{name} = {{}}\n");
                format!("{name}.")
            }
            Owner::Type(name) => {
                let _ = write!(text, "\n---@class {name}\nlocal {name} = {{}}\n");
                format!("{name}:")
            }
        };
        for (own, doc) in entries {
            let _ = write!(text, "\n---{}\n", doc.summary);
            let arguments = if takes_a_table(doc) { vec!["given".to_owned()] } else { arguments(doc) };
            for (name, meaning) in &doc.params {
                if arguments.contains(name) {
                    let _ = writeln!(text, "---@param {name} any {meaning}");
                }
            }
            let _ = writeln!(text, "---@return any\nfunction {prefix}{own}({}) end", arguments.join(", "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc(signature: &str, params: &[(&str, &str)]) -> Doc {
        let name = signature.split(['(', ' ', '{']).next().unwrap_or(signature).to_owned();
        let params = params.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let (summary, example) = ("About it.".to_owned(), format!("{name}()"));
        Doc { name, aliases: Vec::new(), signature: signature.to_owned(), summary, params, example }
    }

    fn docs() -> Vec<Doc> {
        vec![
            doc("tempo(bpm)", &[("bpm", "how fast")]),
            doc("clip { note, … }", &[]),
            doc("clip:slice(from, to)", &[("from", "where")]),
            doc("reward.calm(clip)", &[]),
        ]
    }

    #[test]
    fn a_page_has_an_entry_for_each_word() {
        let page = page(&docs());
        for line in [
            "## Words of a script",
            "### `tempo(bpm)`",
            "- `bpm`: how fast",
            "## `reward.`",
            "## What a clip can do",
        ] {
            assert!(page.lines().any(|known| known == line), "{line} in\n{page}");
        }
    }

    #[test]
    fn stubs_are_what_the_servers_read() {
        let lua = lua(&docs());
        assert!(lua.contains("---@class clip\nlocal clip = {}\n"), "{lua}");
        assert!(
            lua.contains("---@param from any where\n---@return any\nfunction clip:slice(from, to) end"),
            "{lua}"
        );
        assert!(lua.contains("function reward.calm(clip) end"), "{lua}");
        let luau = luau(&docs());
        assert!(
            luau.contains("declare class clip\n\tfunction slice(self, from: any?, to: any?): any\nend"),
            "{luau}"
        );
        assert!(luau.contains("declare reward: {\n\tcalm: (...any) -> any,\n}"), "{luau}");
        assert!(luau.contains("declare tempo: any"), "{luau}");
    }
}
