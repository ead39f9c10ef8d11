//! Reads mini-notation into a tree; strict, so that playing cannot fail.
//!
//! ```text
//! pattern  = rows
//! rows     = row { "," row } | row { "|" row }
//! row      = ["^"] foot { "." foot }
//! foot     = step { step }
//! step     = slice { operator }
//! slice    = word | "~" | "-" | "[" rows "]" | "<" stack ">" | "{" stack "}" [ "%" slice ]
//! operator = "*" slice | "/" slice | ":" slice | ".." slice | "?" [number] | "!" [number]
//!          | ("@" | "_") [number] | "(" argument "," argument [[","] argument] [","] ")"
//! argument = step
//! ```
//!
//! Spaces may stand anywhere but before the number of `? ! @ _`. In an argument operators do nothing.

use std::ops::Range;

use super::cursor::{Cursor, Symbol};
use super::leaf::{Leaf, Words};
use super::tree::{Kind, Node, Number, Sequence};
use super::{MiniError, Word};
use crate::Beat;

/// Deepest brackets: reading is recursive.
const MOST_BRACKETS: usize = 32;
/// Most steps in one row, copies counted.
pub(super) const MOST_STEPS: usize = 1024;
/// Longest text, in bytes: what is typed is far shorter, what is pasted by accident is not.
const LONGEST: usize = 16_384;

/// What a text says.
pub(super) struct Parsed {
    /// The leaves are indices of the words.
    pub(super) tree: Node<usize>,
    pub(super) words: Vec<Word>,
    /// What plays nothing, though something was written.
    pub(super) doubts: Vec<MiniError>,
}

/// Reads `text`.
pub(super) fn parse(text: &str) -> Result<Parsed, MiniError> {
    if text.len() > LONGEST {
        return Err(MiniError::new(0..text.len(), format!("this pattern has more than {LONGEST} letters"))
            .help("build it from several patterns, played together"));
    }
    let cursor = Cursor::new(text)?;
    let mut parser = Parser { cursor, brackets: 0, dice: 0, words: Words::default(), doubts: Vec::new() };
    if parser.cursor.symbol().is_none() {
        let tree = Node::new(Kind::Rest, 0..text.len())?;
        return Ok(Parsed { tree, words: Vec::new(), doubts: Vec::new() });
    }
    let tree = parser.rows(None)?;
    let (tree, words) = only_heard(tree, parser.words.all());
    Ok(Parsed { tree, words, doubts: parser.doubts })
}

/// The words that can sound, with the tree's leaves numbered by them: `bd` of `bd:3` is none.
fn only_heard(mut tree: Node<usize>, words: Vec<Word>) -> (Node<usize>, Vec<Word>) {
    let mut heard = vec![false; words.len()];
    tree.for_each_leaf(&mut |leaf, _| {
        if let Some(heard) = heard.get_mut(*leaf) {
            *heard = true;
        }
    });
    let mut next = 0;
    let numbers: Vec<usize> = heard
        .iter()
        .map(|heard| {
            let number = next;
            next += usize::from(*heard);
            number
        })
        .collect();
    tree.for_each_leaf_mut(&mut |leaf| *leaf = numbers.get(*leaf).copied().unwrap_or_default());
    let words = words.into_iter().zip(heard).filter_map(|(word, heard)| heard.then_some(word));
    (tree, words.collect())
}

pub(super) struct Parser<'a> {
    pub(super) cursor: Cursor<'a>,
    brackets: usize,
    /// Random places so far: each gets a stream of its own, which does not change
    /// when words elsewhere get longer.
    dice: u64,
    pub(super) words: Words,
    pub(super) doubts: Vec<MiniError>,
}

/// An opened bracket: its sign, the sign that closes it, its place.
type Open = (char, char, Range<usize>);

impl Parser<'_> {
    pub(super) fn dice(&mut self) -> u64 {
        self.dice += 1;
        self.dice - 1
    }

    /// Rows up to `open`'s closing sign, or to the end; the sign is taken.
    fn rows<L: Leaf>(&mut self, open: Option<Open>) -> Result<Node<L>, MiniError> {
        let start = open.as_ref().map_or(0, |(_, _, at)| at.start);
        let mut rows = vec![self.row(&open)?];
        let mut separator = None;
        loop {
            let at = self.cursor.here();
            match self.cursor.symbol() {
                Some(Symbol::Sign(c @ (',' | '|'))) => {
                    if separator.is_some_and(|first| first != c) {
                        return Err(MiniError::new(at, "`,` and `|` stand in the same brackets")
                            .help("write brackets to say which belongs together, as in [a | b], c"));
                    }
                    separator = Some(c);
                    self.cursor.advance();
                    rows.push(self.row(&open)?);
                }
                _ => break self.close(&open)?,
            }
        }
        let at = start..self.cursor.end();
        if separator == Some('|') {
            let dice = self.dice();
            let options = rows.into_iter().map(|row| Node::from_rows(vec![row], at.clone()));
            return Node::new(Kind::Choice { options: options.collect::<Result<_, _>>()?, dice }, at);
        }
        Node::from_rows(rows, at)
    }

    /// Rows for `< >` and `{ }`, where `|` has no meaning.
    fn stacked<L: Leaf>(&mut self, open: Open) -> Result<Vec<Sequence<L>>, MiniError> {
        let open = Some(open);
        let mut rows = vec![self.row(&open)?];
        while self.cursor.take(Symbol::Sign(',')).is_some() {
            rows.push(self.row(&open)?);
        }
        if self.cursor.symbol() == Some(Symbol::Sign('|')) {
            return Err(MiniError::new(self.cursor.here(), "`|` chooses only between square brackets")
                .help("write the choice as one step, as in <[a | b] c>"));
        }
        self.close(&open)?;
        Ok(rows)
    }

    /// Takes the sign that closes `open`, or the end of the text.
    fn close(&mut self, open: &Option<Open>) -> Result<(), MiniError> {
        let at = self.cursor.here();
        match (self.cursor.symbol(), open) {
            (None, None) => Ok(()),
            (Some(Symbol::Sign(c)), Some((_, close, _))) if c == *close => {
                self.cursor.advance();
                Ok(())
            }
            (None, Some((sign, close, opened))) => {
                Err(MiniError::new(opened.clone(), format!("this `{sign}` is never closed"))
                    .help(format!("write a `{close}` where it ends")))
            }
            (Some(_), Some((sign, close, _))) => {
                let found = self.cursor.text_at(&at);
                Err(MiniError::new(at, format!("`{found}` cannot stand here, inside `{sign}`"))
                    .help(format!("close with `{close}` first")))
            }
            (Some(_), None) => {
                let found = self.cursor.text_at(&at);
                Err(MiniError::new(at, format!("`{found}` closes nothing")).help("take it away"))
            }
        }
    }

    /// Steps up to what ends a row; `.` makes one step of each foot.
    fn row<L: Leaf>(&mut self, open: &Option<Open>) -> Result<Sequence<L>, MiniError> {
        let start = self.cursor.here().start;
        let mut feet = vec![self.foot(open)?];
        while self.cursor.take(Symbol::Foot).is_some() {
            feet.push(self.foot(open)?);
        }
        if feet.len() == 1 {
            return Ok(feet.remove(0));
        }
        let at = start..self.cursor.end();
        let node = |foot| Node::from_rows(vec![foot], at.clone()).map(|node| (node, Beat::ONE));
        Ok(Sequence::new(feet.into_iter().map(node).collect::<Result<_, _>>()?))
    }

    fn foot<L: Leaf>(&mut self, open: &Option<Open>) -> Result<Sequence<L>, MiniError> {
        // Strudel marks with `^` which row's steps count elsewhere; it changes no event.
        self.cursor.skip_space();
        self.cursor.take_sign("^");
        let mut steps: Vec<(Node<L>, Beat)> = Vec::new();
        loop {
            match self.cursor.symbol() {
                Some(Symbol::Word | Symbol::Rest | Symbol::Sign('[' | '<' | '{')) => {
                    let step = self.step()?;
                    steps.push((step.node, step.weight));
                }
                Some(Symbol::Foot | Symbol::Sign(']' | '>' | '}' | ')' | ',' | '|')) | None => break,
                Some(Symbol::Hold | Symbol::Sign(_)) => {
                    let at = self.cursor.here();
                    let sign = self.cursor.text_at(&at);
                    let help = format!("write a word before it, as in {}", example(sign));
                    return Err(
                        MiniError::new(at, format!("`{sign}` has nothing before it to work on")).help(help)
                    );
                }
            }
            if steps.len() > MOST_STEPS {
                let end = self.cursor.end();
                return Err(MiniError::new(
                    end.saturating_sub(1)..end,
                    format!("this row has more than {MOST_STEPS} steps"),
                )
                .help("spread it over several bars with < > or /"));
            }
        }
        if steps.is_empty() {
            return Err(self.nothing(open));
        }
        Ok(Sequence::new(steps))
    }

    /// The error where steps are missing.
    fn nothing(&mut self, open: &Option<Open>) -> MiniError {
        let here = self.cursor.here();
        let symbol = self.cursor.symbol();
        let last = self.cursor.last().cloned();
        let sign_before = last.as_ref().map(|at| self.cursor.text_at(at));
        let error = match (last, sign_before, open, symbol) {
            (Some(at), _, Some((sign, close, opened)), Some(Symbol::Sign(c)))
                if c == *close && at == *opened =>
            {
                MiniError::new(at.start..here.end, format!("there is nothing between `{sign}` and `{close}`"))
            }
            (Some(at), _, Some((sign, _, opened)), None) if at == *opened => {
                return MiniError::new(opened.clone(), format!("this `{sign}` is never closed"))
                    .help("write steps after it, and the sign that closes it");
            }
            (Some(at), Some(sign @ ("." | "," | "|" | "^")), _, _) => {
                MiniError::new(at, format!("there is nothing after this `{sign}`"))
            }
            (_, _, None, Some(Symbol::Sign(c @ (']' | '>' | '}' | ')')))) => {
                return MiniError::new(here, format!("`{c}` closes nothing")).help("take it away");
            }
            _ => {
                let sign = self.cursor.text_at(&here);
                MiniError::new(here, format!("there is nothing before this `{sign}`"))
            }
        };
        error.help("write what to play there, or ~ for a rest")
    }

    /// A word, a rest, or something in brackets. What stands here is one of them.
    pub(super) fn slice<L: Leaf>(&mut self) -> Result<Node<L>, MiniError> {
        let symbol = self.cursor.symbol();
        let at = self.cursor.advance();
        let close = match symbol {
            Some(Symbol::Sign('[')) => ']',
            Some(Symbol::Sign('<')) => '>',
            Some(Symbol::Sign('{')) => '}',
            Some(Symbol::Rest) => return Node::new(Kind::Rest, at),
            _ => {
                let text = self.cursor.text_at(&at);
                return Node::new(Kind::Leaf(L::read(&mut self.words, text, &at)?), at);
            }
        };
        if self.brackets == MOST_BRACKETS {
            return Err(MiniError::new(at, format!("brackets stand more than {MOST_BRACKETS} deep"))
                .help("build it from several patterns, played together"));
        }
        self.brackets += 1;
        let node = match close {
            ']' => self.rows(Some(('[', close, at)))?,
            '>' => {
                let start = at.start;
                let rows = self.stacked(('<', close, at))?;
                Node::new(Kind::Alternate(rows), start..self.cursor.end())?
            }
            _ => self.polymeter(at)?,
        };
        self.brackets -= 1;
        Ok(node)
    }

    /// Rows of `{`, and the pace after `%`: the steps of the first row without one.
    fn polymeter<L: Leaf>(&mut self, opened: Range<usize>) -> Result<Node<L>, MiniError> {
        let start = opened.start;
        let rows = self.stacked(('{', '}', opened))?;
        let pace = match self.cursor.take(Symbol::Sign('%')) {
            Some(sign) => {
                let pace = self.factor(&sign, "write how many steps a bar has, as in {a b c}%4")?;
                self.bar_steps(&pace)?;
                pace
            }
            None => {
                let first = rows.first().map_or(Beat::ONE, |row| row.weight);
                Node::new(Kind::Leaf(Number(first)), start..self.cursor.end())?
            }
        };
        Node::new(Kind::Polymeter { rows, pace: Box::new(pace) }, start..self.cursor.end())
    }
}

/// How a sign is written.
fn example(sign: &str) -> &'static str {
    match sign {
        "*" => "bd*2",
        "/" => "bd/2",
        "(" => "bd(3,8)",
        "?" => "bd?",
        "!" => "bd!3",
        "@" => "bd@3",
        "%" => "{a b c}%4",
        ":" => "bd:3",
        _ => "bd _",
    }
}
