//! Mistakes that are known by the words they are written with: what is looked for in the tokens around an
//! error, what is wrong there, and what to write instead.
//!
//! What is looked for is written as words with spaces between them, each of which is one token:
//!
//! | word | stands for |
//! |---|---|
//! | `^` | nothing: the next token begins its line |
//! | `$end` | nothing: the token before ends its line |
//! | `$rest` | as few tokens as will do, of one line and before a `then` or `do` |
//! | `$word` | a name that is no keyword |
//! | `$verb` | a name of a verb |
//! | `$number`, `$text` | a number, a text in quotes |
//! | `$value` | a name, a number or a text |
//! | `$any` | any one token |
//! | `a/b` | the token `a` or the token `b` (`/` alone is itself) |
//! | `@…` | the same, and the caret is under it |
//!
//! In what is told, `{0}` is the first token that was found, `{1}` the second.

use std::ops::{Range, RangeInclusive};

use crate::fault::Fault;
use crate::tokens::{Kind, Token, is_keyword};
use crate::verbs;

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
const BRACKETS: &str = "`{0}` needs brackets around what it is given";
const BLOCK: &str = "write then or do where the block begins, and end where it ends";

/// What the compiler refuses. The first that is found is told.
pub(crate) const SYNTAX: &[Mistake] = &[
    // Comments.
    mistake("^ @# $verb $text/$number $end", "`#` is a sign of Tidal", "write :{1}({2}) behind the music"),
    mistake("^ @# $verb $text/$number/(", "`#` is a sign of Tidal", "write :{1}(…) behind the music"),
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
    mistake("for $word in @[", "a list stands in braces", "write for _, {1} in { … } do … end"),
    mistake(
        "for $word in/= $number @../... $number/$word",
        "a for loop counts with a comma",
        "write for {1} = {3}, {5} do … end",
    ),
    mistake(
        "for $word = $number @to/until $number/$word",
        "a for loop counts with a comma",
        "write for {1} = {3}, {5} do … end",
    ),
    mistake("for $word @of $any", "`of` is a word of JavaScript", "write for _, {1} in {3} do … end"),
    mistake("^ for @$number", "a for loop needs a name to count with", "write for i = 1, {1} do … end"),
    mistake(
        "^ repeat @( $number )",
        "`repeat` goes on until something is true",
        "write for i = 1, {2} do … end",
    ),
    mistake("^ repeat @$number", "`repeat` goes on until something is true", "write for i = 1, {1} do … end"),
    mistake("for @( ", "a for loop has no brackets", "write for i = 1, 4 do … end"),
    mistake("@lambda $word :", "`lambda` is a word of Python", "write function({1}) return … end"),
    mistake("^ $word @: =", "there is no `:=`", "write {0} = …"),
    mistake(
        "^ @loop do/{",
        "`loop` is given a name and a function",
        "write loop(\"name\", function() … sleep(1) end)",
    ),
    mistake(
        "^ @loop $text do/{",
        "`loop` is given a name and a function",
        "write loop({1}, function() … sleep(1) end)",
    ),
    mistake(
        "^ @loop ( $text ) do/{",
        "`loop` is given a name and a function",
        "write loop({2}, function() … sleep(1) end)",
    ),
    mistake(", @do", "what is played is given as a function", "write function() … end"),
    mistake("@elif", "`elif` is a word of Python", "write elseif"),
    mistake("^ @$ :", "`$:` is a sign of Strudel", "write play(\"lead\", …), with another name for each"),
    mistake(
        "^ $word @> >",
        "`>>` is a sign of FoxDot",
        "write play(\"{0}\", …), with what it plays in brackets",
    ),
    mistake("@~ @>", "`~>` is a sign of Tidal", "write :late(1/4) behind the music"),
    mistake("@< @~", "`<~` is a sign of Tidal", "write :early(1/4) behind the music"),
    mistake(
        "@| @+/-/*/<",
        "`{0}{1}` is a sign of Tidal",
        "write :add(…), :mul(…) or :set(…) behind the music",
    ),
    mistake("@+/-/* @|", "`{0}{1}` is a sign of Tidal", "write :add(…), :mul(…) or :set(…) behind the music"),
    mistake(
        "^ $word @$ ",
        "`$` is a sign of Tidal",
        "write play(\"{0}\", …), with brackets around what it plays",
    ),
    mistake("@$ ", "`$` is a sign of Tidal", "write brackets around what is given, as in play(\"lead\", …)"),
    mistake(
        "^ play @$number , $word :",
        "`play` needs brackets, and the slot's name first",
        "write play(\"lead\", {1}), and options as methods behind it",
    ),
    mistake(
        "^ play @: $word ,",
        "`:{2}` is a word of Sonic Pi",
        "write play(\"lead\", \"{2}\"):…, with options as methods",
    ),
    mistake("^ play @: $value $end", "`:{2}` is a word of Sonic Pi", "write play(\"lead\", \"{2}\")"),
    // Signs of other languages.
    mistake("(/, @: $word", "`:{2}` is a word of Sonic Pi", "write \"{2}\""),
    mistake("do @| $rest |", "a block takes its names as a function does", "write function(…) … end"),
    mistake("(/, @| $word |", "`|` begins no function", "write function({2}) return … end"),
    mistake("function ( $word ) @{", "a function has no braces", "write function({2}) … end"),
    mistake("function ( ) @{", "a function has no braces", "write function() … end"),
    mistake("function $word ( $rest ) @{", "a function has no braces", "write function {1}(…) … end"),
    mistake("function ( $word ) @:", "a function has no colon", "write function({2}) return … end"),
    mistake("@\\ $word - >", "`\\` begins no function", "write function({1}) return … end"),
    mistake("$word @= @+ $any", "there is no `=+`", "write {0} += {3}, or {0} = {3}"),
    mistake("@* @*", "there is no `**`", "write ^ for a power, as in 2 ^ 3"),
    mistake("@< @>", "there is no `<>`", "write ~= for: is not"),
    mistake("@≠", "there is no `≠`", "write ~= for: is not"),
    mistake("if/while/elseif/until $word @/=", "`/=` divides", "write ~= for: is not"),
    mistake("if/while/elseif/until $word @is None", "`is` is a word of Python", "write {1} == nil"),
    mistake("if/while/elseif/until $word @is not", "`is` is a word of Python", "write ~= for: is not"),
    mistake("if/while/elseif/until $word @is $any", "`is` is a word of Python", "write {1} == {3}"),
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
    mistake("function ( ) @= @>", "there is no `=>`", "write function() return … end"),
    mistake("- @>", "there is no `->`", "write function(x) return … end"),
    mistake(
        "if $word @= $any",
        "`=` sets a name, and compares nothing",
        "write == to compare, as in {1} == {3}",
    ),
    mistake(
        "while/elseif/until $word @= $any",
        "`=` sets a name, and compares nothing",
        "write == to compare, as in {1} == {3}",
    ),
    mistake(
        "return $word @= $any",
        "`=` sets a name, and compares nothing",
        "write == to compare, as in {1} == {3}",
    ),
    mistake("$word = $word @= $any", "`=` sets one name at a time", "write {2} = {4} on a line before it"),
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
    mistake(
        "play/draw @[ $any",
        "`{0}` needs brackets, and the slot's name first",
        "write {0}(\"lead\", \"[c4,e4]\") for notes that sound together",
    ),
    mistake(
        "(/,/=/{/return @[ $any",
        "notes stand in quotes, and a list in braces",
        "write \"[c4 e4]\" for notes, or { … } for a list",
    ),
    mistake("(/, @<", "notation stands in quotes", "write \"<c4 e4>\""),
    mistake("(/,/{/= @~", "a rest stands in quotes", "write \"~\", or ~ among the notes of a text"),
    mistake("@, )", "this comma is one too many", "take it away"),
    mistake("( $text @: $text/$number/{", "what is given stands behind a comma", "write {1}, …"),
    mistake(
        "( $any , $word @: $number/$text",
        "an option stands in braces, and is set with `=`",
        "write { {3} = {5} }",
    ),
    mistake("{/,/; $word @: $number/$text/true/false/{", "an option is set with `=`", "write {1} = {3}"),
    mistake("{/, $word @: $word ,/}", "an option is set with `=`", "write {1} = {3}"),
    mistake(
        "{/,/(/= $text : @$word (/$text",
        "`{3}` is of music, and a text in quotes is no music yet",
        "write notes({1}):{3}(…), or drums({1}):{3}(…) where it names drums",
    ),
    mistake(
        "{/,/(/= $text . @$word (/$text",
        "`{3}` is of music, and a text in quotes is no music yet",
        "write notes({1}):{3}(…), or drums({1}):{3}(…) where it names drums",
    ),
    mistake(
        "^ $text ./: @$word",
        "a text alone plays nothing",
        "write play(\"lead\", notes({0}):{2}(…)), or drums({0}) where it names drums",
    ),
    mistake("{/, $text @=", "an option's name has no quotes", "write name = value, as in { bars = 4 }"),
    mistake(
        "{/, $text @: ",
        "an option is set with `=`, and its name has no quotes",
        "write name = value, as in { bars = 4 }",
    ),
    // Brackets around what is given.
    mistake("{/, @$word $number ,/}", "an option is set with `=`", "write {1} = {2}"),
    mistake(
        "^ @$word : $number",
        "a name is set with `=`, and what is called has brackets",
        "write {0}({2}), or {0} = {2}",
    ),
    mistake("local $word @: $number/$text", "a name is set with `=`", "write local {1} = {3}"),
    mistake("clip @$number", "a list of notes stands in braces", "write clip { {1} }"),
    mistake(
        "^ play/draw @$number",
        "`{0}` needs brackets, and the slot's name first",
        "write {0}(\"lead\", {1})",
    ),
    mistake(
        "^ play/draw @$word (",
        "`{0}` needs brackets, and the slot's name first",
        "write {0}(\"lead\", {1}(…))",
    ),
    mistake(
        "drums/notes/sound/degrees/chords @$word",
        "what `{0}` is given stands in quotes",
        "write {0} \"{1} …\"",
    ),
    mistake("@sleep/sync/cue/note/hit $number/$word", BRACKETS, "write {0}({1})"),
    mistake("^ meter @$number / $number", "a metre stands in quotes", "write meter \"{1}/{3}\""),
    mistake("^ $word @$number", BRACKETS, "write {0}({1})"),
    mistake("^ $word @true/false/nil", BRACKETS, "write {0}({1})"),
    mistake(
        "^ $word @$text ,/function",
        "`{0}` needs brackets around all that it is given",
        "write {0}({1}, …)",
    ),
    mistake(
        "^ $word @$text +/-/*/..",
        "`{0}` needs brackets around all that it is given",
        "write {0}({1} {2} …), and .. to join texts",
    ),
    mistake("^ play/draw @$word $end", BRACKETS, "write {0}(\"{1}\", …)"),
    mistake("^ silence/solo @$word $end", BRACKETS, "write {0}(\"{1}\")"),
    mistake("^ play/draw @$word ,", BRACKETS, "write {0}(\"{1}\", …)"),
    mistake("^ $word @$word ,", BRACKETS, "write {0}({1}, …)"),
    mistake("^ $word @$word $end", BRACKETS, "write {0}({1})"),
    // Methods.
    mistake(": on @$word $end", "what `on` is given stands in quotes", "write :on \"{2}\""),
    mistake(": @$word = $any", "`{1}` is called, not set", "write :{1}({3})"),
    mistake(": @$word $number", "`{1}` needs brackets around what it is given", "write :{1}({2})"),
    mistake(": @$word $end", "`{1}` needs brackets", "write :{1}()"),
    // Blocks of other languages.
    mistake("else @if", "`else if` opens one more if", "write elseif, or one end more"),
    mistake("^ @} else/elseif", "a block has no braces", BLOCK),
    mistake("if/while/for/elseif/else $rest @{ $end", "a block has no braces", BLOCK),
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
    slip(
        "unknown name",
        "^ @$word : s/n/note/sound/stack/cat/chord (",
        "a name before music is of Strudel",
        "write play(\"{0}\", …)",
    ),
    slip(
        "is asked of a function",
        "^ @$word : s/n/note/sound/stack/cat/chord (",
        "a name before music is of Strudel",
        "write play(\"{0}\", …)",
    ),
    slip(
        "is given nothing to play",
        "^ play/draw @$text $text",
        "`{0}` needs brackets around all that it is given",
        "write {0}({1}, {2})",
    ),
    slip(
        "is given nothing to play",
        "^ play/draw @$text $word $text",
        "`{0}` needs brackets around all that it is given",
        "write {0}({1}, {2} {3})",
    ),
    slip(
        "is given nothing to play",
        "^ play/draw @$text $word",
        "`{0}` needs brackets around all that it is given",
        "write {0}({1}, {2} …)",
    ),
    slip(
        "is given nothing to play",
        "play/draw ( $text , $rest : @chords ( )",
        "this tune has no chords written above it",
        "write if tune:chords() then … end around it, or let a model find some",
    ),
    slip(
        "expects a number, got a change",
        "sometimes/somecycles ( @$number ,",
        "`{0}` takes a change alone",
        "write {0}By({2}, …)",
    ),
    slip(
        "expects a number, got a change",
        "often/rarely/almostAlways/almostNever ( @$number ,",
        "`{0}` takes a change alone",
        "write sometimesBy({2}, …)",
    ),
    slip(
        "cannot compare",
        "@tempo/key/meter >/</>=/<=",
        "`{0}` is a function",
        "write {0}() for what holds now",
    ),
    slip("cannot join", ".. @tempo/key/meter", "`{1}` is a function", "write {1}() for what holds now"),
    slip(
        "takes its music first",
        "@$verb ( $any , $word ( $any ) , $word $text )",
        "`{0}` takes its music first",
        "write :{0}({2}, {4}({6})) behind the music, or {0}({9} {10}, {2}, {4}({6}))",
    ),
    slip(
        "takes its music first",
        "@$verb ( $word ( $any ) , $word $text )",
        "`{0}` takes its music first",
        "write :{0}({2}({4})) behind the music, or {0}({7} {8}, {2}({4}))",
    ),
    slip(
        "takes its music first",
        "@$verb ( $any , $word $text )",
        "`{0}` takes its music first",
        "write :{0}({2}) behind the music, or {0}({4} {5}, {2})",
    ),
    slip(
        "cannot walk through a number",
        "for $word in @$number , $number",
        "a for loop counts with `=`",
        "write for {1} = {3}, {5} do … end",
    ),
    slip(
        "cannot walk through a number",
        "for $word in @$number",
        "a for loop counts from one number to another",
        "write for {1} = 1, {3} do … end",
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

/// Whether one token is what is looked for.
fn is(looks: &str, token: &Token, text: &str) -> bool {
    let written = token.text(text);
    let name = token.kind == Kind::Word && !is_keyword(written);
    if looks == "/=" {
        return written == looks;
    }
    let one = |looks: &str| match looks {
        "$word" => name,
        "$verb" => name && verbs::all().any(|verb| verb.answers_to(written)),
        "$number" => token.kind == Kind::Number,
        "$text" => token.kind == Kind::Text,
        "$value" => name || matches!(token.kind, Kind::Number | Kind::Text),
        "$any" => true,
        looks => looks == written,
    };
    if looks.chars().any(|c| c != '/') { looks.split('/').any(one) } else { looks == written }
}

/// What was found of a mistake: its tokens, and the bytes under the caret.
struct Found {
    end: usize,
    caret: Option<Range<usize>>,
}

/// Most tokens that `$rest` stands for.
const MOST_BETWEEN: usize = 40;

/// What is looked for where the token `at` stands.
fn matched(
    looks: &[&str],
    text: &str,
    tokens: &[Token],
    at: usize,
    caret: Option<Range<usize>>,
) -> Option<Found> {
    let Some((first, rest)) = looks.split_first() else { return Some(Found { end: at, caret }) };
    let new_line = || match (at.checked_sub(1).map(|i| &tokens[i]), tokens.get(at)) {
        (Some(before), Some(token)) => text[before.at.end..token.at.start].contains('\n'),
        _ => true,
    };
    match *first {
        "^" | "$end" => new_line().then(|| matched(rest, text, tokens, at, caret)).flatten(),
        "$rest" => {
            let line = tokens.get(at)?.line;
            let begins = |token: &Token| matches!(token.text(text), "then" | "do");
            let here = tokens[at..]
                .iter()
                .take(MOST_BETWEEN)
                .take_while(|token| token.line == line && !begins(token))
                .count();
            (at..=at + here).find_map(|at| matched(rest, text, tokens, at, caret.clone()))
        }
        looks => {
            let (marked, looks) = looks.strip_prefix('@').map_or((false, looks), |looks| (true, looks));
            let token = tokens.get(at).filter(|token| is(looks, token, text))?;
            let from = caret.as_ref().map_or(token.at.start, |caret| caret.start);
            let caret = if marked { Some(from..token.at.end) } else { caret };
            matched(rest, text, tokens, at + 1, caret)
        }
    }
}

/// The mistake where it first begins on these lines.
fn found(mistake: &Mistake, text: &str, tokens: &[Token], lines: &RangeInclusive<u32>) -> Option<Fault> {
    let from = tokens.partition_point(|token| token.line < *lines.start());
    let to = tokens.partition_point(|token| token.line <= *lines.end());
    let looks: Vec<&str> = mistake.looks.split_whitespace().collect();
    (from..to).find_map(|start| {
        let Found { end, caret } = matched(&looks, text, tokens, start, None)?;
        let caret = caret.unwrap_or(tokens[start].at.clone());
        let fill = |told: &str| {
            (start..end).enumerate().fold(told.to_owned(), |told, (i, token)| {
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
            let words = mistake.looks.split_whitespace().take_while(|word| *word != "$rest");
            let count = words.filter(|word| !matches!(*word, "^" | "$end")).count();
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
