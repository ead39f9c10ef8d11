//! Mistakes that are known by the words they are written with: what is looked for in the tokens around an
//! error, what is wrong there, and what to write instead.
//!
//! What is looked for is written as words with spaces between them, each of which is one token:
//!
//! | word | stands for |
//! |---|---|
//! | `^` | nothing: the next token begins its line |
//! | `$end` | nothing: the token before ends its line |
//! | `$word` | a name that is no keyword |
//! | `$number`, `$text` | a number, a text in quotes |
//! | `$value` | a name, a number or a text |
//! | `$any` | any one token |
//! | `a/b` | the token `a` or the token `b` (`/` alone is itself) |
//! | `@…` | the same, and the caret is under it |
//!
//! In what is told, `{0}` is the first token that was found, `{1}` the second.

use std::ops::RangeInclusive;

use crate::fault::Fault;
use crate::tokens::{Kind, Token};

/// One mistake.
pub(crate) struct Mistake {
    looks: &'static str,
    message: &'static str,
    help: &'static str,
}

const fn mistake(looks: &'static str, message: &'static str, help: &'static str) -> Mistake {
    Mistake { looks, message, help }
}

const COMMENT: &str = "write two dashes before a comment, as in -- louder here";
const BLOCK: &str = "write then or do where the block begins, and end where it ends";

/// What the compiler refuses. The first that is found is told.
pub(crate) const SYNTAX: &[Mistake] = &[
    // Comments.
    mistake("^ @#", "`#` begins no comment", COMMENT),
    mistake("^ @//", "`//` begins no comment", COMMENT),
    mistake("@/ @*", "`/*` begins no comment", COMMENT),
    mistake("^ @* $word", "`*` begins no comment", COMMENT),
    mistake(")/$text @# $word $text/$number", "`#` is a sign of Tidal", "write :{2}({3}) behind the music"),
    mistake(")/$text @# $word (", "`#` is a sign of Tidal", "write :{2}(…) behind the music"),
    mistake(")/}/]/$value @# $word", "`#` begins no comment", COMMENT),
    mistake(") @//", "`//` begins no comment", COMMENT),
    mistake("@// $word $word", "`//` begins no comment", COMMENT),
    // Quotes of a word processor.
    mistake("@“/”/„/«/»", "a text stands in plain quotes", "write \" on both sides of it"),
    mistake("@‘/’/‚", "a text stands in plain quotes", "write \" or ' on both sides of it"),
    // Words of other languages.
    mistake("^ @let/var/const $word =", "`{0}` is a word of JavaScript", "write local {1} = …"),
    mistake("^ @let/var/const $word", "`{0}` is a word of JavaScript", "write local {1}"),
    mistake("^ @def $word (", "`def` is a word of Python", "write function {1}(…) … end"),
    mistake("for $word in @range ( $value )", "a for loop has no `range`", "write for {1} = 1, {5} do … end"),
    mistake("for $word in @range", "a for loop has no `range`", "write for {1} = 1, 4 do … end"),
    mistake("for @( ", "a for loop has no brackets", "write for i = 1, 4 do … end"),
    mistake("@lambda $word :", "`lambda` is a word of Python", "write function({1}) return … end"),
    mistake("^ $word @: =", "there is no `:=`", "write {0} = …"),
    mistake(
        "^ @loop do",
        "`loop` is given a name and a function",
        "write loop(\"name\", function() … sleep(1) end)",
    ),
    mistake("@elif", "`elif` is a word of Python", "write elseif"),
    mistake(
        "^ $word @$ ",
        "`$` is a sign of Tidal",
        "write play(\"{0}\", …), with brackets around what it plays",
    ),
    mistake("@$ ", "`$` is a sign of Tidal", "write brackets around what is given, as in play(\"lead\", …)"),
    mistake("^ play @: $value $end", "`:{2}` is a word of Sonic Pi", "write play(\"lead\", \"{2}\")"),
    // Signs of other languages.
    mistake("$word @+ @+", "there is no `++`", "write {0} += 1"),
    mistake("@! @=", "there is no `!=`", "write ~= for: is not"),
    mistake("@& @&", "there is no `&&`", "write and"),
    mistake("@| @|", "there is no `||`", "write or"),
    mistake("@= @= @=", "there is no `===`", "write == to compare"),
    mistake("@== @=", "there is no `===`", "write == to compare"),
    mistake("@! $any", "there is no `!`", "write not before it, as in not {1}"),
    mistake("function ( $word ) @= @>", "there is no `=>`", "write function({2}) return … end"),
    mistake("( $word ) @= @>", "there is no `=>`", "write function({1}) return … end"),
    mistake("$word @= @>", "there is no `=>`", "write function({0}) return … end"),
    mistake("( ) @= @>", "there is no `=>`", "write function() return … end"),
    mistake("- @>", "there is no `->`", "write function(x) return … end"),
    mistake(
        "if $word @= $any",
        "`=` sets a name, and compares nothing",
        "write == to compare, as in {1} == {3}",
    ),
    mistake(
        "$any @?",
        "there is no `?` in a script",
        "write if … then … else …, or ? inside a text, as in \"c4?\"",
    ),
    // Lists and tables.
    mistake("@[ ]", "a list stands in braces", "write {}"),
    mistake(
        "(/,/=/{/return @[ $text/$number",
        "a list stands in braces",
        "write { {2} } in place of [ {2} ]",
    ),
    mistake("^ @[ $text/$number", "a list stands in braces", "write { {1} } in place of [ {1} ]"),
    mistake("{/, $word @: $number/$text/true/false/{", "an option is set with `=`", "write {1} = {3}"),
    mistake("{/, $word @: $word ,/}", "an option is set with `=`", "write {1} = {3}"),
    mistake(
        "{/,/(/= $text : @$word (/$text",
        "`{3}` is of music, and a text in quotes is no music yet",
        "write notes({1}):{3}(…), or drums({1}):{3}(…) where it names drums",
    ),
    mistake(
        "{/, $text @: ",
        "an option is set with `=`, and its name has no quotes",
        "write name = value, as in { bars = 4 }",
    ),
    // Brackets around what is given.
    mistake("clip @$number", "a list of notes stands in braces", "write clip { {1} }"),
    mistake(
        "^ play/draw @$number",
        "`{0}` needs brackets, and the slot's name first",
        "write {0}(\"lead\", {1})",
    ),
    mistake(
        "@sleep/sync/cue/note/hit $number/$word",
        "`{0}` needs brackets around what it is given",
        "write {0}({1})",
    ),
    mistake("^ $word @$number", "`{0}` needs brackets around what it is given", "write {0}({1})"),
    mistake("^ $word @true/false/nil", "`{0}` needs brackets around what it is given", "write {0}({1})"),
    mistake("^ $word @$text ,", "`{0}` needs brackets around all that it is given", "write {0}({1}, …)"),
    mistake(
        "^ $word @$text +/-/*/..",
        "`{0}` needs brackets around all that it is given",
        "write {0}({1} {2} …), and .. to join texts",
    ),
    mistake(
        "^ play/draw @$word $end",
        "`{0}` needs brackets around what it is given",
        "write {0}(\"{1}\", …)",
    ),
    mistake(
        "^ silence/solo @$word $end",
        "`{0}` needs brackets around what it is given",
        "write {0}(\"{1}\")",
    ),
    mistake("^ play/draw @$word ,", "`{0}` needs brackets around what it is given", "write {0}(\"{1}\", …)"),
    mistake("^ $word @$word ,", "`{0}` needs brackets around what it is given", "write {0}({1}, …)"),
    mistake("^ $word @$word $end", "`{0}` needs brackets around what it is given", "write {0}({1})"),
    // Methods.
    mistake(": @$word = $any", "`{1}` is called, not set", "write :{1}({3})"),
    mistake(": @$word $number", "`{1}` needs brackets around what it is given", "write :{1}({2})"),
    mistake(": @$word $end", "`{1}` needs brackets", "write :{1}()"),
    // Blocks of other languages.
    mistake("else @if", "`else if` opens one more if", "write elseif, or one end more"),
    mistake("if/while/for/else/function $any $any $any @{ $end", "a block has no braces", BLOCK),
    mistake(") @{ $end", "a block has no braces", BLOCK),
    mistake("else @{", "a block has no braces", BLOCK),
    mistake("else @:", "a block has no colon", BLOCK),
    mistake("@: $end", "a block has no colon", BLOCK),
];

/// What fails while it runs, when the message is the one that `says` begins with or holds.
pub(crate) struct Slip {
    /// A part of the message.
    says: &'static str,
    mistake: Mistake,
}

const fn slip(says: &'static str, looks: &'static str, message: &'static str, help: &'static str) -> Slip {
    Slip { says, mistake: mistake(looks, message, help) }
}

/// What fails while it runs, and is known by the words around it.
const SLIPS: &[Slip] = &[
    slip(
        "`range` ",
        "for $word in @range ( $value )",
        "a for loop has no `range`",
        "write for {1} = 1, {5} do … end",
    ),
    slip("`range` ", "for $word in @range", "a for loop has no `range`", "write for {1} = 1, 4 do … end"),
    slip(
        "unknown name `f`",
        "@f $text",
        "`f` before a text is of Python",
        "write backticks around it, as in `{ tempo() } beats`",
    ),
    slip("unknown name", "play/draw ( @$word ,", "the slot's name has no quotes", "write {0}(\"{2}\", …)"),
    slip("unknown name", "key/meter/quantum ( @$word )", "a text stands in quotes", "write {0} \"{2}\""),
    slip(
        "cannot calculate with nil",
        "@state . $word +/-/*",
        "`state.{2}` is not set yet",
        "write (state.{2} or 0) {3} …",
    ),
    slip("unknown name", "silence/solo ( @$word )", "the slot's name has no quotes", "write {0}(\"{2}\")"),
    slip(
        "belongs to Lilt",
        "@$word . $word =",
        "`{0}` belongs to Lilt and cannot be changed",
        "make a table of your own",
    ),
    slip(
        "unknown name",
        "every/firstOf/lastOf/when/off/within/someCycles ( $any , @$word : $word",
        "`{0}` needs a function here",
        "write function({4}) return {4}:{6}(…) end",
    ),
    slip(
        "unknown name",
        "sometimes/often/rarely/always/almostAlways/superimpose/jux/chunk ( @$word : $word",
        "`{0}` needs a function here",
        "write function({2}) return {2}:{4}(…) end",
    ),
    slip(
        "nothing",
        "$word [ @0 ]",
        "`{0}[0]` is nothing: a list counts from 1",
        "write {0}[1] for its first",
    ),
    slip("nil", "$word [ @0 ]", "`{0}[0]` is nothing: a list counts from 1", "write {0}[1] for its first"),
    slip(
        "a text in quotes is no music yet",
        "( $text ) : @$word ( )",
        "`{4}` is of music, and a text in quotes is no music yet",
        "write notes({1}):{4}(), or drums({1}):{4}() where it names drums",
    ),
    slip(
        "a text in quotes is no music yet",
        "( $text ) : @$word",
        "`{4}` is of music, and a text in quotes is no music yet",
        "write notes({1}):{4}(…), or drums({1}):{4}(…) where it names drums",
    ),
    slip("with a dot", ") @. $word", "`{2}` is called with a dot", "write a colon: :{2}(…)"),
    slip("with a dot", "$word @. $word (", "`{2}` is called with a dot", "write a colon: {0}:{2}(…)"),
    slip(
        "cannot calculate",
        "$text @+/-/* $number",
        "a text in quotes is no music yet",
        "write notes({0}) {1} {2}, or .. to join texts",
    ),
    slip(
        "cannot calculate",
        "$text @+ $any",
        "texts cannot be added",
        "write .. to join them, as in {0} .. {2}",
    ),
    slip(
        "cannot calculate",
        "$any @+ $text",
        "texts cannot be added",
        "write .. to join them, as in {0} .. {2}",
    ),
];

/// The mistake that a message about these lines comes from, if it is a known one.
pub(crate) fn slipped(message: &str, text: &str, tokens: &[Token], line: u32) -> Option<Fault> {
    let known = SLIPS.iter().filter(|slip| message.contains(slip.says));
    known.map(|slip| &slip.mistake).find_map(|mistake| found(mistake, text, tokens, &(line..=line)))
}

/// The first known mistake of syntax on the lines, the last line first.
pub(crate) fn syntax(text: &str, tokens: &[Token], lines: RangeInclusive<u32>) -> Option<Fault> {
    let last = *lines.end();
    let find =
        |lines: RangeInclusive<u32>| SYNTAX.iter().find_map(|mistake| found(mistake, text, tokens, &lines));
    find(last..=last).or_else(|| find(lines))
}

const KEYWORDS: [&str; 21] = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil",
    "not", "or", "repeat", "return", "then", "true", "until", "while",
];

/// Whether one token is what is looked for.
fn is(looks: &str, token: &Token, text: &str) -> bool {
    let written = token.text(text);
    let name = token.kind == Kind::Word && !KEYWORDS.contains(&written);
    let one = |looks: &str| match looks {
        "$word" => name,
        "$number" => token.kind == Kind::Number,
        "$text" => token.kind == Kind::Text,
        "$value" => name || matches!(token.kind, Kind::Number | Kind::Text),
        "$any" => true,
        looks => looks == written,
    };
    if looks.chars().any(|c| c != '/') { looks.split('/').any(one) } else { looks == written }
}

/// The mistake where it first begins on these lines.
fn found(mistake: &Mistake, text: &str, tokens: &[Token], lines: &RangeInclusive<u32>) -> Option<Fault> {
    let from = tokens.partition_point(|token| token.line < *lines.start());
    let to = tokens.partition_point(|token| token.line <= *lines.end());
    (from..to).find_map(|start| {
        let mut at = start;
        let mut caret: Option<std::ops::Range<usize>> = None;
        for looks in mistake.looks.split_whitespace() {
            let new_line = |at: usize| match (at.checked_sub(1).map(|i| &tokens[i]), tokens.get(at)) {
                (Some(before), Some(token)) => text[before.at.end..token.at.start].contains('\n'),
                _ => true,
            };
            match looks {
                "^" | "$end" if new_line(at) => continue,
                "^" | "$end" => return None,
                _ => {}
            }
            let (marked, looks) = match looks.strip_prefix('@') {
                Some(looks) => (true, looks),
                None => (false, looks),
            };
            let token = tokens.get(at).filter(|token| is(looks, token, text))?;
            if marked {
                let first = caret.map_or(token.at.start, |caret| caret.start);
                caret = Some(first..token.at.end);
            }
            at += 1;
        }
        let caret = caret.unwrap_or(tokens[start].at.clone());
        let fill = |told: &str| {
            (start..at).enumerate().fold(told.to_owned(), |told, (i, token)| {
                told.replace(&format!("{{{i}}}"), &crate::said::cut(tokens[token].text(text).to_owned(), 40))
            })
        };
        Some(Fault::new(fill(mistake.message)).help(fill(mistake.help)).at(caret))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::tokens;

    #[test]
    fn what_is_told_names_only_what_was_found() {
        for mistake in SYNTAX.iter().chain(SLIPS.iter().map(|slip| &slip.mistake)) {
            let words = mistake.looks.split_whitespace().filter(|word| !matches!(*word, "^" | "$end"));
            let count = words.count();
            for told in [mistake.message, mistake.help] {
                let asked = (0..9).filter(|i| told.contains(&format!("{{{i}}}"))).max();
                assert!(asked.is_none_or(|asked| asked < count), "{}: {told}", mistake.looks);
            }
        }
    }

    #[test]
    fn the_caret_is_under_what_is_marked() {
        let text = "if a then\n  x++\nend";
        let fault = syntax(text, &tokens(text), 1..=3).expect("found");
        assert_eq!(fault, Fault::new("there is no `++`").help("write x += 1").at(13..15));
        assert_eq!(syntax(text, &tokens(text), 3..=3), None);
    }
}
