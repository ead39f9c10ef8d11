//! Where a name of a script comes from, as far as the text itself tells.

use std::path::{Path, PathBuf};

use lsp_types::{Position, Range};

use crate::cursor::{Place, place_at};
use crate::position::{byte_of_position, position_of_byte};
use crate::tokens::{Token, TokenKind, tokens};

/// Where a definition is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Definition {
    /// In the same text.
    Here(Range),
    /// In the module beside the script that a `require` names; it may not exist.
    Module(PathBuf),
}

/// The definition of the name at `position`: the last `local` or `function` before it that introduces the
/// name, or the file that a `require` names in the script's folder.
pub fn definition(text: &str, position: Position, script: &Path) -> Option<Definition> {
    let byte = byte_of_position(text, position);
    match place_at(text, byte) {
        Place::Name { word, after: None, .. } if !word.is_empty() => {
            let found = introduced(text, word).filter(|token| token.start <= byte).last()?;
            Some(Definition::Here(Range {
                start: position_of_byte(text, found.start),
                end: position_of_byte(text, found.end),
            }))
        }
        Place::Text { content, function: Some("require"), .. } => {
            let inside =
                Path::new(content).components().all(|part| matches!(part, std::path::Component::Normal(_)));
            (inside && !content.is_empty())
                .then(|| Definition::Module(script.with_file_name(content.replace('.', "/") + ".lua")))
        }
        _ => None,
    }
}

/// The tokens that introduce `name`: `local name`, `local a, name`, `function name`, `local function name`.
fn introduced<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = Token> + 'a {
    enum Before {
        Other,
        Introducing,
        Introduced,
    }
    let mut before = Before::Other;
    tokens(text).into_iter().filter(move |token| {
        let word = token.of(text);
        let found = token.kind == TokenKind::Word && matches!(before, Before::Introducing) && word == name;
        before = match (token.kind, &before) {
            (TokenKind::Word, _) if matches!(word, "local" | "function") => Before::Introducing,
            (TokenKind::Word, Before::Introducing) => Before::Introduced,
            (TokenKind::Mark(','), Before::Introduced) => Before::Introducing,
            _ => Before::Other,
        };
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(marked: &str) -> Option<String> {
        let byte = marked.find('|').expect("the cursor");
        let text = marked.replacen('|', "", 1);
        Some(match definition(&text, position_of_byte(&text, byte), Path::new("/songs/a.lua"))? {
            Definition::Here(range) => format!("{}:{}", range.start.line, range.start.character),
            Definition::Module(path) => path.display().to_string(),
        })
    }

    #[test]
    fn names_lead_to_where_they_are_introduced() {
        let table = [
            ("local tune = 1\nplay(tu|ne)", Some("0:6")),
            ("local a, tune = 1, 2\nlocal tune = 3\nplay(tune|)\nlocal tune = 4", Some("1:6")),
            ("local function hook() end\nho|ok()", Some("0:15")),
            ("function hook() end hoo|k()", Some("0:9")),
            ("play(tu|ne)", None),
            ("local x = tune\nplay(tu|ne)", None),
            ("local x\ntune = 2 play(tu|ne)", None),
            ("x.tu|ne", None),
            ("require \"my.sca|les\"", Some("/songs/my/scales.lua")),
            ("require \"../../etc|\"", None),
            ("require \"/etc|\"", None),
            ("play \"le|ad\"", None),
        ];
        for (marked, expected) in table {
            assert_eq!(shown(marked).as_deref(), expected, "{marked}");
        }
    }
}
