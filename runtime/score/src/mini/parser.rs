//! Reads tokens of mini-notation into a tree; strict, so that playing cannot fail.
//!
//! ```text
//! pattern  = rows
//! rows     = row { "," row } | row { "|" row }
//! row      = foot { "." foot }
//! foot     = step { step }
//! step     = slice { modifier | "!" [number] | "@" number | "_" }
//! slice    = word | "~" | whole ".." whole | "[" rows "]" | "<" stack ">" | "{" stack "}" [ "%" slice ]
//! modifier = "*" slice | "/" slice | "?" [number] | "(" step "," step [ "," step ] ")"
//! ```

use std::ops::Range;
use std::sync::Arc;

use super::token::{Symbol, Token, tokens};
use super::tree::{Euclid, Kind, Node, Number, Sequence};
use super::{MiniError, Word};
use crate::Beat;

/// Deepest brackets: reading is recursive.
const MOST_BRACKETS: usize = 32;
/// Most steps in one row, copies counted.
const MOST_STEPS: usize = 1024;
/// Most times as fast, or as slow, in one number.
const MOST_TIMES: i64 = 1024;
/// Most steps of a Euclidean rhythm.
const MOST_EUCLID: i64 = 256;
/// Longest weight of a step.
const MOST_WEIGHT: i64 = 1024;
/// Longest text, in bytes: what is typed is far shorter, what is pasted by accident is not.
const LONGEST: usize = 16_384;

/// Reads `text`; the tree's leaves are indices of the words returned beside it.
pub(super) fn parse(text: &str) -> Result<(Node<usize>, Vec<Word>), MiniError> {
    if text.len() > LONGEST {
        return Err(MiniError::new(0..text.len(), format!("this pattern has more than {LONGEST} letters"))
            .help("build it from several patterns, played together"));
    }
    let mut parser = Parser { text, tokens: tokens(text)?, next: 0, brackets: 0, dice: 0, words: Vec::new() };
    if parser.tokens.is_empty() {
        return Ok((Node::new(Kind::Rest, 0..text.len())?, Vec::new()));
    }
    let tree = parser.rows(None)?;
    Ok((tree, parser.words))
}

/// What stands where a value may: a word of the music, or a number that steers.
trait Leaf: Copy {
    fn read(parser: &mut Parser, text: &str, at: &Range<usize>) -> Result<Self, MiniError>;
}

impl Leaf for usize {
    fn read(parser: &mut Parser, text: &str, at: &Range<usize>) -> Result<usize, MiniError> {
        parser.words.push(Word { text: text.into(), at: at.clone() });
        Ok(parser.words.len() - 1)
    }
}

impl Leaf for Number {
    fn read(_: &mut Parser, text: &str, at: &Range<usize>) -> Result<Number, MiniError> {
        decimal(text).map(Number).ok_or_else(|| {
            MiniError::new(at.clone(), format!("`{text}` is no number")).help("write one such as 3 or 1.5")
        })
    }
}

/// An exact decimal with at most six digits on each side of the point.
fn decimal(text: &str) -> Option<Beat> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fits = |part: &str| part.len() <= 6 && part.bytes().all(|b| b.is_ascii_digit());
    if !fits(whole) || !fits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let value: i64 = format!("{whole}{fraction}").parse().ok()?;
    Some(Beat::new(sign * value, 10i64.pow(fraction.len() as u32)))
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
    brackets: usize,
    /// Random places so far: each gets a stream of its own, which does not change
    /// when words elsewhere get longer.
    dice: u64,
    words: Vec<Word>,
}

/// An opened bracket: its sign, the sign that closes it, its place.
type Open = (char, char, Range<usize>);

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Symbol> {
        self.tokens.get(self.next).map(|token| token.symbol)
    }

    fn peek_at(&self) -> Range<usize> {
        self.tokens.get(self.next).map_or(self.text.len()..self.text.len(), |token| token.at.clone())
    }

    /// Takes the next token if it is `symbol`.
    fn take(&mut self, symbol: Symbol) -> Option<Range<usize>> {
        let at = self.peek_at();
        (self.peek() == Some(symbol)).then(|| {
            self.next += 1;
            at
        })
    }

    fn dice(&mut self) -> u64 {
        self.dice += 1;
        self.dice - 1
    }

    fn end_of_last(&self) -> usize {
        self.next.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |token| token.at.end)
    }

    /// Rows up to `open`'s closing sign, or to the end; the sign is taken.
    fn rows<L: Leaf>(&mut self, open: Option<Open>) -> Result<Node<L>, MiniError> {
        let start = open.as_ref().map_or(0, |(_, _, at)| at.start);
        let mut rows = vec![self.row(&open)?];
        let mut separator = None;
        loop {
            let at = self.peek_at();
            match self.peek() {
                Some(Symbol::Sign(c @ (',' | '|'))) => {
                    if separator.is_some_and(|first| first != c) {
                        return Err(MiniError::new(at, "`,` and `|` stand in the same brackets")
                            .help("write brackets to say which belongs together, as in [a | b], c"));
                    }
                    separator = Some(c);
                    self.next += 1;
                    rows.push(self.row(&open)?);
                }
                _ => break self.close(&open)?,
            }
        }
        let at = start..self.end_of_last();
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
        while self.take(Symbol::Sign(',')).is_some() {
            rows.push(self.row(&open)?);
        }
        if self.peek() == Some(Symbol::Sign('|')) {
            return Err(MiniError::new(self.peek_at(), "`|` chooses only between square brackets")
                .help("write the choice as one step, as in <[a | b] c>"));
        }
        self.close(&open)?;
        Ok(rows)
    }

    /// Takes the sign that closes `open`, or the end of the text.
    fn close(&mut self, open: &Option<Open>) -> Result<(), MiniError> {
        let at = self.peek_at();
        match (self.peek(), open) {
            (None, None) => Ok(()),
            (Some(Symbol::Sign(c)), Some((_, close, _))) if c == *close => {
                self.next += 1;
                Ok(())
            }
            (None, Some((sign, close, opened))) => {
                Err(MiniError::new(opened.clone(), format!("this `{sign}` is never closed"))
                    .help(format!("write a `{close}` where it ends")))
            }
            (Some(_), Some((sign, close, _))) => {
                let found = &self.text[at.clone()];
                Err(MiniError::new(at, format!("`{found}` cannot stand here, inside `{sign}`"))
                    .help(format!("close with `{close}` first")))
            }
            (Some(_), None) => {
                let found = &self.text[at.clone()];
                Err(MiniError::new(at, format!("`{found}` closes nothing")).help("take it away"))
            }
        }
    }

    /// Steps up to what ends a row; `.` makes one step of each foot.
    fn row<L: Leaf>(&mut self, open: &Option<Open>) -> Result<Sequence<L>, MiniError> {
        let start = self.peek_at().start;
        let mut feet = vec![self.foot(open)?];
        while self.take(Symbol::Foot).is_some() {
            feet.push(self.foot(open)?);
        }
        if feet.len() == 1 {
            return Ok(feet.remove(0));
        }
        let at = start..self.end_of_last();
        let node = |foot| Node::from_rows(vec![foot], at.clone()).map(|node| (Arc::new(node), Beat::ONE));
        Ok(Sequence::new(feet.into_iter().map(node).collect::<Result<_, _>>()?))
    }

    fn foot<L: Leaf>(&mut self, open: &Option<Open>) -> Result<Sequence<L>, MiniError> {
        let mut steps: Vec<(Arc<Node<L>>, Beat)> = Vec::new();
        loop {
            match self.peek() {
                Some(Symbol::Word | Symbol::Rest | Symbol::Sign('[' | '<' | '{')) => self.step(&mut steps)?,
                Some(Symbol::Foot | Symbol::Sign(']' | '>' | '}' | ')' | ',' | '|')) | None => break,
                Some(Symbol::Hold | Symbol::Range | Symbol::Sign(_)) => {
                    let at = self.peek_at();
                    let sign = &self.text[at.clone()];
                    return Err(MiniError::new(at, format!("`{sign}` has nothing before it to work on"))
                        .help(format!("write a word before it, as in {}", example(sign))));
                }
            }
            if steps.len() > MOST_STEPS {
                let at = self.end_of_last() - 1..self.end_of_last();
                return Err(MiniError::new(at, format!("this row has more than {MOST_STEPS} steps"))
                    .help("spread it over several bars with < > or /"));
            }
        }
        if steps.is_empty() {
            return Err(self.nothing(open));
        }
        Ok(Sequence::new(steps))
    }

    /// The error where steps are missing.
    fn nothing(&self, open: &Option<Open>) -> MiniError {
        let before = self.next.checked_sub(1).and_then(|last| self.tokens.get(last));
        let here = self.peek_at();
        let error = match (before, open, self.peek()) {
            (Some(token), Some((sign, close, opened)), Some(Symbol::Sign(c)))
                if c == *close && token.at == *opened =>
            {
                MiniError::new(
                    token.at.start..here.end,
                    format!("there is nothing between `{sign}` and `{close}`"),
                )
            }
            (Some(token), Some((sign, _, opened)), None) if token.at == *opened => {
                return MiniError::new(opened.clone(), format!("this `{sign}` is never closed"))
                    .help("write steps after it, and the sign that closes it");
            }
            (Some(token), _, _) if matches!(token.symbol, Symbol::Foot | Symbol::Sign(',' | '|')) => {
                let sign = &self.text[token.at.clone()];
                MiniError::new(token.at.clone(), format!("there is nothing after this `{sign}`"))
            }
            (_, None, Some(Symbol::Sign(c @ (']' | '>' | '}' | ')')))) => {
                return MiniError::new(here, format!("`{c}` closes nothing")).help("take it away");
            }
            _ => {
                let sign = self.text.get(here.clone()).unwrap_or_default();
                MiniError::new(here, format!("there is nothing before this `{sign}`"))
            }
        };
        error.help("write what to play there, or ~ for a rest")
    }

    /// A step with its modifiers; `!` adds copies, `@` and `_` make the step longer.
    fn step<L: Leaf>(&mut self, steps: &mut Vec<(Arc<Node<L>>, Beat)>) -> Result<(), MiniError> {
        let start = self.peek_at().start;
        let mut node = self.slice()?;
        let (mut weight, mut held, mut copies) = (None, 0, 1usize);
        loop {
            let sign_at = self.peek_at();
            match self.peek() {
                Some(Symbol::Hold) => {
                    self.next += 1;
                    held += 1;
                }
                Some(Symbol::Sign('@')) => {
                    self.next += 1;
                    if weight.is_some() {
                        return Err(MiniError::new(sign_at, "this step has two lengths").help("keep one `@`"));
                    }
                    weight = Some(self.weight(&sign_at)?);
                }
                Some(Symbol::Sign('!')) => {
                    self.next += 1;
                    copies += self.copies(&sign_at)? - 1;
                }
                Some(Symbol::Sign('*' | '/' | '(' | '?')) => node = self.modified(node, start)?,
                Some(Symbol::Range) => {
                    return Err(MiniError::new(sign_at, "`..` counts from one whole number to another")
                        .help("write it between two numbers, as in 0 .. 3"));
                }
                _ => break,
            }
        }
        if steps.len() + copies > MOST_STEPS {
            return Err(MiniError::new(
                start..self.end_of_last(),
                format!("this row has more than {MOST_STEPS} steps"),
            )
            .help("spread it over several bars with < > or /"));
        }
        let (node, weight) = (Arc::new(node), weight.unwrap_or(Beat::ONE));
        steps.extend(std::iter::repeat_n((Arc::clone(&node), weight), copies - 1));
        steps.push((node, weight + Beat::whole(held)));
        Ok(())
    }

    /// The number after `@`.
    fn weight(&mut self, sign: &Range<usize>) -> Result<Beat, MiniError> {
        let help = "write how many steps long it is, as in bd@3";
        let at = self
            .take(Symbol::Word)
            .ok_or_else(|| MiniError::new(sign.clone(), "`@` needs a number after it").help(help))?;
        let text = &self.text[at.clone()];
        decimal(text).filter(|weight| *weight > Beat::ZERO && *weight <= Beat::whole(MOST_WEIGHT)).ok_or_else(
            || {
                MiniError::new(at, format!("a step cannot be {text} steps long"))
                    .help(format!("write a number above 0, {MOST_WEIGHT} at most"))
            },
        )
    }

    /// The number after `!`, two without one.
    fn copies(&mut self, sign: &Range<usize>) -> Result<usize, MiniError> {
        // `a ! 3` is a, a, and a step called 3.
        if self.peek_at().start != sign.end || self.peek() != Some(Symbol::Word) {
            return Ok(2);
        }
        let at = self.peek_at();
        self.next += 1;
        let text = &self.text[at.clone()];
        text.parse().ok().filter(|copies| (1..=MOST_STEPS).contains(copies)).ok_or_else(|| {
            MiniError::new(at, format!("a step cannot be played {text} times"))
                .help(format!("write a whole number from 1 to {MOST_STEPS}, as in bd!3"))
        })
    }

    /// `node`, which began at `start`, with the modifier that comes next.
    fn modified<L: Leaf>(&mut self, node: Node<L>, start: usize) -> Result<Node<L>, MiniError> {
        let sign_at = self.peek_at();
        let sign = self.peek();
        self.next += 1;
        let node = Box::new(node);
        let kind = match sign {
            Some(Symbol::Sign('*')) => {
                let factor = self.factor(&sign_at, "write how many times as fast, as in bd*2 or bd*<2 3>")?;
                within(&factor, Beat::ZERO, MOST_TIMES, "a step cannot be played", "times as fast")?;
                Kind::Fast(node, Box::new(factor))
            }
            Some(Symbol::Sign('/')) => {
                let factor = self.factor(&sign_at, "write how many times as slow, as in bd/2")?;
                within(
                    &factor,
                    Beat::new(1, MOST_TIMES),
                    MOST_TIMES,
                    "a step cannot be played",
                    "times as slow",
                )?;
                Kind::Slow(node, Box::new(factor))
            }
            Some(Symbol::Sign('(')) => Kind::Euclid(node, Box::new(self.euclid(sign_at)?)),
            _ => Kind::Degrade { node, chance: self.chance(&sign_at)?, dice: self.dice() },
        };
        Node::new(kind, start..self.end_of_last())
    }

    /// The number, or pattern of numbers, after a sign.
    fn factor(&mut self, sign: &Range<usize>, help: &str) -> Result<Node<Number>, MiniError> {
        match self.peek() {
            Some(Symbol::Word | Symbol::Sign('[' | '<' | '{')) => self.slice(),
            _ => {
                let name = &self.text[sign.clone()];
                Err(MiniError::new(sign.clone(), format!("`{name}` needs a number after it")).help(help))
            }
        }
    }

    /// The probability after `?`, a half without one.
    fn chance(&mut self, sign: &Range<usize>) -> Result<f64, MiniError> {
        // `a? 0.3` is a step that may be left out, and a step called 0.3.
        if self.peek_at().start != sign.end || self.peek() != Some(Symbol::Word) {
            return Ok(0.5);
        }
        let at = self.peek_at();
        self.next += 1;
        let text = &self.text[at.clone()];
        decimal(text).map(Beat::to_f64).filter(|chance| (0.0..=1.0).contains(chance)).ok_or_else(|| {
            MiniError::new(at, format!("`{text}` is no probability"))
                .help("write from 0, always played, to 1, never played, as in bd?0.3")
        })
    }

    /// The numbers of a Euclidean rhythm, after its `(`.
    fn euclid(&mut self, opened: Range<usize>) -> Result<Euclid, MiniError> {
        let help =
            "write hits and steps, as in bd(3,8), and how many steps later if you like, as in bd(3,8,2)";
        let mut numbers: Vec<Node<Number>> = Vec::new();
        loop {
            let at = self.peek_at();
            match self.peek() {
                Some(Symbol::Sign(')')) if numbers.len() >= 2 => break,
                Some(Symbol::Sign(',')) if (1..=2).contains(&numbers.len()) => self.next += 1,
                Some(_) if numbers.is_empty() => {}
                None => {
                    return Err(MiniError::new(opened, "this `(` is never closed").help(help));
                }
                Some(_) => {
                    let found = &self.text[at.clone()];
                    return Err(
                        MiniError::new(at, format!("`{found}` cannot stand here, inside `(`")).help(help)
                    );
                }
            }
            let at = self.peek_at();
            let mut steps = Vec::new();
            match self.peek() {
                Some(Symbol::Word | Symbol::Sign('[' | '<' | '{')) => self.step(&mut steps)?,
                _ => return Err(MiniError::new(at, "a number is missing here").help(help)),
            }
            numbers.push(Node::from_rows(vec![Sequence::new(steps)], at.start..self.end_of_last())?);
        }
        self.next += 1;
        let rotation = numbers.split_off(2).pop();
        let (Some(steps), Some(hits)) = (numbers.pop(), numbers.pop()) else {
            return Err(MiniError::new(opened, "a number is missing here").help(help));
        };
        whole(&steps, 1, MOST_EUCLID, "steps")?;
        whole(&hits, -MOST_EUCLID, MOST_EUCLID, "hits")?;
        if let Some(rotation) = &rotation {
            whole(rotation, -MOST_EUCLID, MOST_EUCLID, "steps later")?;
        }
        let most = steps.extent().map_or(Beat::ZERO, |(_, most)| most);
        if let Some((Number(count), at)) = hits.leaves().into_iter().find(|(Number(n), _)| n.abs() > most) {
            return Err(MiniError::new(at, format!("{} hits do not fit into {most} steps", count.abs()))
                .help("write fewer hits, or more steps after them"));
        }
        Ok(Euclid { hits, steps, rotation })
    }

    /// A word, a rest, or something in brackets.
    fn slice<L: Leaf>(&mut self) -> Result<Node<L>, MiniError> {
        let at = self.peek_at();
        let symbol = self.peek();
        self.next += 1;
        let close = match symbol {
            Some(Symbol::Rest) => return Node::new(Kind::Rest, at),
            Some(Symbol::Sign('[')) => ']',
            Some(Symbol::Sign('<')) => '>',
            Some(Symbol::Sign('{')) => '}',
            _ if self.peek() == Some(Symbol::Range) => return self.counted(at),
            _ => {
                let text = &self.text[at.clone()];
                return Node::new(Kind::Leaf(L::read(self, text, &at)?), at);
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
                Node::new(Kind::Alternate(rows), start..self.end_of_last())?
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
        let pace = match self.take(Symbol::Sign('%')) {
            Some(sign) => self.factor(&sign, "write how many steps a bar has, as in {a b c}%4")?,
            None => {
                let first = rows.first().map_or(Beat::ONE, |row| row.weight);
                Node::new(Kind::Leaf(Number(first)), start..self.end_of_last())?
            }
        };
        within(&pace, Beat::ZERO, MOST_TIMES, "a bar cannot have", "steps")?;
        Node::new(Kind::Polymeter { rows, pace: Box::new(pace) }, start..self.end_of_last())
    }

    /// `0 .. 3`, of which the first number has been taken: one step that counts.
    fn counted<L: Leaf>(&mut self, first: Range<usize>) -> Result<Node<L>, MiniError> {
        let dots = self.peek_at();
        self.next += 1;
        let last = self.peek_at();
        let number = |at: &Range<usize>| self.text[at.clone()].parse::<i32>().ok();
        let (from, to) = match (number(&first), self.peek()) {
            (Some(from), Some(Symbol::Word)) => (from, number(&last)),
            _ => (0, None),
        };
        let Some(to) = to.filter(|to| from.abs_diff(*to) < MOST_STEPS as u32) else {
            return Err(MiniError::new(dots, "`..` counts from one whole number to another").help(format!(
                "write it between two numbers, as in 0 .. 3, at most {MOST_STEPS} steps apart"
            )));
        };
        self.next += 1;
        let at = first.start..last.end;
        let count = |i: u32| if from <= to { from + i as i32 } else { from - i as i32 };
        let steps = (0..=from.abs_diff(to)).map(|i| {
            let leaf = L::read(self, &count(i).to_string(), &at)?;
            Ok((Arc::new(Node::new(Kind::Leaf(leaf), at.clone())?), Beat::ONE))
        });
        Node::from_rows(vec![Sequence::new(steps.collect::<Result<_, MiniError>>()?)], at.clone())
    }
}

/// # Errors
/// At the first number outside `least..=most`.
fn within(numbers: &Node<Number>, least: Beat, most: i64, cannot: &str, what: &str) -> Result<(), MiniError> {
    match numbers.leaves().into_iter().find(|(Number(n), _)| *n < least || *n > Beat::whole(most)) {
        None => Ok(()),
        Some((Number(value), at)) => {
            let help = if least.is_zero() { "write from 0" } else { "write a number above 0" };
            Err(MiniError::new(at, format!("{cannot} {} {what}", value.to_f64()))
                .help(format!("{help}, {most} at most")))
        }
    }
}

/// # Errors
/// At the first number that is not whole, or outside `least..=most`.
fn whole(numbers: &Node<Number>, least: i64, most: i64, what: &str) -> Result<(), MiniError> {
    let wrong = |n: &Beat| n.denominator() != 1 || *n < Beat::whole(least) || *n > Beat::whole(most);
    match numbers.leaves().into_iter().find(|(Number(n), _)| wrong(n)) {
        None => Ok(()),
        Some((Number(value), at)) => {
            Err(MiniError::new(at, format!("a Euclidean rhythm cannot have {} {what}", value.to_f64()))
                .help(format!("write a whole number from {least} to {most}")))
        }
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
        ".." => "0 .. 3",
        _ => "bd _",
    }
}
