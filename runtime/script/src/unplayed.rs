//! Music that is written and played by nothing.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::fault::Fault;
use crate::tokens::{Kind, Token};
use crate::verbs;

/// What makes music and plays none.
const MAKERS: [&str; 7] = ["drums", "notes", "numbers", "clip", "sound", "s", "n"];

/// The statements of a script that only make music, each with its line.
pub(crate) fn unplayed(text: &str, tokens: &[Token]) -> Vec<(u32, Fault)> {
    let (mut depth, mut told) = (0i32, Vec::new());
    for (i, token) in tokens.iter().enumerate() {
        let written = token.text(text);
        match written {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ if depth == 0 && MAKERS.contains(&written) && begins_statement(tokens, text, i) => {
                let given = tokens.get(i + 1).map_or("", |next| next.text(text));
                let sets = matches!(given, "=" | "," | "." | ":" | "[");
                if !sets {
                    let slot = if matches!(written, "drums" | "sound" | "s") { "beat" } else { "lead" };
                    let example = match (tokens.get(i + 1).map(|next| next.kind), written) {
                        (Some(Kind::Text), "notes") => given.to_owned(),
                        (Some(Kind::Text), _) => format!("{written} {given}"),
                        _ if given == "(" => format!("{written}(…)"),
                        _ => format!("{written} {{ … }}"),
                    };
                    let fault = Fault::new("nothing plays this").at(token.at.clone());
                    told.push((token.line, fault.help(format!("write play(\"{slot}\", {example})"))));
                }
            }
            _ if depth == 0 && begins_statement(tokens, text, i) && is_change(written) => {
                let given = tokens.get(i + 1).map_or("", |next| next.text(text));
                let own = (1..tokens.len()).any(|i| {
                    matches!(tokens[i - 1].text(text), "function" | "local")
                        && tokens[i].text(text) == written
                });
                if given == "(" && !own {
                    let fault = Fault::new(format!("`{written}` changes music, and is given none"));
                    let help = format!(
                        "write :{written}(…) behind music, as in play(\"lead\", \"c4\"):{written}(…)"
                    );
                    told.push((token.line, fault.at(token.at.clone()).help(help)));
                }
            }
            _ => {}
        }
    }
    told
}

/// Whether a word is a verb alone, which by itself does nothing.
fn is_change(word: &str) -> bool {
    // Read once and never changed: reading all the documentation at each keystroke would be most of what one costs.
    static NAMES: LazyLock<HashSet<String>> =
        LazyLock::new(|| crate::documentation().into_iter().map(|doc| doc.name).collect());
    // A function of the same name may make something by itself.
    verbs::all().any(|verb| verb.answers_to(word)) && !NAMES.contains(word)
}

/// True where a token begins a line and no expression goes on into it.
fn begins_statement(tokens: &[Token], text: &str, i: usize) -> bool {
    let Some(before) = i.checked_sub(1).map(|i| &tokens[i]) else { return true };
    let token = &tokens[i];
    let new_line = text[before.at.end..token.at.start].contains('\n');
    let goes_on = match before.kind {
        Kind::Sign => !matches!(before.text(text), ")" | "]" | "}" | ";"),
        Kind::Word => {
            matches!(before.text(text), "return" | "and" | "or" | "not" | "in" | "local" | "function")
        }
        Kind::Number | Kind::Text => false,
    };
    (new_line || before.text(text) == ";") && !goes_on
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::tokens;

    #[test]
    fn only_what_stands_alone_is_told_of() {
        for (text, lines) in [
            ("drums \"bd sd\"", vec![1]),
            ("tempo(120)\nclip { 60 }\nnotes(\"c4\"):fast(2)", vec![2, 3]),
            ("play(\"a\",\n  drums \"bd\"\n)", vec![]),
            ("local a =\n  notes \"c4\"", vec![]),
            ("local a = notes \"c4\" +\nnotes \"e4\"", vec![]),
            ("local function f() return\n clip { 60 } end", vec![]),
            ("notes = 3", vec![]),
            ("gain(0.5)\nplay(\"a\", \"c4\"):gain(0.5)\nfast(2):rev()", vec![1, 3]),
            ("local function fast(x) end\nfast(2)", vec![]),
            ("s \"bd\"\nlocal s = 3\nn = 3", vec![1]),
        ] {
            let told: Vec<u32> = unplayed(text, &tokens(text)).into_iter().map(|(line, _)| line).collect();
            assert_eq!(told, lines, "{text}");
        }
    }
}
