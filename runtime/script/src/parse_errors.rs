//! What the compiler refuses, as what a musician did.

use std::ops::Range;

use lilt_score::{Drum, Pitch};

use crate::diagnostic::{Diagnostic, Severity};
use crate::fault::Fault;
use crate::files::{Files, Place};
use crate::tokens::{Kind, Token, begins_expression, is_keyword};
use crate::{application, foreign, mistakes, verbs};

/// A message of the compiler.
struct Refusal {
    /// What it begins with.
    begins: &'static str,
    /// What is told: `{got}` is what the compiler came upon, `{before}` the token before that.
    message: &'static str,
    help: &'static str,
}

const fn refusal(begins: &'static str, message: &'static str, help: &'static str) -> Refusal {
    Refusal { begins, message, help }
}

const REFUSALS: &[Refusal] = &[
    refusal(
        "Expected 'then' when parsing if statement, got '='",
        "`=` sets a name, and compares nothing",
        "write == to compare",
    ),
    refusal(
        "Expected 'do' when parsing while loop, got '='",
        "`=` sets a name, and compares nothing",
        "write == to compare",
    ),
    refusal("Expected type", "a name is set with `=`", "write = in place of the colon"),
    refusal(
        "Malformed interpolated",
        "a text in backticks reckons what stands in { }",
        "write quotes around notation, as in \"{c4 e4 g4}%4\", or [[ ]] where it has several lines",
    ),
    refusal(
        "Double braces",
        "a text in backticks reckons what stands in { }",
        "write quotes around notation, as in \"{c4 e4 g4}%4\", or [[ ]] where it has several lines",
    ),
    refusal("Incomplete statement", "this line does nothing", "a line must call something or set a name"),
    refusal("Expected 'then'", "`then` is missing before {got}", "write if … then … end"),
    refusal("Expected 'do'", "`do` is missing before {got}", "write for … do … end, or while … do … end"),
    refusal("Expected 'in'", "`in` is missing before {got}", "write for i = 1, 4 do … end"),
    refusal("Expected '=' when", "`=` is missing before {got}", "write name = value"),
    refusal(
        "Expected identifier when parsing variable",
        "a name is missing before {got}",
        "write a name of letters and digits, as in local tune = …",
    ),
    refusal(
        "Expected identifier when parsing method",
        "a method's name is missing before {got}",
        "write it behind the colon, as in :fast(2)",
    ),
    refusal(
        "Expected identifier when parsing expression, got \"",
        "a text alone plays nothing",
        "give it to play, as in play(\"lead\", \"c4 e4\")",
    ),
    refusal(
        "Expected identifier when parsing",
        "a value is missing before {got}",
        "write one behind {before}",
    ),
    refusal("Expected <eof>, got 'end'", "this `end` is one too many", "take it away"),
    refusal("Expected <eof>, got 'else'", "this `else` has no `if` before it", "take it away"),
    refusal("Expected <eof>", "{got} cannot stand here", "begin a line with a call or a name"),
    refusal("Expected '(', '{' or <string>", "{before} is called, and needs brackets", "write ( ) behind it"),
    refusal("Assigned expression", "only a name can be set", "write local name = …"),
    refusal("Malformed number", "{number} is no number", "write digits alone, as in 120 or 0.5"),
    refusal(
        "Expected ',' after table",
        "a comma is missing before {got}",
        "write a comma between two values",
    ),
];

/// A syntax error of the compiler: `set.lua:3: Expected …`.
pub(crate) fn syntax(message: &str, files: &Files, main: &str) -> Diagnostic {
    let (place, message) = files.split_place(message);
    let mut place = place.unwrap_or_else(|| Place { file: main.to_owned(), line: 1 });
    let (text, tokens) = files.get(&place.file).unwrap_or(("", &[]));
    if message.ends_with("<eof>") || message.contains("<eof>;") {
        let last = text.trim_end().lines().count().max(1) as u32;
        place.line = place.line.min(last);
    }
    let error = Refused { message, text, tokens, line: place.line };
    files.diagnostic(error.fault(), &place, Severity::Error)
}

/// One refusal among the tokens of its file.
struct Refused<'a> {
    message: &'a str,
    text: &'a str,
    tokens: &'a [Token],
    line: u32,
}

/// What the compiler wanted closed: `Expected 'end' (to close 'do' at line 3), got …`.
struct Closing<'a> {
    wanted: &'a str,
    /// What opened it, and the token of that.
    opened: &'a str,
    opener: Option<&'a Token>,
}

impl<'a> Refused<'a> {
    fn fault(&self) -> Fault {
        if let Some(open) = self.tokens.last().filter(|token| token.is_open_long(self.text)) {
            let opener = &open.text(self.text)[..open.long_opener(self.text)];
            let closer = opener.replace('[', "]");
            let fault = Fault::new(format!("this `{opener}` has no `{closer}`"));
            let at = open.at.start..open.at.start + opener.len();
            return fault.help(format!("write {closer} where the text ends")).at(at);
        }
        if self.message.starts_with("Malformed string")
            && let Some(open) = self.tokens.iter().find(|token| {
                token.text(self.text).starts_with('`') && self.text[token.at.clone()].contains('\n')
            })
        {
            let fault = Fault::new("a text in backticks ends on its own line");
            let at = open.at.start..open.at.start + 1;
            return fault.help("write [[ and ]] around a text of several lines").at(at);
        }
        if let Some(open) = self.on_line().iter().find(|token| token.is_open(self.text)) {
            let fault = Fault::new("this text in quotes does not end");
            return fault.help("close it with the quote it began with").at(open.at.clone());
        }
        let closing = self.closing();
        if let Some(fault) = self.foreign() {
            return fault;
        }
        if let Some(fault) =
            self.function_without_brackets().or_else(|| self.end_as_method()).or_else(|| self.side_by_side())
        {
            return fault;
        }
        let opened = closing.as_ref().and_then(|closing| closing.opener).map(|opener| opener.line);
        let from = opened.unwrap_or(self.line).min(self.line.saturating_sub(1)).max(1);
        if let Some(fault) = mistakes::syntax(self.text, self.tokens, from..=self.line) {
            return fault;
        }
        if let Some(fault) = closing.and_then(|closing| self.unclosed(&closing)) {
            return fault;
        }
        self.refusal()
    }

    fn on_line(&self) -> &'a [Token] {
        let from = self.tokens.partition_point(|token| token.line < self.line);
        let to = self.tokens.partition_point(|token| token.line <= self.line);
        &self.tokens[from..to]
    }

    /// The line begins with a word of another language.
    fn foreign(&self) -> Option<Fault> {
        let [first, rest @ ..] = self.on_line() else { return None };
        if let ("$", Some(colon)) = (first.text(self.text), rest.first())
            && colon.text(self.text) == ":"
        {
            let begin = self.tokens.partition_point(|token| token.line < self.line) + 2;
            let music = application::read(self.tokens, self.text, begin);
            let played = music.map_or_else(|| "…".to_owned(), |music| music.written);
            let fault = Fault::new("`$:` is a sign of Strudel").at(first.at.start..colon.at.end);
            return Some(fault.help(format!("write play(\"lead\", {played}), with another name for each")));
        }
        let sets = rest.first().is_some_and(|token| token.text(self.text) == "=");
        let fault = foreign::name(first.text(self.text)).filter(|_| !sets)?.at(first.at.clone());
        // A whole line of Tidal.
        let slot = first.text(self.text);
        let begin = self.tokens.partition_point(|token| token.line < self.line) + 1;
        let begin = begin + usize::from(rest.first().is_some_and(|token| token.text(self.text) == "$"));
        let played = slot.strip_prefix('d').is_some_and(|number| number.parse::<u8>().is_ok());
        match played.then(|| application::read(self.tokens, self.text, begin)).flatten() {
            Some(music) if music.written == "silence" => {
                Some(fault.help(format!("write silence \"{slot}\"")))
            }
            Some(music) => Some(fault.help(format!("write play(\"{slot}\", {})", music.written))),
            None => Some(fault),
        }
    }

    /// `:end(0.5)`, as Strudel has it.
    fn end_as_method(&self) -> Option<Fault> {
        self.message.strip_prefix("Expected identifier when parsing method")?;
        let token = self.tokens.get(self.got_at()).filter(|token| token.text(self.text) == "end")?;
        let fault = Fault::new("`end` closes a function, and is no method").at(token.at.clone());
        Some(fault.help("write :endAt(0.5) for where a recorded sound ends"))
    }

    /// `function x return x end`.
    fn function_without_brackets(&self) -> Option<Fault> {
        self.message.strip_prefix("Expected '(' when parsing function")?;
        let at = self.got_at();
        let token = self.tokens.get(at)?;
        let word = token.text(self.text);
        let before = at.checked_sub(1).map_or("", |before| self.tokens[before].text(self.text));
        let name = if before == "function" { String::new() } else { format!(" {before}") };
        let fault = Fault::new("`function` needs brackets around what it takes").at(token.at.clone());
        let is_name = token.kind == Kind::Word && !is_keyword(word) && !self.is_called(at);
        Some(match is_name {
            true => fault.help(format!("write function{name}({word}) … end")),
            false => fault.help(format!("write function{name}() … end where it takes nothing")),
        })
    }

    /// Whether something is given to this token.
    fn is_called(&self, at: usize) -> bool {
        let behind = self.tokens.get(at + 1);
        behind.is_some_and(|behind| behind.kind == Kind::Text || behind.text(self.text) == "(")
    }

    /// Verbs and what they are given side by side.
    fn side_by_side(&self) -> Option<Fault> {
        let incomplete = self.message.starts_with("Incomplete");
        let at = if incomplete {
            self.tokens.partition_point(|token| token.line < self.line) + 1
        } else {
            self.got_at()
        };
        let found = application::around(self.tokens, self.text, at)?;
        let colon = self.text[..found.at.start].trim_end().ends_with(':');
        let written = format!("{}{}", if colon { ":" } else { "" }, found.written);
        let got = self.tokens.get(at)?;
        let word = got.text(self.text);
        let chained =
            verbs::all().any(|verb| verb.answers_to(word)) && found.written.contains(&format!("):{word}("));
        if word == "~" {
            let before = at.checked_sub(1).map(|before| &self.tokens[before]);
            let (signs, from) = match before.filter(|before| before.text(self.text) == "<") {
                Some(before) => ("<~", before.at.start),
                None => ("~>", got.at.start),
            };
            let fault = Fault::new(format!("`{signs}` is a sign of Tidal")).at(from..from + 2);
            return Some(fault.help(format!("write {written}")));
        }
        let fault = match chained {
            true => {
                let told = format!("`{word}` is another verb, and stands behind a colon");
                Fault::new(told).at(got.at.clone())
            }
            false => {
                let told = format!("`{}` needs brackets around what it is given", found.name);
                Fault::new(told).at(found.at)
            }
        };
        Some(fault.help(format!("write {written}")))
    }

    /// What the compiler came upon, as it is written; nothing at the end of the text.
    fn got(&self) -> Option<&'a str> {
        let got = self.message.rsplit_once("got ")?.1;
        let got = got.split_once("; did you").map_or(got, |(got, _)| got);
        let got = got.strip_prefix('\'').and_then(|got| got.strip_suffix('\'')).unwrap_or(got);
        (got != "<eof>").then_some(got)
    }

    /// The token that the compiler came upon. Of several that are written so on the line the first that follows
    /// a value, for the compiler takes what follows a sign.
    fn got_at(&self) -> usize {
        let Some(got) = self.got() else { return self.tokens.len() };
        let quoted = got.strip_prefix('"').and_then(|got| got.strip_suffix('"'));
        let alike = |i: &usize| {
            let (token, written) = (&self.tokens[*i], self.tokens[*i].text(self.text));
            // The compiler shows any text in double quotes.
            let inside = || written.get(1..written.len().saturating_sub(1));
            let text = token.kind == Kind::Text && quoted.is_some() && inside() == quoted;
            token.line == self.line && (written == got || text)
        };
        let all = || (0..self.tokens.len()).filter(alike);
        if self.message.starts_with("Expected <eof>") {
            return all().next_back().unwrap_or(self.tokens.len());
        }
        let surplus = |i: &usize| open_brackets(&self.tokens[..*i], self.text).is_empty();
        if matches!(got, ")" | "]" | "}")
            && let Some(surplus) = all().find(surplus)
        {
            return surplus;
        }
        // Of two commas without anything between them it is the second.
        let empty = |i: &usize| {
            let before = i.checked_sub(1).map_or("", |before| self.tokens[before].text(self.text));
            got == "," && matches!(before, "," | "(" | "{")
        };
        if let Some(comma) = all().find(empty).filter(|_| self.message.starts_with("Expected identifier")) {
            return comma;
        }
        let after_value = |i: &usize| i.checked_sub(1).is_some_and(|before| self.ends_value(before));
        all().find(after_value).or_else(|| all().next()).unwrap_or(self.tokens.len())
    }

    /// Whether a value may end with this token.
    fn ends_value(&self, i: usize) -> bool {
        let token = &self.tokens[i];
        match token.kind {
            Kind::Sign => matches!(token.text(self.text), ")" | "]" | "}"),
            Kind::Word => !matches!(
                token.text(self.text),
                "and" | "or" | "not" | "return" | "then" | "do" | "else" | "in"
            ),
            Kind::Number | Kind::Text => true,
        }
    }

    fn closing(&self) -> Option<Closing<'a>> {
        let (wanted, rest) = self.message.strip_prefix("Expected '")?.split_once("' (to close '")?;
        let (opened, place) = rest.split_once("' at ")?;
        let (at, _) = place.split_once(')')?;
        let number: usize = at.rsplit(' ').next()?.parse().ok()?;
        // The compiler suspects another by its indentation.
        let suspect = self.message.split_once("; did you forget to close '").and_then(|(_, suspect)| {
            let (opened, place) = suspect.split_once("' at line ")?;
            Some((opened, place.trim_end_matches('?').parse().ok()?))
        });
        let (opened, line) = match suspect {
            Some((opened, line)) => (opened, line),
            None if at.starts_with("column") => (opened, self.line),
            None => (opened, number as u32),
        };
        let stands = |token: &&Token| token.line == line && token.text(self.text) == opened;
        let column = |token: &&Token| {
            let begin = self.text[..token.at.start].rfind('\n').map_or(0, |newline| newline + 1);
            token.at.start - begin + 1 == number
        };
        let by_column = suspect.is_none() && at.starts_with("column");
        let before = &self.tokens[..self.got_at()];
        let opener = if by_column {
            self.tokens.iter().filter(stands).find(column)
        } else {
            open_brackets(before, self.text)
                .into_iter()
                .rev()
                .map(|i| &before[i])
                .find(stands)
                .or_else(|| before.iter().rev().find(stands))
        };
        Some(Closing { wanted, opened, opener })
    }

    /// A bracket or a block that nothing closes, or a comma that is missing in it.
    fn unclosed(&self, closing: &Closing<'_>) -> Option<Fault> {
        let Closing { wanted, opened, opener } = closing;
        let opener = (*opener)?;
        let at = self.got_at();
        let token = self.tokens.get(at);
        let before = at.checked_sub(1).map(|i| &self.tokens[i])?;
        if !matches!(*wanted, ")" | "]" | "}") {
            let fault = Fault::new(format!("this `{opened}` has no `{wanted}`"));
            return Some(fault.help(format!("write {wanted} where it ends")).at(opener.at.clone()));
        }
        if let Some(token) = token.filter(|token| token.line == before.line) {
            let written = token.text(self.text);
            let fault = match written {
                ")" | "]" | "}" => Fault::new(format!("this `{written}` closes a `{opened}`"))
                    .help(format!("write `{wanted}` in its place, or before it")),
                "=" if before.kind != Kind::Word => {
                    Fault::new("`=` sets a name, and compares nothing").help("write == to compare")
                }
                "=" => Fault::new("an option stands in braces")
                    .help(format!("write {{ {} = … }}", before.text(self.text))),
                "if" => Fault::new("`if` stands before what it chooses from")
                    .help("write if … then … else …, as in if loud then \"c4\" else \"e4\""),
                _ if token.kind == Kind::Word && is_keyword(written) && !begins_value(written) => {
                    let fault = Fault::new(format!("this `{opened}` is never closed"));
                    return Some(
                        fault.help(format!("write a `{wanted}` where it ends")).at(opener.at.clone()),
                    );
                }
                _ if self.is_notation(before) && token.kind == Kind::Word => {
                    let (first, second) = (before.text(self.text), written);
                    let what = if first.parse::<Drum>().is_ok() { "drums" } else { "notes" };
                    return Some(
                        Fault::new(format!("{what} stand in quotes"))
                            .help(format!("write {what} \"{first} {second}\""))
                            .at(before.at.start..token.at.end),
                    );
                }
                _ if token.kind != Kind::Sign || written == "{" => {
                    let (before, after) = (before.text(self.text), token.text(self.text));
                    Fault::new(format!("a comma is missing before `{after}`"))
                        .help(format!("write {before}, {after}"))
                }
                "," if *wanted == "]" => {
                    let called = self.tokens.iter().rev().find(|token| token.at.end <= opener.at.start);
                    let called = called.filter(|token| token.kind == Kind::Word);
                    let first = self.tokens.iter().find(|token| token.at.start >= opener.at.end);
                    let first = first.map_or("…", |token| token.text(self.text));
                    let help = match called.map(|token| token.text(self.text)) {
                        Some(verb) => format!("write {verb}({first}, …)"),
                        None => format!("write {{ {first}, … }}"),
                    };
                    let fault = Fault::new("what stands side by side has no square brackets around it");
                    return Some(fault.help(help).at(opener.at.clone()));
                }
                _ => Fault::new(format!("`{written}` cannot stand here"))
                    .help(format!("the `{opened}` before it needs its `{wanted}` first")),
            };
            return Some(fault.at(token.at.clone()));
        }
        let fault = Fault::new(format!("this `{opened}` is never closed"));
        Some(fault.help(format!("write a `{wanted}` where it ends")).at(opener.at.clone()))
    }

    /// Whether a word is a note or a drum of the notation rather than a name of the script.
    fn is_notation(&self, token: &Token) -> bool {
        let word = token.text(self.text);
        token.kind == Kind::Word && (word.parse::<Pitch>().is_ok() || word.parse::<Drum>().is_ok())
    }

    /// A number that is none.
    fn is_strange_number(&self, token: &Token) -> bool {
        let written = token.text(self.text).replace('_', "").to_lowercase();
        let plain = !written.starts_with("0x") && !written.starts_with("0b");
        token.kind == Kind::Number && plain && written.parse::<f64>().is_err()
    }

    /// Whether the last word of a line is a statement of its own.
    fn stands_alone(&self, before: &[Token], word: &Token) -> bool {
        let follows_value = before.last().is_none_or(|token| match token.kind {
            Kind::Sign => matches!(token.text(self.text), ")" | "}" | ";"),
            Kind::Number | Kind::Text => true,
            Kind::Word => false,
        });
        word.kind == Kind::Word && follows_value
    }

    /// A block that nothing ends before the bracket around it is closed.
    fn unended(&self) -> Option<Fault> {
        let at = self.got_at();
        let closer = self.tokens.get(at).filter(|token| matches!(token.text(self.text), ")" | "]" | "}"))?;
        self.message.strip_prefix("Expected identifier when parsing expression, got")?;
        let opener = open_block(&self.tokens[..at], self.text)?;
        let (opened, wanted) = match opener.text(self.text) {
            "repeat" => ("repeat", "until"),
            opened => (opened, "end"),
        };
        let fault = Fault::new(format!("this `{opened}` has no `{wanted}`"));
        let closer = closer.text(self.text);
        Some(fault.help(format!("write {wanted} where it ends, before the `{closer}`")).at(opener.at.clone()))
    }

    /// A table whose next value begins without a comma, or that nothing closes.
    fn table(&self) -> Option<Fault> {
        self.message.strip_prefix("Expected ',' after table")?;
        let at = self.tokens.partition_point(|token| token.line < self.line);
        let (token, before) = (self.tokens.get(at)?, self.tokens.get(at.checked_sub(1)?)?);
        let opener = &self.tokens[*open_brackets(&self.tokens[..at], self.text).last()?];
        let word = token.text(self.text);
        if token.kind == Kind::Word && (is_keyword(word) && !begins_value(word) || self.is_called(at)) {
            let fault = Fault::new(format!("this `{}` is never closed", opener.text(self.text)));
            return Some(fault.help("write a `}` where it ends").at(opener.at.clone()));
        }
        let fault = Fault::new(format!("a comma is missing before `{word}`"));
        Some(
            fault
                .help(format!("write {}, at the end of the line before", before.text(self.text)))
                .at(token.at.clone()),
        )
    }

    /// Any other refusal, by the compiler's own words.
    fn refusal(&self) -> Fault {
        if let Some(fault) = self.unended().or_else(|| self.table()) {
            return fault;
        }
        let at = self.got_at();
        let quoted = |token: &Token| format!("`{}`", token.text(self.text));
        let got = match (self.tokens.get(at), self.got()) {
            (Some(token), _) => quoted(token),
            (None, Some(got)) => format!("`{got}`"),
            (None, None) => "the end of the script".to_owned(),
        };
        let before = at.checked_sub(1).and_then(|i| self.tokens.get(i));
        let named = before.map_or_else(|| "it".to_owned(), quoted);
        let line = self.on_line();
        let strange = line.iter().find(|token| self.is_strange_number(token));
        if let Some(times) = strange.and_then(|token| token.text(self.text).strip_suffix(".times")) {
            let fault = Fault::new("`times` is a word of Sonic Pi");
            let at = strange.map_or(0..0, |token| token.at.clone());
            return fault.help(format!("write for i = 1, {times} do … end")).at(at);
        }
        let number = strange.map_or_else(|| "this".to_owned(), quoted);
        let fill =
            |told: &str| told.replace("{got}", &got).replace("{before}", &named).replace("{number}", &number);
        let goes_on = self.got().is_none() && self.message.contains("<eof>")
            || self.message.starts_with("Expected identifier when parsing variable");
        if goes_on && let Some(opener) = open_brackets(&self.tokens[..at], self.text).last() {
            let opener = &self.tokens[*opener];
            let fault = Fault::new(format!("this {} is never closed", quoted(opener))).at(opener.at.clone());
            let closer = match opener.text(self.text) {
                "(" => ")",
                "[" => "]",
                _ => "}",
            };
            return fault.help(format!("write a `{closer}` where it ends"));
        }
        if let Some(token) = self.tokens.get(at)
            && matches!(token.text(self.text), ")" | "]" | "}")
            && open_brackets(&self.tokens[..at], self.text).is_empty()
        {
            let fault = Fault::new(format!("this {got} closes nothing")).at(token.at.clone());
            return fault.help("take it away, or write what it closes before it");
        }
        let whole = |tokens: &[Token]| -> Option<Range<usize>> {
            Some(tokens.first()?.at.start..tokens.last()?.at.end)
        };
        let known = REFUSALS.iter().find(|refusal| self.message.starts_with(refusal.begins));
        let incomplete = self.message.starts_with("Incomplete");
        let backtick = line.iter().find(|token| token.text(self.text).starts_with('`'));
        let caret = match self.tokens.get(at) {
            Some(token) => Some(token.at.clone()),
            None if self.message.contains("interpolated") || self.message.starts_with("Double braces") => {
                backtick.map(|token| token.at.clone())
            }
            None if self.got().is_none() && self.message.contains("<eof>") => {
                before.map(|token| token.at.clone())
            }
            None => strange.map(|token| token.at.clone()).or_else(|| whole(line)),
        };
        let (caret, fault) = match (known, line) {
            (Some(_), [before @ .., word]) if incomplete && self.stands_alone(before, word) => {
                let (at, word) = (word.at.clone(), word.text(self.text));
                if self.text[at.end..].starts_with("--") {
                    let fault = Fault::new("there is no `--`: it begins a comment");
                    return fault.help(format!("write {word} -= 1")).at(at.end..at.end + 2);
                }
                let fault = Fault::new(format!("`{word}` alone does nothing"));
                (Some(at), fault.help(format!("write {word}(…) to call it, or {word} = … to set it")))
            }
            (Some(refusal), _) => (caret, Fault::new(fill(refusal.message)).help(fill(refusal.help))),
            (None, _) => {
                let message = self.message.replace("<eof>", "the end of the script").replace('\'', "`");
                let mut letters = message.chars();
                let first = letters.next().map(|first| first.to_ascii_lowercase());
                (caret, Fault::new(first.into_iter().chain(letters).collect::<String>()))
            }
        };
        match caret {
            Some(caret) => fault.at(caret),
            None => fault,
        }
    }
}

/// The block that is open behind these tokens within the innermost open bracket; where an `end` stands further left
/// than what it ends, that which it ended, for then its own is missing.
fn open_block<'a>(tokens: &'a [Token], text: &str) -> Option<&'a Token> {
    let begins_line = |i: usize| i == 0 || tokens[i - 1].line < tokens[i].line;
    let indent = |i: usize| {
        let first = tokens.partition_point(|token| token.line < tokens[i].line);
        let begin = text[..tokens[first].at.start].rfind('\n').map_or(0, |newline| newline + 1);
        tokens[first].at.start - begin
    };
    let (mut open, mut suspect) = (Vec::new(), None);
    for (i, token) in tokens.iter().enumerate() {
        match (token.kind, token.text(text)) {
            (Kind::Sign, "(" | "[" | "{") => open.push(i),
            (Kind::Sign, ")" | "]" | "}") => drop(open.pop()),
            // `while` and `for` count by their `do`.
            (Kind::Word, "do" | "function" | "repeat") => open.push(i),
            (Kind::Word, "if") if !begins_expression(tokens, text, i) => open.push(i),
            (Kind::Word, "end" | "until") => {
                let ended = open.pop();
                let further = |ended: &usize| begins_line(i) && indent(i) < indent(*ended);
                suspect = suspect.or(ended.filter(further));
            }
            _ => {}
        }
    }
    let last = open.last().map(|i| &tokens[*i]).filter(|token| token.kind == Kind::Word)?;
    open.iter().find(|i| tokens[**i].kind == Kind::Sign)?;
    Some(suspect.map_or(last, |suspect| &tokens[suspect]))
}

/// Whether a value may begin with this word that is no name.
fn begins_value(word: &str) -> bool {
    matches!(word, "function" | "nil" | "true" | "false" | "not")
}

/// The brackets that are open behind these tokens, the innermost last.
fn open_brackets(tokens: &[Token], text: &str) -> Vec<usize> {
    let mut open = Vec::new();
    for (i, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Sign) {
        match token.text(text) {
            "(" | "[" | "{" => open.push(i),
            ")" | "]" | "}" => drop(open.pop()),
            _ => {}
        }
    }
    open
}
