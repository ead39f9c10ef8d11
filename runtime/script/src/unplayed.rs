//! Music that is written and played by nothing.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use crate::fault::Fault;
use crate::tokens::{Kind, Token, function_body, is_declared, is_keyword};
use crate::verbs;

/// What makes music and plays none.
const MAKERS: [&str; 7] = ["drums", "notes", "numbers", "clip", "sound", "s", "n"];

/// The statements of a script that only make music, each with its line.
pub(crate) fn unplayed(text: &str, tokens: &[Token]) -> Vec<(u32, Fault)> {
    let loops = loops(text, tokens);
    let is_called = |i: usize| {
        let next = tokens.get(i + 1).map(|next| (next.kind, next.text(text)));
        matches!(next, Some((Kind::Text, _) | (Kind::Sign, "(" | "{")))
    };
    let is_own = |i: usize| is_declared(tokens, text, i);
    // Between braces a word may follow another without beginning a statement.
    let (mut braces, mut told) = (0i32, Vec::new());
    for (i, token) in tokens.iter().enumerate() {
        let written = token.text(text);
        match written {
            "{" => braces += 1,
            "}" => braces -= 1,
            _ if braces == 0 && MAKERS.contains(&written) && begins_statement(tokens, text, i) => {
                let given = tokens.get(i + 1).map_or("", |next| next.text(text));
                if is_called(i) && !is_own(i) {
                    let slot = if matches!(written, "drums" | "sound" | "s") { "beat" } else { "lead" };
                    let example = match (tokens.get(i + 1).map(|next| next.kind), written) {
                        (Some(Kind::Text), "notes") => given.to_owned(),
                        (Some(Kind::Text), _) => format!("{written} {given}"),
                        _ if given == "(" => format!("{written}(…)"),
                        _ => format!("{written} {{ … }}"),
                    };
                    let fault = Fault::new("nothing plays this").at(token.at.clone());
                    let help = match (loops.iter().any(|body| body.contains(&i)), slot) {
                        (true, "beat") => {
                            "write hit \"bd\" in a loop, and sleep(1) before the next".to_owned()
                        }
                        (true, _) => "write note \"c4\" in a loop, and sleep(1) before the next".to_owned(),
                        (false, _) => format!("write play(\"{slot}\", {example})"),
                    };
                    told.push((token.line, fault.help(help)));
                }
            }
            "synth" if begins_statement(tokens, text, i) && is_called(i) && !is_own(i) => {
                let fault = Fault::new("an instrument alone changes nothing").at(token.at.clone());
                let help = "write :on(synth \"saw\") behind play(…), or sound = \"saw\" among the options of a loop's note";
                told.push((token.line, fault.help(help)));
            }
            _ if braces == 0 && begins_statement(tokens, text, i) && is_change(written) => {
                let given = tokens.get(i + 1).map_or("", |next| next.text(text));
                if given == "(" && !is_own(i) {
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

/// What the rounds of loops are made of, as tokens.
fn loops(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text(text));
    let loops = (0..tokens.len()).filter(|at| word(*at) == "loop" && word(*at + 4) == "function");
    loops.map(|at| function_body(tokens, text, at + 4)).collect()
}

/// True where a token begins a statement: what stands before it has ended, or opens a block. Behind `then` and `else`
/// a value may stand.
fn begins_statement(tokens: &[Token], text: &str, i: usize) -> bool {
    let Some(before) = i.checked_sub(1).map(|i| &tokens[i]) else { return true };
    let word = before.text(text);
    match before.kind {
        Kind::Sign => matches!(word, ")" | "]" | "}" | ";"),
        Kind::Word => {
            !is_keyword(word) || matches!(word, "do" | "repeat" | "end" | "nil" | "true" | "false" | "break")
        }
        Kind::Number | Kind::Text => true,
    }
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
            ("loop(\"a\", function() sound \"bd\" sleep(1)\n notes(\"c4\") end)", vec![1, 2]),
            ("each(4, function(n) drums \"bd\" end)", vec![1]),
            ("each(4, function(n) n += 1 return drums \"bd\" end)", vec![]),
            ("play(\"a\", \"c4\") drums \"bd\"", vec![1]),
            ("play(\"a\", if x then drums \"bd\" else drums \"sd\")", vec![]),
            ("local t = { notes \"c4\"; notes \"e4\" }", vec![]),
            ("loop(\"a\", function()\n  synth(\"saw\")\n note(60) sleep(1) end)", vec![2]),
            ("play(\"a\", \"c4\"):on(\n  synth \"saw\"\n)", vec![]),
        ] {
            let told: Vec<u32> = unplayed(text, &tokens(text)).into_iter().map(|(line, _)| line).collect();
            assert_eq!(told, lines, "{text}");
        }
    }
}
