//! What may follow a step: `*`, `/`, `!`, `@`, `_`, `( )`, `?`, `..` and `:`.
//!
//! Operators apply from left to right, each to all before it. `!` is the exception: of several, the last
//! place counts and their copies add up (`a!2!2` is three), and it makes the step as long as there are copies,
//! whatever `@` and `_` before it said; those after it make all copies longer together.

use std::ops::Range;

use super::MiniError;
use super::cursor::Symbol;
use super::leaf::{Leaf, Value};
use super::parser::{MOST_STEPS, Parser};
use super::tree::{Bound, Euclid, Kind, Ladder, Node, Number, Pair, Sequence};
use crate::Beat;

/// Most times as fast, or as slow, in one number.
const MOST_TIMES: i64 = 1024;
/// Most steps of a Euclidean rhythm.
const MOST_EUCLID: i64 = 256;
/// Longest weight of a step.
const MOST_WEIGHT: i64 = 1024;

/// A step and how long it is among its row's.
pub(super) struct Weighted<L> {
    pub(super) node: Node<L>,
    pub(super) weight: Beat,
}

enum Operator<L> {
    Fast(Node<Number>),
    Slow(Node<Number>),
    Repeat(Beat),
    Euclid(Box<Euclid>),
    Degrade(f64, u64),
    Count(Node<Bound>),
    Join(Node<L>),
}

/// Operators, each with the end of its text, and the weight that they give the step.
struct Operators<L> {
    all: Vec<(Operator<L>, usize)>,
    weight: Beat,
}

impl Parser<'_> {
    /// A step with its operators.
    pub(super) fn step<L: Leaf>(&mut self) -> Result<Weighted<L>, MiniError> {
        let mut node = self.slice()?;
        let Operators { all, weight } = self.operators()?;
        let start = node.at.start;
        for (operator, end) in all {
            node = self.applied(node, operator, start..end)?;
        }
        Ok(Weighted { node, weight })
    }

    fn operators<L: Leaf>(&mut self) -> Result<Operators<L>, MiniError> {
        let (mut weight, mut copies) = (Beat::ONE, Beat::ONE);
        let mut weight_at = None;
        let mut all: Vec<(Operator<L>, usize)> = Vec::new();
        // True right after a slice, which takes the spaces behind it along.
        let mut after_slice = true;
        loop {
            let spaced = self.cursor.skip_space();
            let Some(sign) = self.cursor.sign() else { break };
            let operator = match sign {
                '_' | '@' => {
                    let Some(sign) = self.cursor.take_sign(if sign == '_' { "_" } else { "@" }) else {
                        break;
                    };
                    weight += self.count_after(&sign)? - Beat::ONE;
                    weight_at = Some(sign.start..self.cursor.end());
                    after_slice = false;
                    continue;
                }
                '!' => {
                    let at = self.cursor.advance();
                    copies += self.count_after(&at)? - Beat::ONE;
                    self.check_copies(copies, &at)?;
                    weight = copies;
                    weight_at = None;
                    all.retain(|(operator, _)| !matches!(operator, Operator::Repeat(_)));
                    Operator::Repeat(copies)
                }
                '*' => {
                    let at = self.cursor.advance();
                    let factor = self.factor(&at, "write how many times as fast, as in bd*2 or bd*<2 3>")?;
                    self.within(&factor, Beat::ZERO, "a step cannot be played", "times as fast")?;
                    Operator::Fast(factor)
                }
                '/' => {
                    let at = self.cursor.advance();
                    let factor = self.factor(&at, "write how many times as slow, as in bd/2")?;
                    let least = Beat::new(1, MOST_TIMES);
                    self.within(&factor, least, "a step cannot be played", "times as slow")?;
                    Operator::Slow(factor)
                }
                '(' => Operator::Euclid(Box::new(self.euclid()?)),
                '?' => {
                    let at = self.cursor.advance();
                    Operator::Degrade(self.chance(&at)?, self.dice())
                }
                ':' => {
                    let at = self.cursor.advance();
                    Operator::Join(self.slice_after(
                        &at,
                        "`:` needs a word before it and a word after it",
                        "write it as in bd:3 or bd:<0 1>",
                    )?)
                }
                '.' if after_slice || !spaced => {
                    let Some(_) = self.cursor.take_range() else { break };
                    Operator::Count(self.slice()?)
                }
                _ => break,
            };
            after_slice =
                !matches!(operator, Operator::Repeat(_) | Operator::Euclid(_) | Operator::Degrade(..));
            all.push((operator, self.cursor.end()));
        }
        if let Some(at) = weight_at {
            check_weight(weight, at)?;
        }
        Ok(Operators { all, weight })
    }

    /// `node` under `operator`, which together stand at `at`.
    fn applied<L: Leaf>(
        &mut self,
        node: Node<L>,
        operator: Operator<L>,
        at: Range<usize>,
    ) -> Result<Node<L>, MiniError> {
        let kind = match operator {
            Operator::Fast(factor) => Kind::Fast(Box::new(node), Box::new(factor)),
            Operator::Slow(factor) => Kind::Slow(Box::new(node), Box::new(factor)),
            Operator::Repeat(copies) if copies == Beat::ONE => return Ok(node),
            Operator::Repeat(copies) => Kind::Repeat(Box::new(node), copies),
            Operator::Euclid(euclid) => Kind::Euclid(Box::new(node), euclid),
            Operator::Degrade(chance, dice) => Kind::Degrade { node: Box::new(node), chance, dice },
            Operator::Count(to) => return self.counted(node, to, at),
            Operator::Join(second) => return self.joined(node, second, at),
        };
        Node::new(kind, at)
    }

    /// The number right after `!`, `@` or `_`, two without one.
    fn count_after(&mut self, sign: &Range<usize>) -> Result<Beat, MiniError> {
        let Some((value, at)) = self.cursor.take_number() else { return Ok(Beat::whole(2)) };
        let (sign, text) = (self.cursor.text_at(sign), self.cursor.text_at(&at));
        if text.starts_with('.') || text.starts_with("-.") {
            // Strudel reads `a@.5` as `a@ .5`, which nobody means.
            let (minus, digits) = text.split_once('.').unwrap_or_default();
            return Err(MiniError::new(at, format!("a number after `{sign}` begins with a digit"))
                .help(format!("write {minus}0.{digits}")));
        }
        match value {
            Value::Is(value) => Ok(value),
            Value::Huge => Err(MiniError::new(at, format!("`{text}` is too long a number"))
                .help(format!("write a number such as 3 or 1.5, up to {MOST_WEIGHT}"))),
        }
    }

    fn check_copies(&self, copies: Beat, sign: &Range<usize>) -> Result<(), MiniError> {
        if copies > Beat::ZERO && copies <= Beat::whole(MOST_STEPS as i64) {
            return Ok(());
        }
        let at = sign.start..self.cursor.end();
        Err(MiniError::new(at, format!("a step cannot be played {} times", copies.to_f64()))
            .help(format!("write a whole number from 1 to {MOST_STEPS}, as in bd!3")))
    }

    /// The slice after a sign.
    fn slice_after<L: Leaf>(
        &mut self,
        sign: &Range<usize>,
        needs: impl Into<String>,
        help: &str,
    ) -> Result<Node<L>, MiniError> {
        match self.cursor.symbol() {
            Some(Symbol::Word | Symbol::Rest | Symbol::Sign('[' | '<' | '{')) => self.slice(),
            _ => Err(MiniError::new(sign.clone(), needs).help(help)),
        }
    }

    /// The number, or pattern of numbers, after a sign.
    pub(super) fn factor(&mut self, sign: &Range<usize>, help: &str) -> Result<Node<Number>, MiniError> {
        let needs = format!("`{}` needs a number after it", self.cursor.text_at(sign));
        self.slice_after(sign, needs, help)
    }

    /// The probability after `?`, a half without one.
    fn chance(&mut self, sign: &Range<usize>) -> Result<f64, MiniError> {
        // `a? 0.3` is a step that may be left out, and a step called 0.3.
        let Some((value, at)) = self.cursor.take_number() else { return Ok(0.5) };
        if let Value::Is(value) = value
            && value >= Beat::ZERO
            && value <= Beat::ONE
        {
            return Ok(value.to_f64());
        }
        debug_assert!(at.start == sign.end);
        let text = self.cursor.text_at(&at);
        Err(MiniError::new(at, format!("`{text}` is no probability"))
            .help("write from 0, always played, to 1, never played, as in bd?0.3"))
    }

    /// The numbers of a Euclidean rhythm, from its `(` on.
    fn euclid(&mut self) -> Result<Euclid, MiniError> {
        let opened = self.cursor.advance();
        let help =
            "write hits and steps, as in bd(3,8), and how many steps later if you like, as in bd(3,8,2)";
        let mut numbers: Vec<Node<Number>> = Vec::new();
        loop {
            let at = self.cursor.here();
            match self.cursor.symbol() {
                Some(Symbol::Sign(')')) if numbers.len() >= 2 => break,
                Some(Symbol::Sign(',')) if numbers.len() == 1 => {
                    self.cursor.advance();
                }
                Some(Symbol::Sign(',')) if numbers.len() == 2 => {
                    self.cursor.advance();
                    if self.cursor.symbol() == Some(Symbol::Sign(')')) {
                        break;
                    }
                }
                // The comma before the third may be left out.
                Some(Symbol::Sign('[' | '<' | '{')) if numbers.len() == 2 => {}
                Some(Symbol::Word) if numbers.len() == 2 && self.number_here() => {}
                Some(_) if numbers.is_empty() => {}
                None => {
                    return Err(MiniError::new(opened, "this `(` is never closed").help(help));
                }
                Some(_) => {
                    let found = self.cursor.text_at(&at);
                    return Err(
                        MiniError::new(at, format!("`{found}` cannot stand here, inside `(`")).help(help)
                    );
                }
            }
            let at = self.cursor.here();
            numbers.push(self.slice_after(&at, "a number is missing here", help)?);
            // Strudel reads operators here and does not apply them.
            self.operators::<Number>()?;
        }
        self.cursor.advance();
        let rotation = numbers.split_off(2).pop();
        let (Some(steps), Some(hits)) = (numbers.pop(), numbers.pop()) else {
            return Err(MiniError::new(opened, "a number is missing here").help(help));
        };
        whole(&steps, 1, "steps")?;
        whole(&hits, -MOST_EUCLID, "hits")?;
        if let Some(rotation) = &rotation {
            let far = |n: &Beat| n.abs() > Beat::whole(MOST_EUCLID);
            refused(rotation, far, "steps later", -MOST_EUCLID)?;
        }
        let most = steps.extent().map_or(Beat::ZERO, |(_, most)| most);
        if let Some((Number(count), at)) = hits.leaves().into_iter().find(|(Number(n), _)| n.abs() > most) {
            return Err(MiniError::new(at, format!("{} hits do not fit into {most} steps", count.abs()))
                .help("write fewer hits, or more steps after them"));
        }
        Ok(Euclid { hits, steps, rotation })
    }

    fn number_here(&mut self) -> bool {
        let at = self.cursor.here();
        super::leaf::decimal(self.cursor.text_at(&at)).is_some()
    }

    /// `from .. to`; where either is no number nothing is counted.
    fn counted<L: Leaf>(
        &mut self,
        from: Node<L>,
        to: Node<Bound>,
        at: Range<usize>,
    ) -> Result<Node<L>, MiniError> {
        let ends: Vec<Beat> = to.leaves().into_iter().filter_map(|(Bound(end), _)| end).collect();
        let starts = from.leaves();
        let no_start = starts.iter().find(|(start, _)| start.number(&self.words).is_none());
        let no_end = to.leaves().into_iter().find(|(Bound(end), _)| end.is_none()).map(|(_, at)| at);
        if let Some(word) = no_start.map(|(_, at)| at.clone()).or(no_end) {
            let told = format!(
                "`..` counts from one number to another, and `{}` is none: it is silent",
                self.cursor.text_at(&word)
            );
            self.doubts.push(MiniError::new(word, told).help("write it between two numbers, as in 0 .. 3"));
        }
        let mut starts: Vec<(L, Beat)> =
            starts.into_iter().filter_map(|(start, _)| Some((start, start.number(&self.words)?))).collect();
        starts.sort_unstable();
        starts.dedup();
        let (Some(least), Some(most)) = (ends.iter().copied().min(), ends.iter().copied().max()) else {
            return Node::new(Kind::Rest, at);
        };
        if starts.is_empty() {
            return Node::new(Kind::Rest, at);
        }
        let mut ladders = Vec::new();
        for (start, value) in starts {
            let far = (most - value).max(value - least);
            if far >= Beat::whole(MOST_STEPS as i64) {
                let help = format!("write two numbers at most {MOST_STEPS} steps apart, as in 0 .. 3");
                return Err(MiniError::new(at, "this counts too far").help(help));
            }
            let mut side = |end: Beat, sign: i64| {
                let count = ((end - value) * Beat::whole(sign)).floor().max(0);
                (0..=count)
                    .map(|i| {
                        let value = value + Beat::whole(sign * i);
                        L::read(&mut self.words, &super::leaf::written(value), &at)
                    })
                    .collect::<Result<Vec<L>, _>>()
            };
            // Where nothing to count to lies above or below, that side is never played.
            let up = if most > value { side(most, 1)? } else { Vec::new() };
            let down = if least <= value { side(least, -1)? } else { Vec::new() };
            ladders.push(Ladder { from: start, value, up, down });
        }
        if let ([ladder], Kind::Leaf(_), Kind::Leaf(Bound(Some(end)))) =
            (ladders.as_slice(), &from.kind, &to.kind)
        {
            let steps = ladder.rungs(*end).iter().map(|rung| Node::new(Kind::Leaf(*rung), at.clone()));
            let steps: Vec<_> = steps.map(|step| Ok((step?, Beat::ONE))).collect::<Result<_, MiniError>>()?;
            return Node::from_rows(vec![Sequence::new(steps)], at);
        }
        Node::new(Kind::Count { from: Box::new(from), to: Box::new(to), ladders }, at)
    }

    /// `first:second`.
    fn joined<L: Leaf>(
        &mut self,
        first: Node<L>,
        second: Node<L>,
        at: Range<usize>,
    ) -> Result<Node<L>, MiniError> {
        if let (Kind::Leaf(a), Kind::Leaf(b)) = (&first.kind, &second.kind) {
            return Node::new(Kind::Leaf(L::joined(&mut self.words, *a, *b, &at)?), at);
        }
        let values = |node: &Node<L>| {
            let mut values: Vec<L> = node.leaves().into_iter().map(|(leaf, _)| leaf).collect();
            values.sort_unstable();
            values.dedup();
            values
        };
        let (firsts, seconds) = (values(&first), values(&second));
        let mut pairs = Vec::new();
        for a in &firsts {
            for b in &seconds {
                pairs.push(Pair { of: (*a, *b), value: L::joined(&mut self.words, *a, *b, &at)? });
            }
        }
        Node::new(Kind::Join { first: Box::new(first), second: Box::new(second), pairs }, at)
    }

    /// # Errors
    /// At the first number that is neither 0 nor in `least..=MOST_TIMES`.
    fn within(&self, numbers: &Node<Number>, least: Beat, cannot: &str, what: &str) -> Result<(), MiniError> {
        let wrong = |n: Beat| (n < least && !n.is_zero()) || n > Beat::whole(MOST_TIMES);
        let help = format!("write a number from {least} to {MOST_TIMES}");
        match numbers.leaves().into_iter().find(|(Number(n), _)| wrong(*n)) {
            None => Ok(()),
            Some((Number(value), at)) => {
                Err(MiniError::new(at, format!("{cannot} {} {what}", value.to_f64())).help(help))
            }
        }
    }

    /// # Errors
    /// At the first number that a bar cannot have as steps.
    pub(super) fn bar_steps(&self, pace: &Node<Number>) -> Result<(), MiniError> {
        let wrong = |n: &Beat| *n <= Beat::ZERO || *n > Beat::whole(MOST_TIMES);
        match pace.leaves().into_iter().find(|(Number(n), _)| wrong(n)) {
            None => Ok(()),
            Some((Number(value), at)) => {
                Err(MiniError::new(at, format!("a bar cannot have {} steps", value.to_f64()))
                    .help(format!("write a number above 0, up to {MOST_TIMES}")))
            }
        }
    }
}

/// # Errors
/// Where `@` or `_`, whose last one stands at `at`, leave a step no length, or too much.
fn check_weight(weight: Beat, at: Range<usize>) -> Result<(), MiniError> {
    if weight > Beat::ZERO && weight <= Beat::whole(MOST_WEIGHT) {
        return Ok(());
    }
    Err(MiniError::new(at, format!("a step cannot be {} steps long", weight.to_f64()))
        .help(format!("write a number above 0, up to {MOST_WEIGHT}")))
}

/// # Errors
/// At the first number that is not whole, or outside `least..=MOST_EUCLID`.
fn whole(numbers: &Node<Number>, least: i64, what: &str) -> Result<(), MiniError> {
    let wrong = |n: &Beat| n.denominator() != 1 || *n < Beat::whole(least) || *n > Beat::whole(MOST_EUCLID);
    refused(numbers, wrong, what, least)
}

/// # Errors
/// At the first number that is wrong for a Euclidean rhythm.
fn refused(
    numbers: &Node<Number>,
    wrong: impl Fn(&Beat) -> bool,
    what: &str,
    least: i64,
) -> Result<(), MiniError> {
    match numbers.leaves().into_iter().find(|(Number(n), _)| wrong(n)) {
        None => Ok(()),
        Some((Number(value), at)) => {
            Err(MiniError::new(at, format!("a Euclidean rhythm cannot have {} {what}", value.to_f64()))
                .help(format!("write a whole number from {least} to {MOST_EUCLID}")))
        }
    }
}
