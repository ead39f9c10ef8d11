//! Functions and what they are given side by side, as Tidal writes them, in Lilt's words: what is offered for
//! `every 4 (fast 2) $ sound "bd"`.

use std::ops::Range;

use crate::tokens::{Kind, Token, function_body, is_keyword};
use crate::verb::{self, Verb};
use crate::verbs;

/// A function and what stands beside it.
#[derive(Debug, PartialEq)]
pub(crate) struct Application {
    /// As Lilt writes it.
    pub written: String,
    /// Its first word.
    pub name: String,
    /// Where that stands.
    pub at: Range<usize>,
    /// The first token behind it.
    pub end: usize,
}

/// Functions that make music of what they are given.
const SOURCES: [&str; 13] = [
    "note", "sound", "s", "n", "notes", "drums", "degrees", "numbers", "chords", "stack", "cat", "fastcat",
    "randcat",
];

/// Names of verbs that are something else where they stand alone.
const PLAIN: [&str; 2] = ["clip", "loop"];

/// Deepest nesting that is read.
const DEEPEST: usize = 16;

/// What a part of it is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    /// A number, a text, a table, a function.
    Value,
    /// Values in square brackets.
    List,
    /// A name alone.
    Name,
    /// A verb with what it is given, or several in a chain.
    Change,
    /// Music that verbs can stand behind.
    Music,
}

struct Term {
    written: String,
    shape: Shape,
}

impl Term {
    fn new(shape: Shape, written: impl Into<String>) -> Term {
        Term { written: written.into(), shape }
    }

    /// As verbs that stand behind music.
    fn as_change(&self) -> Option<String> {
        match self.shape {
            Shape::Change => Some(self.written.clone()),
            Shape::Name if known(&self.written).is_some() => Some(format!("{}()", self.written)),
            _ => None,
        }
    }

    /// With these verbs behind it.
    fn then(&self, change: &Term) -> Option<Term> {
        let change = change.as_change()?;
        let shape = match self.shape {
            Shape::Value | Shape::List => return None,
            Shape::Name => Shape::Music,
            shape => shape,
        };
        Some(Term::new(shape, format!("{}:{change}", self.written)))
    }
}

/// The verb of that name.
fn known(name: &str) -> Option<&'static Verb> {
    verbs::all().find(|verb| verb.answers_to(name) && !PLAIN.contains(&name))
}

/// The one that holds the token `at`, which the compiler came upon.
pub(crate) fn around(tokens: &[Token], text: &str, at: usize) -> Option<Application> {
    let start = start(tokens, text, at)?;
    let application = read(tokens, text, start)?;
    let name = application.name.as_str();
    // Tidal's `0.25 ~> music` begins with a value.
    let moves = tokens[start].kind != Kind::Word
        && (application.written.contains("):late(") || application.written.contains("):early("));
    let head = known(name).is_some() || SOURCES.contains(&name) || moves;
    (head && application.end > at).then_some(application)
}

/// The one that begins with this token.
pub(crate) fn read(tokens: &[Token], text: &str, start: usize) -> Option<Application> {
    let first = tokens.get(start)?;
    let mut reader = Reader { tokens, text, at: start, depth: 0 };
    let term = reader.sum()?;
    let over = match reader.tokens.get(reader.at) {
        None => true,
        Some(next) if tokens[reader.at - 1].line < next.line => true,
        Some(next) => matches!(next.text(text), ")" | "," | "}" | "]" | ":" | "end"),
    };
    let (name, at) = (first.text(text).to_owned(), first.at.clone());
    over.then_some(Application { written: term.written, name, at, end: reader.at })
}

/// The token with which what the token `at` is a part of begins.
fn start(tokens: &[Token], text: &str, at: usize) -> Option<usize> {
    let (mut depth, mut start) = (0_usize, at.min(tokens.len()));
    while let Some(before) = start.checked_sub(1) {
        let token = &tokens[before];
        let written = token.text(text);
        if token.kind == Kind::Sign {
            match written {
                ")" | "]" | "}" => depth += 1,
                "(" | "[" | "{" if depth == 0 => break,
                "(" | "[" | "{" => depth -= 1,
                "," | "=" | ":" | ";" if depth == 0 => break,
                _ => {}
            }
        }
        if depth == 0 && (written == "return" || tokens.get(start).is_some_and(|next| next.line > token.line))
        {
            break;
        }
        start = before;
    }
    (start < at).then_some(start)
}

struct Reader<'a> {
    tokens: &'a [Token],
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    /// The next token as it is written.
    fn next_is(&self, written: &str) -> bool {
        self.peek().is_some_and(|token| token.kind != Kind::Text && token.text(self.text) == written)
    }

    fn take(&mut self, written: &str) -> Option<()> {
        self.next_is(written).then(|| self.at += 1)
    }

    /// Whether nothing stands between the last token and the next.
    fn adjoins(&self) -> bool {
        let last = self.at.checked_sub(1).map(|last| &self.tokens[last]);
        matches!((last, self.peek()), (Some(last), Some(next)) if last.at.end == next.at.start)
    }

    /// Whether the next token begins a line.
    fn begins_line(&self) -> bool {
        let last = self.at.checked_sub(1).map(|last| &self.tokens[last]);
        matches!((last, self.peek()), (Some(last), Some(next)) if last.line < next.line)
    }

    /// `a $ b`, `a # b`.
    fn sum(&mut self) -> Option<Term> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut left = self.composed()?;
        loop {
            if self.take("$").is_some() {
                let right = self.sum()?;
                left = match (left.shape, right.shape) {
                    (Shape::Name, Shape::Value | Shape::List) if SOURCES.contains(&&*left.written) => {
                        Term::new(Shape::Music, format!("{}({})", left.written, right.written))
                    }
                    (_, Shape::Music) => right.then(&left)?,
                    _ => return None,
                };
            } else if self.take("#").is_some() {
                let control = self.applied()?;
                // What begins music elsewhere is a control here.
                let control = match control.shape {
                    Shape::Music => Term::new(Shape::Change, control.written),
                    _ => control,
                };
                left = left.then(&control)?;
            } else {
                self.depth -= 1;
                return Some(left);
            }
        }
    }

    /// `fast 2 . rev`: the last is the first to change the music.
    fn composed(&mut self) -> Option<Term> {
        let mut all = vec![self.applied()?];
        while self.next_is(".") {
            self.at += 1;
            all.push(self.applied()?);
        }
        if all.len() == 1 {
            return all.pop();
        }
        let changes: Option<Vec<String>> = all.iter().rev().map(Term::as_change).collect();
        Some(Term::new(Shape::Change, changes?.join(":")))
    }

    /// A function with what is given to it, and verbs behind it.
    fn applied(&mut self) -> Option<Term> {
        let mut term = match self.peek()?.kind {
            Kind::Word => self.named()?,
            _ => self.atom()?,
        };
        // Tidal's `0.25 ~> music`.
        for (signs, verb) in [(["~", ">"], "late"), (["<", "~"], "early")] {
            let here = signs.iter().enumerate().all(|(i, sign)| {
                self.tokens.get(self.at + i).is_some_and(|token| token.text(self.text) == *sign)
            });
            if here && term.shape == Shape::Value {
                self.at += 2;
                self.depth += 1;
                if self.depth > DEEPEST {
                    return None;
                }
                let moved = Term::new(Shape::Change, format!("{verb}({})", term.written));
                term = self.applied()?.then(&moved)?;
            }
        }
        loop {
            let chained = self.next_is(":") || (self.next_is(".") && self.adjoins());
            let word = self.tokens.get(self.at + usize::from(chained)).filter(|word| word.kind == Kind::Word);
            let follows = word.is_some_and(|word| known(word.text(self.text)).is_some());
            if chained && follows {
                self.at += 1;
            } else if !follows || chained || self.begins_line() || term.shape == Shape::Value {
                return Some(term);
            }
            let change = self.named()?;
            term = match (term.shape, term.as_change()) {
                (Shape::Name, Some(before)) => Term::new(Shape::Change, before).then(&change)?,
                _ => term.then(&change)?,
            };
        }
    }

    /// A name and what is given to it.
    fn named(&mut self) -> Option<Term> {
        let token = self.peek()?;
        if token.text(self.text) == "function" {
            return self.atom();
        }
        let name = token.text(self.text);
        self.at += 1;
        let is_source = SOURCES.contains(&name);
        let verb = known(name).filter(|_| !is_source);
        let most = match verb {
            _ if is_source => 1,
            Some(verb) if verb.params.last().is_some_and(|last| is_rest(last.kind)) => 8,
            Some(verb) => verb.params.len(),
            None => 0,
        };
        let (mut given, mut brackets) = (Vec::new(), false);
        while given.len() < most || (!brackets && given.is_empty() && self.adjoins() && self.next_is("(")) {
            let Some(next) = self.peek().filter(|_| !self.begins_line()) else { break };
            let takes_music = verb.is_some_and(|verb| {
                let param = verb.params.get(given.len()).or(verb.params.last());
                param.is_some_and(|param| is_music(param.kind))
            });
            match (next.kind, next.text(self.text)) {
                (Kind::Sign, "(") => {
                    brackets = true;
                    given.extend(self.group()?.into_iter().map(|term| term.written));
                }
                (Kind::Sign, "[") => {
                    let list = self.atom()?;
                    given.push(list.written);
                }
                (Kind::Sign, "{") | (Kind::Number | Kind::Text, _) => given.push(self.atom()?.written),
                (Kind::Word, "function") => given.push(self.atom()?.written),
                (Kind::Word, word) if takes_music && !is_keyword(word) => {
                    let called = self.tokens.get(self.at + 1).is_some_and(|behind| {
                        behind.text(self.text) == "(" && behind.at.start == next.at.end
                    });
                    if called {
                        given.push(self.named()?.written);
                    } else {
                        self.at += 1;
                        given.push(word.to_owned());
                    }
                }
                _ => break,
            }
        }
        // What is a pattern of notes elsewhere is one note of a loop here.
        let name = if name == "note" { "notes" } else { name };
        let call = || format!("{name}({})", given.join(", "));
        Some(match (verb, given.is_empty() && !brackets) {
            _ if is_source && !given.is_empty() => Term::new(Shape::Music, call()),
            (Some(_), false) => Term::new(Shape::Change, call()),
            (_, true) => Term::new(Shape::Name, name),
            (None, false) => return None,
        })
    }

    /// What stands in round brackets: one or several, or none.
    fn group(&mut self) -> Option<Vec<Term>> {
        let open = self.at;
        self.take("(")?;
        let close = (open + 1..self.tokens.len()).find(|i| self.tokens[*i].text(self.text) == ")")?;
        let inside = &self.tokens[open + 1..close];
        let reckons = |token: &Token| {
            token.kind == Kind::Number || matches!(token.text(self.text), "+" | "-" | "*" | "/")
        };
        if !inside.is_empty() && inside.iter().all(reckons) {
            self.at = close + 1;
            let written = &self.text[inside[0].at.start..inside[inside.len() - 1].at.end];
            return Some(vec![Term::new(Shape::Value, written)]);
        }
        let mut terms = Vec::new();
        while self.take(")").is_none() {
            if !terms.is_empty() {
                self.take(",")?;
            }
            let section = self.take("#").is_some();
            let term = self.sum()?;
            if section && term.shape != Shape::Change {
                return None;
            }
            terms.push(term);
        }
        Some(terms)
    }

    fn atom(&mut self) -> Option<Term> {
        let token = self.peek()?;
        let written = token.text(self.text);
        match (token.kind, written) {
            (Kind::Number | Kind::Text, _) => {
                self.at += 1;
                Some(Term::new(Shape::Value, written))
            }
            (Kind::Word, "function") => {
                let body = function_body(self.tokens, self.text, self.at);
                let last = self.tokens.get(body.end.checked_sub(1)?)?;
                self.at = body.end;
                (last.text(self.text) == "end")
                    .then(|| Term::new(Shape::Value, &self.text[token.at.start..last.at.end]))
            }
            (Kind::Sign, "(") => {
                let mut terms = self.group()?;
                (terms.len() == 1).then(|| terms.pop()).flatten()
            }
            (Kind::Sign, "[") => {
                self.at += 1;
                let mut listed = Vec::new();
                while self.take("]").is_none() {
                    if !listed.is_empty() {
                        self.take(",")?;
                    }
                    listed.push(self.sum()?.written);
                }
                Some(Term::new(Shape::List, listed.join(", ")))
            }
            (Kind::Sign, "{") => {
                let (mut depth, from) = (0_usize, token.at.start);
                loop {
                    let token = self.peek()?;
                    self.at += 1;
                    match token.text(self.text) {
                        "{" => depth += 1,
                        "}" => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 {
                        return Some(Term::new(Shape::Value, &self.text[from..token.at.end]));
                    }
                }
            }
            _ => None,
        }
    }
}

fn is_rest(kind: verb::Kind) -> bool {
    matches!(kind, verb::Kind::Musics | verb::Kind::Changes)
}

fn is_music(kind: verb::Kind) -> bool {
    is_rest(kind) || matches!(kind, verb::Kind::Music | verb::Kind::Change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::tokens;

    #[test]
    fn what_tidal_writes_is_written_as_lilt_writes_it() {
        for (tidal, lilt) in [
            ("fast 2", "fast(2)"),
            ("every 4 (fast 2)", "every(4, fast(2))"),
            ("every 4 (fast(2))", "every(4, fast(2))"),
            ("every 4 (fast 2) $ sound \"bd sn\"", "sound(\"bd sn\"):every(4, fast(2))"),
            ("every(4, fast 2)", "every(4, fast(2))"),
            ("fast(2) rev()", "fast(2):rev()"),
            ("fast 2 rev", "fast(2):rev()"),
            ("fast(2) rev", "fast(2):rev()"),
            ("rev fast(2)", "rev():fast(2)"),
            ("(fast 2 . rev)", "rev():fast(2)"),
            ("jux rev $ sound \"bd*2\" # speed 2", "sound(\"bd*2\"):speed(2):jux(rev)"),
            ("sound \"bd*2\" # speed \"1 2\" # pan 0.3", "sound(\"bd*2\"):speed(\"1 2\"):pan(0.3)"),
            ("n \"0 2\" # s \"drum\"", "n(\"0 2\"):s(\"drum\")"),
            ("off (1/8) (# crush 4) $ s \"bd\"", "s(\"bd\"):off(1/8, crush(4))"),
            ("0.25 ~> s \"bd\"", "s(\"bd\"):late(0.25)"),
            ("(1/8) <~ s \"bd\"", "s(\"bd\"):early(1/8)"),
            ("stack [s \"bd*2\", s \"hh*8\" # gain 0.8]", "stack(s(\"bd*2\"), s(\"hh*8\"):gain(0.8))"),
            ("sometimes (fast 2 . rev) $ s \"bd\"", "s(\"bd\"):sometimes(rev():fast(2))"),
            ("sound $ \"bd sn\"", "sound(\"bd sn\")"),
            ("euclid(3) (8)", "euclid(3, 8)"),
            ("every 2 function(p) return p:rev() end", "every(2, function(p) return p:rev() end)"),
        ] {
            let tokens = tokens(tidal);
            let found = read(&tokens, tidal, 0).map(|found| found.written);
            assert_eq!(found.as_deref(), Some(lilt), "{tidal}");
        }
    }

    #[test]
    fn what_it_does_not_understand_it_leaves() {
        for text in
            ["fast 2 3", "1 2", "x y", "sound $ fast 2 \"bd\"", "# speed", "every 4 (", "(fast 2", "[s"]
        {
            assert_eq!(read(&tokens(text), text, 0), None, "{text}");
        }
    }
}
