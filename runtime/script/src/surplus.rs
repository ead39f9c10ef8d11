//! Calls that say more than is heard: values that a function does not take, and functions that give nothing back.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use crate::doc::Doc;
use crate::fault::Fault;
use crate::tokens::{Kind, Token, function_body, is_declared};
use crate::verbs;

/// The calls of a script that say too much or give too little, each with its line.
pub(crate) fn surplus(text: &str, tokens: &[Token]) -> Vec<(u32, Fault)> {
    let word = |i: usize| tokens.get(i).map_or("", |token| token.text(text));
    let mut told = Vec::new();
    for (i, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Word) {
        let name = token.text(text);
        let called = i.checked_sub(1).map_or("", word);
        if word(i + 1) != "(" || called == "function" || is_declared(tokens, text, i) {
            continue;
        }
        let arguments = arguments(text, tokens, i + 1);
        match (called, name) {
            (":", "each") => {
                let note =
                    |at: &Range<usize>| tokens.get(at.start + 2).map_or("note", |token| token.text(text));
                let given = arguments.first();
                told.extend(given.and_then(|at| mute(text, tokens, at, &format!("return {}", note(at)))));
            }
            ("." | ":", _) => {}
            (_, "play" | "each") => {
                told.extend(arguments.get(1).and_then(|at| mute(text, tokens, at, "return \"c4 e4\"")));
                told.extend(surplus_of(name, text, tokens, &arguments));
            }
            _ => told.extend(surplus_of(name, text, tokens, &arguments)),
        }
    }
    told
}

/// The tokens of each argument of the call whose bracket is token `open`; none where it is not closed.
fn arguments(text: &str, tokens: &[Token], open: usize) -> Vec<Range<usize>> {
    let (mut depth, mut all, mut from) = (0_i32, Vec::new(), open + 1);
    let mut i = open;
    while let Some(token) = tokens.get(i) {
        match (token.kind, token.text(text)) {
            (Kind::Word, "function") => {
                i = function_body(tokens, text, i).end;
                continue;
            }
            (Kind::Sign, "(" | "[" | "{") => depth += 1,
            (Kind::Sign, ")" | "]" | "}") => depth -= 1,
            (Kind::Sign, ",") if depth == 1 => {
                all.push(from..i);
                from = i + 1;
            }
            _ => {}
        }
        if depth == 0 {
            if from < i {
                all.push(from..i);
            }
            return all;
        }
        i += 1;
    }
    Vec::new()
}

/// What a function is given beyond what it takes.
fn surplus_of(name: &str, text: &str, tokens: &[Token], arguments: &[Range<usize>]) -> Option<(u32, Fault)> {
    // Read once and never changed: reading all the documentation at each keystroke would be most of what one costs.
    static TAKEN: LazyLock<HashMap<String, usize>> = LazyLock::new(taken);
    let taken = *TAKEN.get(name)?;
    let first = arguments.get(taken)?;
    let (from, to) = (&tokens[first.start], &tokens[first.end - 1]);
    if text[from.at.clone()] == *"nil" {
        return None;
    }
    let takes = match taken {
        0 => "takes nothing".to_owned(),
        1 => "takes one value".to_owned(),
        many => format!("takes {many} values"),
    };
    let fault = Fault::new(format!("`{name}` {takes}: this one is not heard"));
    let help = "take it away; for several at once there are stack(…) and cat(…)";
    Some((from.line, fault.at(from.at.start..to.at.end).help(help)))
}

/// How many values each function takes that says so: those with dots take any number, verbs say themselves what is too
/// much for them. Functions of the library are Lua's, and may stand for something else as well.
fn taken() -> HashMap<String, usize> {
    let mut taken: HashMap<String, Option<usize>> = HashMap::new();
    for doc in crate::bind::docs().into_iter().filter_map(Doc::parse) {
        let plain = !doc.name.contains([':', '.']) && !verbs::all().any(|verb| verb.answers_to(&doc.name));
        let list = doc.signature.split_once('(').and_then(|(_, list)| list.strip_suffix(')'));
        let count = match list {
            Some(list) if plain && !list.contains(['…', '.']) => {
                Some(list.split(',').filter(|one| !one.trim().is_empty()).count())
            }
            _ => None,
        };
        let known = taken.entry(doc.name).or_insert(count);
        *known = known.zip(count).map(|(known, count)| known.max(count));
    }
    taken.into_iter().filter_map(|(name, count)| Some((name, count?))).collect()
}

/// A function that is written out and has no `return`, though something is asked of it, such as `returned`.
fn mute(text: &str, tokens: &[Token], argument: &Range<usize>, returned: &str) -> Option<(u32, Fault)> {
    let token = tokens.get(argument.start).filter(|token| token.text(text) == "function")?;
    let body = function_body(tokens, text, argument.start);
    let words = || tokens[body.clone()].iter().map(|token| token.text(text));
    let parameters = words().position(|word| word == ")")?;
    // One without anything in it is meant to give nothing.
    let is_empty = body.len() <= parameters + 2;
    if is_empty || words().any(|word| word == "return") {
        return None;
    }
    let fault = Fault::new("this function gives nothing back, so nothing is heard of it");
    Some((
        token.line,
        fault.at(token.at.clone()).help(format!("write return before what it makes, as in {returned}")),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Mark;
    use crate::tokens::tokens;

    #[test]
    fn what_is_not_heard_is_told_where_it_stands() {
        for (text, marked) in [
            ("play(\"a\", drums(\"bd*4\", \"hh*8\"))", vec!["\"hh*8\""]),
            ("play(\"a\", \"c4\", {}, 3 + 4)", vec!["3 + 4"]),
            ("seed(1, 2)\nread(\"a.abc\", {}, f(1, 2))", vec!["2", "f(1, 2)"]),
            (
                "print(\"a\", 1)\nlocal l = line(0, 1, 16)\ntempo(120)\nplay(\"a\", stack(\"c4\", \"e4\", \"g4\"))",
                vec![],
            ),
            ("local function drums(a, b) return a end\nplay(\"a\", drums(1, 2))", vec![]),
            ("drums(table.unpack({ 1, 2 }))\nseed(1, nil)", vec![]),
            ("play(\"a\", function(b) local x = \"c4 e4\" end)", vec!["function"]),
            ("play(\"a\", each(1, function(n) local x = n end))", vec!["function"]),
            ("play(\"a\", notes(\"c4\"):each(function(n) n.velocity = .5 end))", vec!["function"]),
            ("play(\"a\", function() end)\nplay(\"b\", function(b) return \"c4\" end)", vec![]),
            ("loop(\"a\", function() note \"c4\" sleep(1) end)", vec![]),
            ("play(\"a\", drums(", vec![]),
        ] {
            let told = surplus(text, &tokens(text));
            let told: Vec<&str> = told
                .iter()
                .map(|(_, fault)| match &fault.mark {
                    Mark::At(bytes) => &text[bytes.clone()],
                    _ => "?",
                })
                .collect();
            assert_eq!(told, marked, "{text}");
        }
    }
}
