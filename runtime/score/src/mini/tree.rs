//! What mini-notation means, as a tree: each node knows its place in the text and
//! how much it can cost to play.
//!
//! Leaves are generic: in the music they are indices of words, in the numbers
//! after `*`, `/`, `%` and between `( )` they are [`Number`]s.

use std::ops::Range;
use std::sync::Arc;

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
    /// `a(3,8,2)`
    Euclid(Box<Node<L>>, Box<Euclid>),
    /// `a?0.3`: each event is left out with this probability.
    Degrade { node: Box<Node<L>>, chance: f64, dice: u64 },
}

/// The numbers of a Euclidean rhythm, each of which may change with time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Euclid {
    pub(super) hits: Node<Number>,
    pub(super) steps: Node<Number>,
    pub(super) rotation: Option<Node<Number>>,
}

/// A number that steers: how often, how slow, how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number(pub(super) Beat);

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
    /// Shared by the copies that `!` makes.
    pub(super) node: Arc<Node<L>>,
    /// Where it begins and ends, in `0..=1` of the cycle.
    pub(super) start: Beat,
    pub(super) end: Beat,
}

impl<L> Sequence<L> {
    /// Lays out weighted steps over one cycle. The weights are above zero and
    /// there is at least one.
    pub(super) fn new(weighted: Vec<(Arc<Node<L>>, Beat)>) -> Sequence<L> {
        let weight: Beat = weighted.iter().map(|(_, weight)| *weight).sum();
        let mut start = Beat::ZERO;
        let steps = weighted
            .into_iter()
            .map(|(node, share)| {
                let step = Step { node, start, end: start + share / weight };
                start = step.end;
                step
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
    pub(super) fn from_rows(mut rows: Vec<Sequence<L>>, at: Range<usize>) -> Result<Node<L>, MiniError>
    where
        L: Clone,
    {
        let mut nodes = rows.drain(..).map(|row| match row.steps.as_slice() {
            [only] => Ok(only.node.as_ref().clone()),
            _ => Node::new(Kind::Sequence(row), at.clone()),
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
}

impl<L: Copy> Node<L> {
    /// Every leaf with its place, in the order of the text.
    pub(super) fn leaves(&self) -> Vec<(L, Range<usize>)> {
        let of_row =
            |row: &Sequence<L>| row.steps.iter().flat_map(|step| step.node.leaves()).collect::<Vec<_>>();
        match &self.kind {
            Kind::Rest => Vec::new(),
            Kind::Leaf(leaf) => vec![(*leaf, self.at.clone())],
            Kind::Sequence(row) => of_row(row),
            Kind::Stack(nodes) | Kind::Choice { options: nodes, .. } => {
                nodes.iter().flat_map(Node::leaves).collect()
            }
            Kind::Alternate(rows) | Kind::Polymeter { rows, .. } => rows.iter().flat_map(of_row).collect(),
            Kind::Fast(node, _) | Kind::Slow(node, _) | Kind::Euclid(node, _) => node.leaves(),
            Kind::Degrade { node, .. } => node.leaves(),
        }
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
            Kind::Degrade { node, .. } => node.layers(),
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

    /// The least and the greatest distance from zero of all numbers, or `None` without any.
    pub(super) fn extent(&self) -> Option<(Beat, Beat)> {
        let sizes = self.leaves().into_iter().map(|(Number(value), _)| value.abs());
        sizes.fold(None, |extent, size| {
            Some(extent.map_or((size, size), |(least, most): (Beat, Beat)| (least.min(size), most.max(size))))
        })
    }
}
