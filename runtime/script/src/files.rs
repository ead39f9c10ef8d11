//! The texts of one evaluation, and how a fault finds its place in them.

use std::collections::BTreeMap;
use std::rc::Rc;

use mlua::Lua;

use crate::arguments::{Argument, given, names, words};
use crate::diagnostic::{Diagnostic, Excerpt, Severity};
use crate::engine::ReadText;
use crate::fault::{Fault, Mark};
use crate::lift::Literal;
use crate::mistakes;
use crate::said::cut;
use crate::tokens::{Kind, Token, tokens};

/// What the names of the standard library's chunks begin with: a fault inside it
/// is shown where the performer called it.
pub(crate) const STDLIB: &str = "stdlib/";

/// Most bytes of a message.
const LONGEST_MESSAGE: usize = 2_000;

/// How far from the running line what a fault is about may be written: a call
/// whose arguments take more lines than this is shown by its line alone.
const REACH: u32 = 40;

/// How many lines of arguments a call may have for a name in a message to be looked
/// for in them.
const ARGUMENTS: u32 = 8;

/// What is pointed at when what a message is about cannot be found on its line: a part of the message, and words
/// of the line.
const LAST_RESORT: &[(&str, &[&str])] = &[
    ("the reward", &["tilt", "bake"]),
    ("metatable", &["setmetatable"]),
    ("pitch ", &["pitch", "clip", "play"]),
    ("too dense", &["play"]),
    ("a reward ", &["+", "-", "*", "/"]),
    ("", &["error", "assert"]),
];

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file's name.
    pub file: String,
    /// Line from 1.
    pub line: u32,
}

/// Where the performer's own code is: the innermost running line outside the
/// standard library.
pub(crate) fn place(lua: &Lua) -> Option<Place> {
    // The standard library never nests deeper than this without calling back.
    (0..100).map_while(|level| lua.inspect_stack(level, own_line)).flatten().next()
}

fn own_line(frame: &mlua::debug::Debug) -> Option<Place> {
    let line = u32::try_from(frame.current_line()?).ok()?;
    let source = frame.source().source?.into_owned();
    let file = source.strip_prefix('=')?;
    // mlua puts a chunk of its own between a script and the methods of a value.
    let own = !file.starts_with(STDLIB) && !file.starts_with("__mlua") && file != "[C]" && line > 0;
    own.then(|| Place { file: file.to_owned(), line })
}

/// The texts that one evaluation read, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files {
    texts: BTreeMap<String, Text>,
}

#[derive(Debug, Clone)]
struct Text {
    /// Which text it is of all that were ever read, for what was written in it.
    number: u32,
    text: Rc<str>,
    tokens: Rc<[Token]>,
}

impl Files {
    /// Adds a file, whose text has this number among all that were ever read.
    pub fn add(&mut self, number: u32, name: &str, text: &str) {
        let tokens = tokens(text).into();
        self.texts.insert(name.to_owned(), Text { number, text: text.into(), tokens });
    }

    /// Each text, with its number and its name.
    pub fn read(&self) -> Vec<ReadText> {
        let read = |(name, text): (&String, &Text)| ReadText {
            number: text.number,
            name: name.clone(),
            text: Rc::clone(&text.text),
        };
        self.texts.iter().map(read).collect()
    }

    /// The string that means `value` and was given to `what`, or else anywhere, as near to `place` as there is
    /// one; of several on the same line the `turn`th, round and round.
    pub fn literal(&self, place: &Place, what: &str, value: &str, turn: usize) -> Option<Literal> {
        let file = self.texts.get(&place.file)?;
        // A string is no shorter than what it means.
        let like = |token: &&Token| {
            token.kind == Kind::Text
                && token.at.len() >= value.len() + 2
                && token.line.abs_diff(place.line) <= REACH
        };
        let meaning =
            |token: &Token| token.meaning(&file.text).filter(|(meant, _)| meant == value.as_bytes());
        let among = |tokens: &[Token]| -> Vec<(u32, Vec<usize>)> {
            let like = tokens.iter().filter(like);
            like.filter_map(|token| Some((token.line.abs_diff(place.line), meaning(token)?.1))).collect()
        };
        let of = Argument::of(what, None);
        let mut found = among(&words(&given(within_reach(&file.tokens, place.line), &file.text, &of)));
        if found.is_empty() {
            found = among(&file.tokens);
        }
        let nearest = found.iter().map(|(distance, _)| *distance).min()?;
        let near: Vec<&Vec<usize>> =
            found.iter().filter(|(distance, _)| *distance == nearest).map(|(_, bytes)| bytes).collect();
        Some(Literal { text: file.number, bytes: near[turn % near.len()].clone() })
    }

    /// Where something was written: its line, its bytes there, and the whole text in quotes that it is a part of.
    pub fn written(&self, at: lilt_score::Place) -> Option<(Place, std::ops::Range<usize>, Option<String>)> {
        let (name, file) = self.texts.iter().find(|(_, file)| file.number == at.text)?;
        let bytes = at.from as usize..at.to as usize;
        let token =
            file.tokens.iter().find(|token| token.at.start <= bytes.start && bytes.end <= token.at.end)?;
        let quoted = token.meaning(&file.text).and_then(|(meant, _)| String::from_utf8(meant).ok());
        Some((Place { file: name.clone(), line: token.line }, bytes, quoted))
    }

    /// Where the name `word` stands, as near to `place` as it does.
    pub fn word(&self, place: &Place, word: &str) -> Option<lilt_score::Place> {
        let file = self.texts.get(&place.file)?;
        let at = nearest_token(&file.tokens, place.line, 0, |token| {
            (token.text(&file.text) == word).then(|| token.at.clone())
        })?;
        Some(lilt_score::Place { text: file.number, from: at.start as u32, to: at.end as u32 })
    }

    /// The text and the tokens of a file.
    pub fn get(&self, name: &str) -> Option<(&str, &[Token])> {
        self.texts.get(name).map(|file| (&*file.text, &*file.tokens))
    }

    /// Names that a file declares as `local` or for a loop, for "did you mean".
    pub fn locals(&self, name: &str) -> Vec<String> {
        let Some((text, tokens)) = self.get(name) else { return Vec::new() };
        let words: Vec<&str> = tokens.iter().map(|token| token.text(text)).collect();
        let mut names = Vec::new();
        for (i, word) in words.iter().enumerate() {
            if !matches!(*word, "local" | "for") {
                continue;
            }
            let listed = words[i + 1..].iter().skip_while(|word| **word == "function");
            let list = listed.take_while(|word| !matches!(**word, "=" | "in" | "(" | "local"));
            names.extend(list.filter(|word| **word != ",").take(8).map(|word| (*word).to_owned()));
        }
        names
    }

    /// Takes `set.lua:3: ` off the front of a message of Luau, as often as it is there:
    /// an error that leaves a coroutine carries a place for each.
    pub fn split_place<'a>(&self, message: &'a str) -> (Option<Place>, &'a str) {
        let (mut found, mut rest) = (None, message);
        while let Some((place, words)) = self.texts.keys().find_map(|name| leading_place(name, rest)) {
            (found, rest) = (Some(place), words);
        }
        (found, rest)
    }

    /// The fault with its exact place, as near to `place` as what it is about can be found.
    pub fn diagnostic(&self, fault: Fault, place: &Place, severity: Severity) -> Diagnostic {
        let slip = self.get(&place.file).filter(|_| severity == Severity::Error);
        let slip =
            slip.and_then(|(text, tokens)| mistakes::slipped(&fault.message, text, tokens, place.line));
        let fault = slip.unwrap_or(fault);
        // Cut first: names are looked for in the message.
        let message = cut(fault.message.clone(), LONGEST_MESSAGE);
        let spot = self.spot(&fault, &message, place).unwrap_or(Spot { line: place.line, columns: (1, 2) });
        let text = self.get(&place.file).map_or("", |(text, _)| text);
        let line = text.lines().nth(spot.line.saturating_sub(1) as usize);
        Diagnostic {
            severity,
            file: place.file.clone(),
            line: spot.line,
            column: spot.columns.0,
            end_column: spot.columns.1,
            message,
            help: fault.help.map(|help| cut(help, LONGEST_MESSAGE)),
            excerpt: line.map(|line| Box::new(Excerpt::of(line, spot.columns.0))),
        }
    }

    fn spot(&self, fault: &Fault, message: &str, place: &Place) -> Option<Spot> {
        let (text, tokens) = self.get(&place.file)?;
        let (mark, turn) = (&fault.mark, fault.turn);
        let from = tokens.partition_point(|token| token.line < place.line);
        let line = &tokens[from..tokens.partition_point(|token| token.line <= place.line)];
        let near = |tokens: &[Token], word: &str| {
            let whole = nearest_token(tokens, place.line, turn, |token| {
                let meant = || token.meaning(text).is_some_and(|(value, _)| value == word.as_bytes());
                let equal = token.kind == Kind::Number && same_number(token.text(text), word);
                (token.text(text) == word || equal || meant()).then(|| token.at.clone())
            });
            let whole = whole.or_else(|| {
                let pairs = tokens.windows(2).filter(|pair| pair[0].text(text) == "-");
                let number = word.strip_prefix('-')?;
                let below = pairs.filter(|pair| same_number(pair[1].text(text), number));
                let nearest = below.min_by_key(|pair| pair[0].line.abs_diff(place.line))?;
                Some(nearest[0].at.start..nearest[1].at.end)
            });
            whole.or_else(|| nearest_token(tokens, place.line, turn, |token| inside(token, text, word)))
        };
        let within = |tokens: &[Token], value: &str, at: &std::ops::Range<usize>| {
            let whole = nearest_token(tokens, place.line, turn, |token| {
                let (meaning, places) = token.meaning(text)?;
                if meaning != value.as_bytes() {
                    return None;
                }
                // A whole string is shown with its quotes.
                if *at == (0..value.len()) {
                    return Some(token.at.clone());
                }
                let end = places.len() - 1;
                let (from, to) = (at.start.min(end), at.end.clamp(at.start.min(end), end));
                Some(places[from]..places[to].max(places[from]))
            });
            // A text that was joined from pieces: the piece that holds what is wrong.
            let wrong = || value.get(at.clone()).filter(|wrong| !wrong.is_empty());
            whole.or_else(|| near(tokens, wrong()?))
        };
        let among = |words: &[&str]| {
            line.iter().find(|token| words.contains(&token.text(text))).map(|token| token.at.clone())
        };
        let named = |name: &str| {
            let names = names(name);
            let of_name = |i: &usize| tokens[*i].kind == Kind::Word && names.contains(&tokens[*i].text(text));
            let distance = |i: usize| tokens[i].line.abs_diff(place.line);
            let found = (0..tokens.len()).filter(of_name).filter(|i| distance(*i) <= REACH);
            // A call, a method or an option rather than a value of the same name.
            let read = |i: usize| {
                let before = i.checked_sub(1).map_or("", |before| tokens[before].text(text));
                let called = tokens.get(i + 1).is_some_and(|next| match next.text(text) {
                    "(" => true,
                    "=" => matches!(before, "{" | "," | ";"),
                    "{" => true,
                    _ => next.kind == Kind::Text,
                });
                !called && before != ":"
            };
            found.min_by_key(|i| (distance(*i), read(*i))).map(|i| tokens[i].at.clone())
        };
        // What was given to the call that is known to be meant, then anything.
        let marked = |tokens: &[Token]| match mark {
            Mark::Word(word) | Mark::Here(word) => near(tokens, word),
            Mark::Name(name) => named(name).or_else(|| near(tokens, name)),
            Mark::Text(value, at) => within(tokens, value, at),
            _ => None,
        };
        let argument = fault.argument.as_ref().filter(|_| !matches!(mark, Mark::Name(_)));
        let given = argument.map(|argument| given(within_reach(tokens, place.line), text, argument));
        let given = given.unwrap_or_default();
        // All that one call was given there.
        let whole = || {
            let begins = match mark {
                Mark::Given(begins) => *begins,
                _ => "",
            };
            let known = argument.is_some_and(|argument| argument.index.is_some());
            let like = |given: &&&[Token]| begins.is_empty() || given[0].text(text) == begins;
            let near = given.iter().map(|given| given[0].line.abs_diff(place.line)).min()?;
            let mut of_line: Vec<_> =
                given.iter().filter(|g| g[0].line.abs_diff(place.line) == near).collect();
            if of_line.len() > 1 && !known {
                of_line.retain(like);
            }
            let one = of_line.get(turn.min(of_line.len().checked_sub(1)?))?;
            Some(one[0].at.start..one[one.len() - 1].at.end)
        };
        let told = marked(&words(&given)).or_else(|| match mark {
            Mark::Given(_) => whole(),
            Mark::Word(_) if argument.is_some_and(|argument| argument.index.is_some()) => whole(),
            _ => None,
        });
        let bytes = told.or_else(|| match mark {
            // The last name in a message is the most particular one. Only the running
            // line and the arguments after it can be meant.
            Mark::Line => {
                let to = tokens.partition_point(|token| token.line <= place.line + ARGUMENTS);
                let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
                let mut names = names.into_iter().rev().filter(|name| !name.is_empty());
                names.find_map(|name| near(&tokens[from..to], name))
            }
            Mark::Here(name) => near(line, name),
            Mark::Word(_) | Mark::Name(_) | Mark::Text(..) => marked(tokens),
            Mark::Among(words) => among(words),
            Mark::Given(_) => None,
            Mark::Call => called(line, text),
            Mark::At(bytes) => Some(bytes.clone()),
        });
        // A value that is reckoned stands nowhere: what it was given to does.
        let bytes = bytes.or_else(|| match (mark, &fault.argument) {
            (Mark::Word(_) | Mark::Given(_), Some(argument)) => named(&argument.of),
            _ => None,
        });
        match bytes {
            Some(bytes) => Some(Spot::of(text, bytes)),
            None if let Some((_, words)) = LAST_RESORT.iter().find(|(says, _)| message.contains(says))
                && let Some(bytes) = among(words) =>
            {
                Some(Spot::of(text, bytes))
            }
            None => Spot::line(text, place.line),
        }
    }
}

/// The tokens near a line.
fn within_reach(tokens: &[Token], line: u32) -> &[Token] {
    let from = tokens.partition_point(|token| token.line + REACH < line);
    &tokens[from..tokens.partition_point(|token| token.line <= line + REACH)]
}

/// Whether two texts are the same number: `1e9` is 1000000000.
fn same_number(one: &str, other: &str) -> bool {
    matches!((one.parse::<f64>(), other.parse::<f64>()), (Ok(one), Ok(other)) if one == other)
}

/// The only name of a line that a bracket follows.
fn called(line: &[Token], text: &str) -> Option<std::ops::Range<usize>> {
    let mut calls = line.windows(2).filter(|pair| {
        pair[0].kind == Kind::Word && pair[0].text(text) != "function" && pair[1].text(text) == "("
    });
    let call = calls.next()?;
    calls.next().is_none().then(|| call[0].at.clone())
}

/// `set.lua:3: words` as the place and the words, when `name` is `set.lua`.
fn leading_place<'a>(name: &str, message: &'a str) -> Option<(Place, &'a str)> {
    let rest = message.strip_prefix(name)?.strip_prefix(':')?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let words = rest[digits..].strip_prefix(':')?;
    let line = rest[..digits].parse().ok()?;
    Some((Place { file: name.to_owned(), line }, words.trim_start()))
}

/// Where a string token holds `word` as a word of its own.
fn inside(token: &Token, text: &str, word: &str) -> Option<std::ops::Range<usize>> {
    let (meaning, places) = token.meaning(text)?;
    let meaning = String::from_utf8(meaning).ok()?;
    let apart = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    let at = meaning.match_indices(word).map(|(at, _)| at).find(|at| {
        apart(meaning[..*at].chars().next_back()) && apart(meaning[at + word.len()..].chars().next())
    })?;
    Some(places[at]..places[at + word.len()])
}

/// A line, and columns from 1 in characters, the second one past the end.
struct Spot {
    line: u32,
    columns: (u32, u32),
}

impl Spot {
    fn of(text: &str, bytes: std::ops::Range<usize>) -> Spot {
        let floor =
            |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let start = floor(bytes.start);
        let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let stop = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let end = floor(bytes.end).clamp(start, stop);
        let column = text[begin..start].chars().count() as u32 + 1;
        let width = (text[start..end].chars().count() as u32).max(1);
        let line = text[..start].bytes().filter(|byte| *byte == b'\n').count() as u32 + 1;
        Spot { line, columns: (column, column + width) }
    }

    /// A line without its indentation.
    fn line(text: &str, line: u32) -> Option<Spot> {
        let content = text.lines().nth(line.checked_sub(1)? as usize)?;
        let indent = content.chars().take_while(|c| c.is_whitespace()).count() as u32;
        let width = content.trim().chars().count() as u32;
        Some(Spot { line, columns: (indent + 1, indent + 1 + width.max(1)) })
    }
}

/// What `find` gives for the token nearest to `line`, of several that are as near for the `turn`th: the running
/// line of a call over several lines may be its first or its last.
fn nearest_token<T>(
    tokens: &[Token],
    line: u32,
    turn: usize,
    find: impl Fn(&Token) -> Option<T>,
) -> Option<T> {
    let near = tokens.iter().filter(|token| token.line.abs_diff(line) <= REACH);
    let mut found: Vec<(u32, T)> =
        near.filter_map(|token| Some((token.line.abs_diff(line), find(token)?))).collect();
    let least = found.iter().map(|(distance, _)| *distance).min()?;
    found.retain(|(distance, _)| *distance == least);
    let turn = turn.min(found.len() - 1);
    found.into_iter().nth(turn).map(|(_, found)| found)
}
