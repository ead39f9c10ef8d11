//! Plays the tree of mini-notation: the events of any span of cycles, exact, with
//! randomness from the place in time and a seed only.

use std::cmp::Ordering;

use super::time::{Time, Window};
use super::tree::{Bound, Kind, Ladder, Node, Number, Pair, Sequence};
use crate::random::Seed;
use crate::{Beat, euclid};

/// A value that holds for some time, told in the pattern's time.
#[derive(Debug, Clone)]
pub(super) struct Sounding<L, T> {
    pub(super) whole: Window<T>,
    /// What of the whole lies in the span asked for; never empty.
    pub(super) part: Window<T>,
    pub(super) value: L,
}

/// How a node's own time runs in the pattern's: a line that rises. It goes through a known point, most often
/// where the cycle at hand begins, so that numbers stay short and that point costs nothing.
#[derive(Debug, Clone)]
struct Frame<T> {
    /// A moment of the node's own time, and where it is in the pattern's.
    origin: T,
    offset: T,
    /// How long one cycle of the node is in the pattern's time.
    scale: T,
}

impl<T: Time> Frame<T> {
    fn time(&self, at: &T) -> T {
        if *at == self.origin {
            return self.offset.clone();
        }
        at.minus(&self.origin).times(&self.scale).plus(&self.offset)
    }

    fn window(&self, window: &Window<T>) -> Window<T> {
        window.map(|at| self.time(at))
    }

    /// Whether a window of the node's own time is the cycle that begins at the known point.
    fn is_cycle(&self, window: &Window<T>) -> bool {
        window.start == self.origin
            && window.end == self.origin.plus(&T::of(Beat::ONE))
            && self.origin.is_whole()
    }

    /// That cycle in the pattern's time.
    fn cycle(&self) -> Window<T> {
        Window { start: self.offset.clone(), end: self.offset.plus(&self.scale) }
    }

    /// From the pattern's time to the node's own.
    fn own(&self, window: &Window<T>) -> Window<T> {
        window.map(|at| at.minus(&self.offset).over(&self.scale).plus(&self.origin))
    }
}

/// Where and with what randomness a node is played.
#[derive(Debug, Clone)]
pub(super) struct Footing<T> {
    frame: Frame<T>,
    seed: Seed,
}

impl<T: Time> Footing<T> {
    /// The pattern's own time.
    pub(super) fn new(seed: Seed) -> Footing<T> {
        let (zero, one) = (T::of(Beat::ZERO), T::of(Beat::ONE));
        Footing { frame: Frame { origin: zero.clone(), offset: zero, scale: one }, seed }
    }

    /// For a node whose time is `factor` times that of this footing's.
    fn faster(&self, factor: &T) -> Footing<T> {
        let Frame { origin, offset, scale } = &self.frame;
        let frame = Frame { origin: origin.times(factor), offset: offset.clone(), scale: scale.over(factor) };
        Footing { frame, ..*self }
    }

    /// For a node whose own time `origin` is at `offset` of the pattern's time, and whose time runs at
    /// 1 / `width` of this footing's.
    fn within(&self, origin: &T, offset: T, width: &T) -> Footing<T> {
        let frame = Frame { origin: origin.clone(), offset, scale: self.frame.scale.times(width) };
        Footing { frame, ..*self }
    }
}

/// Adds the events of `node` that touch `span`, which is in the node's own time and
/// not empty; the events are in the pattern's time.
pub(super) fn play<L: Copy + Ord, T: Time>(
    node: &Node<L>,
    span: &Window<T>,
    footing: &Footing<T>,
    out: &mut Vec<Sounding<L, T>>,
) {
    match &node.kind {
        Kind::Rest => {}
        Kind::Leaf(leaf) if footing.frame.is_cycle(span) => {
            let whole = footing.frame.cycle();
            out.push(Sounding { part: whole.clone(), whole, value: *leaf });
        }
        Kind::Leaf(leaf) => span.cycles(|cycle, part| {
            let own = cycle_of(cycle);
            let whole = footing.frame.window(&own);
            // Most often all of it is asked for.
            let part = if part == own { whole.clone() } else { footing.frame.window(&part) };
            out.push(Sounding { whole, part, value: *leaf });
        }),
        Kind::Sequence(sequence) => play_row(sequence, span, footing, out),
        Kind::Stack(nodes) => nodes.iter().for_each(|node| play(node, span, footing, out)),
        Kind::Choice { options, dice } => span.cycles(|cycle, part| {
            let noise = footing.frame.time(cycle).noise(footing.seed.child_number(*dice));
            let chosen = (noise * options.len() as f64) as usize;
            if let Some(option) = options.get(chosen) {
                play(option, &part, footing, out);
            }
        }),
        Kind::Alternate(rows) => {
            rows.iter().for_each(|row| play_row_at(row, &T::of(row.weight), span, footing, out));
        }
        Kind::Polymeter { rows, pace } => steered(pace, span, footing, |pace, part| {
            if !pace.is_zero() {
                let cycles = |row: &Sequence<L>| T::of(row.weight).over(pace);
                rows.iter().for_each(|row| play_row_at(row, &cycles(row), part, footing, out));
            }
        }),
        Kind::Fast(node, factor) => steered(factor, span, footing, |factor, part| {
            if !factor.is_zero() {
                play(node, &part.map(|at| at.times(factor)), &footing.faster(factor), out);
            }
        }),
        Kind::Slow(node, factor) => steered(factor, span, footing, |factor, part| {
            if !factor.is_zero() {
                let factor = T::of(Beat::ONE).over(factor);
                play(node, &part.map(|at| at.times(&factor)), &footing.faster(&factor), out);
            }
        }),
        Kind::Repeat(node, copies) => play_copies(node, &T::of(*copies), span, footing, out),
        Kind::Euclid(node, euclid) => {
            steered(&euclid.hits, span, footing, |hits, part| {
                steered(&euclid.steps, part, footing, |steps, part| match &euclid.rotation {
                    None => play_euclid(node, (hits, steps, &T::of(Beat::ZERO)), part, footing, out),
                    Some(rotation) => steered(rotation, part, footing, |rotation, part| {
                        play_euclid(node, (hits, steps, rotation), part, footing, out);
                    }),
                });
            });
        }
        Kind::Degrade { node, chance, dice } => {
            let before = out.len();
            play(node, span, footing, out);
            let seed = footing.seed.child_number(*dice);
            // By the whole, so that every part of an event meets the same fate.
            let mut kept = before;
            for i in before..out.len() {
                if out[i].whole.start.noise(seed) >= *chance {
                    out.swap(kept, i);
                    kept += 1;
                }
            }
            out.truncate(kept);
        }
        Kind::Count { from, to, ladders } => play_count(from, to, ladders, span, footing, out),
        Kind::Join { first, second, pairs } => {
            let mut firsts = Vec::new();
            play(first, span, footing, &mut firsts);
            for Sounding { whole, part, value } in firsts {
                let mut seconds = Vec::new();
                play(second, &footing.frame.own(&part), footing, &mut seconds);
                for other in seconds {
                    if let Some(value) = joined(pairs, (value, other.value)) {
                        out.push(Sounding { whole: whole.clone(), part: other.part, value });
                    }
                }
            }
        }
    }
}

fn cycle_of<T: Time>(start: &T) -> Window<T> {
    Window { start: start.clone(), end: start.plus(&T::of(Beat::ONE)) }
}

fn joined<L: Copy + Ord>(pairs: &[Pair<L>], of: (L, L)) -> Option<L> {
    let found = pairs.binary_search_by(|pair| pair.of.cmp(&of)).ok()?;
    pairs.get(found).map(|pair| pair.value)
}

/// Calls `each` with every value of a number that steers and the part of `span`, in
/// the steered node's own time, in which it holds.
fn steered<T: Time>(
    number: &Node<Number>,
    span: &Window<T>,
    footing: &Footing<T>,
    mut each: impl FnMut(&T, &Window<T>),
) {
    if let Some(value) = number.constant() {
        return each(&T::of(value), span);
    }
    let mut values = Vec::new();
    play(number, span, footing, &mut values);
    for event in values {
        let Number(value) = event.value;
        each(&T::of(value), &footing.frame.own(&event.part));
    }
}

/// A row that takes `cycles` of the frame's cycles.
fn play_row_at<L: Copy + Ord, T: Time>(
    row: &Sequence<L>,
    cycles: &T,
    span: &Window<T>,
    footing: &Footing<T>,
    out: &mut Vec<Sounding<L, T>>,
) {
    let factor = T::of(Beat::ONE).over(cycles);
    play_row(row, &span.map(|at| at.times(&factor)), &footing.faster(&factor), out);
}

/// A row in one cycle: in cycle `c` each step plays its own cycle `c`, squeezed.
fn play_row<L: Copy + Ord, T: Time>(
    row: &Sequence<L>,
    span: &Window<T>,
    footing: &Footing<T>,
    out: &mut Vec<Sounding<L, T>>,
) {
    span.cycles(|cycle, part| {
        let (from, to) = (part.start.minus(cycle), part.end.minus(cycle));
        let begins = footing.frame.time(cycle);
        let first =
            if from.is_zero() { 0 } else { row.steps.partition_point(|step| T::of(step.end) <= from) };
        for step in &row.steps[first..] {
            let (start, end, width) = (T::of(step.start), T::of(step.end), T::of(step.width));
            if start >= to {
                break;
            }
            // The cycle's time start + (x - cycle) · width is the step's own time x.
            let own = |at: &T| at.minus(&start).over(&width).plus(cycle);
            let inner = Window {
                start: if from > start { own(&from) } else { cycle.clone() },
                end: if to < end { own(&to) } else { cycle.plus(&T::of(Beat::ONE)) },
            };
            let offset = start.times(&footing.frame.scale).plus(&begins);
            play(&step.node, &inner, &footing.within(cycle, offset, &width), out);
        }
    });
}

/// Each cycle of the node `copies` times over, so much faster that as many cycles pass as without.
fn play_copies<L: Copy + Ord, T: Time>(
    node: &Node<L>,
    copies: &T,
    span: &Window<T>,
    footing: &Footing<T>,
    out: &mut Vec<Sounding<L, T>>,
) {
    let footing = footing.faster(copies);
    span.map(|at| at.times(copies)).cycles(|cycle, part| {
        let shift = cycle.minus(&cycle.over(copies).floor());
        let (one, own) = (T::of(Beat::ONE), cycle.minus(&shift));
        let inside = footing.within(&own, footing.frame.time(cycle), &one);
        play(node, &part.map(|at| at.minus(&shift)), &inside, out);
    });
}

/// A Euclidean rhythm: each hit is one event, in which the node's values hold as long as in the node; what is
/// played is the value at the hit's start.
fn play_euclid<L: Copy + Ord, T: Time>(
    node: &Node<L>,
    (hits, steps, rotation): (&T, &T, &T),
    span: &Window<T>,
    footing: &Footing<T>,
    out: &mut Vec<Sounding<L, T>>,
) {
    let count = steps.to_i32();
    let rotation = match rotation.to_i32() {
        // As in Strudel, which turns no further than once around.
        far if far.unsigned_abs() > count.unsigned_abs() => 0,
        rotation => rotation,
    };
    let rhythm = euclid(hits.to_i32(), count.unsigned_abs(), rotation);
    span.cycles(|cycle, part| {
        for (i, _) in (0i64..).zip(&rhythm).filter(|(_, hit)| **hit) {
            let at = |i: i64| T::of(Beat::whole(i)).over(steps).plus(cycle);
            let whole = Window { start: at(i), end: at(i + 1) };
            let Some(part) = whole.intersect(&part) else { continue };
            let whole = footing.frame.window(&whole);
            let before = out.len();
            play(node, &part, footing, out);
            for event in &mut out[before..] {
                event.whole = whole.clone();
            }
        }
    });
}

/// Each event of `from` plays, squeezed into its whole, the cycle of `to` in whose number it begins: there each
/// value of `to` holds what of the way to it falls into its time.
fn play_count<L: Copy + Ord, T: Time>(
    from: &Node<L>,
    to: &Node<Bound>,
    ladders: &[Ladder<L>],
    span: &Window<T>,
    footing: &Footing<T>,
    out: &mut Vec<Sounding<L, T>>,
) {
    let mut starts = Vec::new();
    play(from, span, footing, &mut starts);
    for outer in starts {
        let Some(ladder) = ladders.iter().find(|ladder| ladder.from == outer.value) else { continue };
        let whole = footing.frame.own(&outer.whole);
        let (cycle, width) = (whole.start.floor(), whole.end.minus(&whole.start));
        // Own time x of the inner cycle is start + (x - cycle) · width.
        let inside = footing.within(&cycle, outer.whole.start.clone(), &width);
        let mut ends = Vec::new();
        play(to, &inside.frame.own(&outer.part), &inside, &mut ends);
        for end in ends {
            let Bound(Some(value)) = end.value else { continue };
            let rungs = ladder.rungs(value);
            let part = inside.frame.own(&end.part);
            let at = |i: usize| {
                T::of(Beat::whole(i as i64)).over(&T::of(Beat::whole(rungs.len() as i64))).plus(&cycle)
            };
            for (i, rung) in rungs.iter().enumerate() {
                let cell = Window { start: at(i), end: at(i + 1) };
                let Some(part) = cell.intersect(&part) else { continue };
                let cell = inside.frame.window(&cell);
                let Some(whole) = cell.intersect(&end.whole).and_then(|cell| cell.intersect(&outer.whole))
                else {
                    continue;
                };
                out.push(Sounding { whole, part: inside.frame.window(&part), value: *rung });
            }
        }
    }
}

/// The order in which events are told: by what is heard first.
pub(super) fn by_time<L, T: Time>(a: &Sounding<L, T>, b: &Sounding<L, T>) -> Ordering {
    a.part.start.cmp(&b.part.start).then_with(|| a.whole.cmp(&b.whole))
}
