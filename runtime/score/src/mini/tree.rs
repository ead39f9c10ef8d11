//! What mini-notation means, as a tree: each node knows its place in the text and
//! how much it can cost to play.
//!
//! Leaves are generic: in the music they are indices of words, in the numbers
//! after `*`, `/`, `%` and between `( )` they are [`Number`]s.

use std::ops::Range;

use super::MiniError;
use super::bounds::Cost;
use crate::Beat;

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node<L> {
    /// Its bytes in the text.
    pub(super) at: Range<usize>,
    pub(super) kind: Kind<L>,
    pub(super) cost: Cost,
}

/// What a piece does; time is in cycles.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<L> {
    /// Silence.
    Rest,
    /// One value a cycle.
    Leaf(L),
    /// `a b@2`: steps share the cycle by weight.
    Sequence(Sequence<L>),
    /// `a, b`: all at once.
    Stack(Vec<Node<L>>),
    /// `a | b`: one of them each cycle; `dice` numbers the random places of the text.
    Choice { options: Vec<Node<L>>, dice: u64 },
    /// `<a b, c d e>`: each row one step a cycle.
    Alternate(Vec<Sequence<L>>),
    /// `{a b c, d e}%4`: each row's steps at the pace of `pace` steps a cycle.
    Polymeter { rows: Vec<Sequence<L>>, pace: Box<Node<Number>> },
    /// `a*2`
    Fast(Box<Node<L>>, Box<Node<Number>>),
    /// `a/2`
    Slow(Box<Node<L>>, Box<Node<Number>>),
    /// `a!3`: each cycle so many times over, that many times as fast; above zero.
    Repeat(Box<Node<L>>, Beat),
    /// `a(3,8,2)`
    Euclid(Box<Node<L>>, Box<Euclid>),
    /// `a?0.3`: each event is left out with this probability.
    Degrade { node: Box<Node<L>>, chance: f64, dice: u64 },
    /// `<0 1> .. <3 4>`: each event of `from` counts up or down, within its own time, to what `to` says.
    Count { from: Box<Node<L>>, to: Box<Node<Bound>>, ladders: Vec<Ladder<L>> },
    /// `a:<b c>`: each event of the first with the values that the second has meanwhile.
    Join { first: Box<Node<L>>, second: Box<Node<L>>, pairs: Vec<Pair<L>> },
}

/// The numbers of a Euclidean rhythm, each of which may change with time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Euclid {
    pub(super) hits: Node<Number>,
    pub(super) steps: Node<Number>,
    pub(super) rotation: Option<Node<Number>>,
}

/// A number that steers: how often, how slow, how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number(pub(super) Beat);

/// Where counting ends; `None` where something stands that is no number, to which nothing counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bound(pub(super) Option<Beat>);

/// Where counting may lead from one value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ladder<L> {
    /// The value that counting begins with, and its number.
    pub(super) from: L,
    pub(super) value: Beat,
    /// The values one above the other, beginning with the value itself, and one below the other.
    pub(super) up: Vec<L>,
    pub(super) down: Vec<L>,
}

impl<L> Ladder<L> {
    /// The values from the beginning to `to`, in steps of one.
    pub(super) fn rungs(&self, to: Beat) -> &[L] {
        let side = if self.value < to { &self.up } else { &self.down };
        let count = (to - self.value).abs().floor().saturating_add(1) as usize;
        side.get(..count).unwrap_or(side)
    }
}

/// Two values and what they are together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pair<L> {
    /// Pairs are sorted by it.
    pub(super) of: (L, L),
    pub(super) value: L,
}

/// Steps that share a cycle.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sequence<L> {
    pub(super) steps: Vec<Step<L>>,
    /// Sum of the weights; above zero.
    pub(super) weight: Beat,
}

/// A step and the part of the cycle that it fills.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step<L> {
    pub(super) node: Node<L>,
    /// Where it begins and ends, in `0..=1` of the cycle.
    pub(super) start: Beat,
    pub(super) end: Beat,
    /// What lies between.
    pub(super) width: Beat,
}

impl<L> Sequence<L> {
    /// Lays out weighted steps over one cycle. The weights are above zero and
    /// there is at least one.
    pub(super) fn new(weighted: Vec<(Node<L>, Beat)>) -> Sequence<L> {
        let weight: Beat = weighted.iter().map(|(_, weight)| *weight).sum();
        // Shares are summed before they are divided, so that no denominator grows.
        let mut before = Beat::ZERO;
        let steps = weighted
            .into_iter()
            .map(|(node, share)| {
                let start = before / weight;
                before += share;
                Step { node, start, end: before / weight, width: share / weight }
            })
            .collect();
        Sequence { steps, weight }
    }
}

impl<L> Node<L> {
    /// A node whose cost is within the bounds.
    ///
    /// # Errors
    /// When it costs too much to play, told at its place in the text.
    pub(super) fn new(kind: Kind<L>, at: Range<usize>) -> Result<Node<L>, MiniError> {
        let cost = Cost::of(&kind);
        cost.check(&at)?;
        Ok(Node { at, kind, cost })
    }

    /// A single row that is one plain step is that step.
    pub(super) fn from_rows(mut rows: Vec<Sequence<L>>, at: Range<usize>) -> Result<Node<L>, MiniError> {
        let mut nodes = rows.drain(..).map(|mut row| match row.steps.pop() {
            Some(only) if row.steps.is_empty() => Ok(only.node),
            last => {
                row.steps.extend(last);
                Node::new(Kind::Sequence(row), at.clone())
            }
        });
        match (nodes.next(), nodes.len()) {
            (None, _) => Node::new(Kind::Rest, at),
            (Some(only), 0) => only,
            (Some(first), _) => {
                let all = std::iter::once(first).chain(nodes).collect::<Result<_, _>>()?;
                Node::new(Kind::Stack(all), at)
            }
        }
    }

    /// Calls `each` with every value that can sound and its place, in the order of the text.
    pub(super) fn for_each_leaf(&self, each: &mut impl FnMut(&L, &Range<usize>)) {
        let mut of_row = |row: &Sequence<L>| row.steps.iter().for_each(|step| step.node.for_each_leaf(each));
        match &self.kind {
            Kind::Rest => {}
            Kind::Leaf(leaf) => each(leaf, &self.at),
            Kind::Sequence(row) => of_row(row),
            Kind::Stack(nodes) | Kind::Choice { options: nodes, .. } => {
                nodes.iter().for_each(|node| node.for_each_leaf(each));
            }
            Kind::Alternate(rows) | Kind::Polymeter { rows, .. } => rows.iter().for_each(of_row),
            Kind::Fast(node, _) | Kind::Slow(node, _) | Kind::Euclid(node, _) | Kind::Repeat(node, _) => {
                node.for_each_leaf(each);
            }
            Kind::Degrade { node, .. } => node.for_each_leaf(each),
            Kind::Count { ladders, .. } => {
                let rungs = ladders.iter().flat_map(|ladder| ladder.up.iter().chain(&ladder.down));
                rungs.for_each(|rung| each(rung, &self.at));
            }
            Kind::Join { pairs, .. } => pairs.iter().for_each(|pair| each(&pair.value, &self.at)),
        }
    }

    /// The same for values that change.
    pub(super) fn for_each_leaf_mut(&mut self, each: &mut impl FnMut(&mut L)) {
        let mut of_row =
            |row: &mut Sequence<L>| row.steps.iter_mut().for_each(|step| step.node.for_each_leaf_mut(each));
        match &mut self.kind {
            Kind::Rest => {}
            Kind::Leaf(leaf) => each(leaf),
            Kind::Sequence(row) => of_row(row),
            Kind::Stack(nodes) | Kind::Choice { options: nodes, .. } => {
                nodes.iter_mut().for_each(|node| node.for_each_leaf_mut(each));
            }
            Kind::Alternate(rows) | Kind::Polymeter { rows, .. } => rows.iter_mut().for_each(of_row),
            Kind::Fast(node, _) | Kind::Slow(node, _) | Kind::Euclid(node, _) | Kind::Repeat(node, _) => {
                node.for_each_leaf_mut(each);
            }
            Kind::Degrade { node, .. } => node.for_each_leaf_mut(each),
            Kind::Count { ladders, .. } => {
                ladders
                    .iter_mut()
                    .flat_map(|ladder| ladder.up.iter_mut().chain(&mut ladder.down))
                    .for_each(each);
            }
            Kind::Join { pairs, .. } => pairs.iter_mut().for_each(|pair| each(&mut pair.value)),
        }
    }
}

impl<L: Copy> Node<L> {
    /// Every value that can sound with its place, in the order of the text.
    pub(super) fn leaves(&self) -> Vec<(L, Range<usize>)> {
        let mut leaves = Vec::new();
        self.for_each_leaf(&mut |leaf, at| leaves.push((*leaf, at.clone())));
        leaves
    }
}

impl<L> Node<L> {
    /// Most values that hold at the same time.
    pub(super) fn layers(&self) -> usize {
        let of_row = |row: &Sequence<L>| row.steps.iter().map(|step| step.node.layers()).max().unwrap_or(0);
        match &self.kind {
            Kind::Rest => 0,
            Kind::Leaf(_) => 1,
            Kind::Sequence(row) => of_row(row),
            Kind::Stack(nodes) => nodes.iter().map(Node::layers).sum(),
            Kind::Choice { options, .. } => options.iter().map(Node::layers).max().unwrap_or(0),
            Kind::Alternate(rows) => rows.iter().map(of_row).sum(),
            Kind::Polymeter { rows, pace } => rows.iter().map(of_row).sum::<usize>() * pace.layers(),
            Kind::Fast(node, number) | Kind::Slow(node, number) => node.layers() * number.layers(),
            Kind::Euclid(node, euclid) => {
                let rotations = euclid.rotation.as_ref().map_or(1, Node::layers);
                node.layers() * euclid.hits.layers() * euclid.steps.layers() * rotations
            }
            Kind::Degrade { node, .. } | Kind::Repeat(node, _) => node.layers(),
            Kind::Count { from, to, .. } => from.layers() * to.layers(),
            Kind::Join { first, second, .. } => first.layers() * second.layers(),
        }
    }
}

impl Node<Number> {
    /// The number, if it never changes.
    pub(super) fn constant(&self) -> Option<Beat> {
        match self.kind {
            Kind::Leaf(Number(value)) => Some(value),
            _ => None,
        }
    }

    /// The least distance from zero of all numbers other than zero, and the greatest of all; `None` without
    /// any number other than zero.
    pub(super) fn extent(&self) -> Option<(Beat, Beat)> {
        let mut extent: Option<(Beat, Beat)> = None;
        self.for_each_leaf(&mut |Number(value), _| {
            let size = value.abs();
            if !size.is_zero() {
                extent = Some(extent.map_or((size, size), |(least, most)| (least.min(size), most.max(size))));
            }
        });
        extent
    }
}
