//! The texts of one evaluation, and how a fault finds its place in them.

use std::collections::BTreeMap;
use std::rc::Rc;

use mlua::Lua;

use crate::diagnostic::{Diagnostic, Severity};
use crate::fault::{Fault, Mark};
use crate::tokens::{Kind, Token, tokens};

/// What the names of the standard library's chunks begin with: a fault inside it
/// is shown where the performer called it.
pub(crate) const STDLIB: &str = "stdlib/";

/// How far from the running line what a fault is about may be written: a call
/// whose arguments take more lines than this is shown by its line alone.
const REACH: u32 = 40;

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
    (0..100).map_while(|level| lua.inspect_stack(level, |frame| own_line(frame))).flatten().next()
}

fn own_line(frame: &mlua::debug::Debug) -> Option<Place> {
    let line = u32::try_from(frame.current_line()?).ok()?;
    let source = frame.source().source?.into_owned();
    let file = source.strip_prefix('=')?;
    let own = !file.starts_with(STDLIB) && file != "[C]" && line > 0;
    own.then(|| Place { file: file.to_owned(), line })
}

/// The texts that one evaluation read, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files {
    texts: BTreeMap<String, Text>,
}

#[derive(Debug, Clone)]
struct Text {
    text: Rc<str>,
    tokens: Rc<[Token]>,
}

impl Files {
    /// Adds a file.
    pub fn add(&mut self, name: &str, text: &str) {
        let tokens = tokens(text).into();
        self.texts.insert(name.to_owned(), Text { text: text.into(), tokens });
    }

    /// The text and the tokens of a file.
    pub fn get(&self, name: &str) -> Option<(&str, &[Token])> {
        self.texts.get(name).map(|file| (&*file.text, &*file.tokens))
    }

    /// Takes `set.lua:3: ` off the front of a message of Luau, if it is there.
    pub fn split_place<'a>(&self, message: &'a str) -> (Option<Place>, &'a str) {
        let names = self.texts.keys().map(String::as_str);
        for name in names {
            let Some(rest) = message.strip_prefix(name).and_then(|rest| rest.strip_prefix(':')) else {
                continue;
            };
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let Some(words) = rest[digits..].strip_prefix(':') else { continue };
            if let Ok(line) = rest[..digits].parse() {
                return (Some(Place { file: name.to_owned(), line }), words.trim_start());
            }
        }
        (None, message)
    }

    /// The fault with its exact place, as near to `place` as what it is about can be found.
    pub fn diagnostic(&self, fault: Fault, place: &Place, severity: Severity) -> Diagnostic {
        let spot = self.spot(&fault.mark, place).unwrap_or(Spot { line: place.line, columns: (1, 2) });
        Diagnostic {
            severity,
            file: place.file.clone(),
            line: spot.line,
            column: spot.columns.0,
            end_column: spot.columns.1,
            message: fault.message,
            help: fault.help,
        }
    }

    fn spot(&self, mark: &Mark, place: &Place) -> Option<Spot> {
        let (text, tokens) = self.get(&place.file)?;
        let bytes = match mark {
            Mark::Line => None,
            Mark::Word(word) => nearest_token(tokens, place.line, |token| {
                let found = match token.kind {
                    Kind::Text => token.meaning(text).is_some_and(|(value, _)| value == word.as_bytes()),
                    _ => token.text(text) == word,
                };
                found.then(|| token.at.clone())
            }),
            Mark::Text(value, at) => nearest_token(tokens, place.line, |token| {
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
            }),
        };
        match bytes {
            Some(bytes) => Some(Spot::of(text, bytes)),
            None => Spot::line(text, place.line),
        }
    }
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

/// What `find` gives for the token nearest to `line`: the running line of a call
/// over several lines may be its first or its last.
fn nearest_token<T>(tokens: &[Token], line: u32, find: impl Fn(&Token) -> Option<T>) -> Option<T> {
    tokens
        .iter()
        .filter(|token| token.line.abs_diff(line) <= REACH)
        .filter_map(|token| Some((token.line.abs_diff(line), find(token)?)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, found)| found)
}
