//! Plays the tree of mini-notation: the events of any span of cycles, exact, with
//! randomness from the place in time and a seed only.

use std::cmp::Ordering;

use super::tree::{Kind, Node, Number, Sequence};
use crate::random::{Seed, noise_at};
use crate::{Beat, Event, Span, euclid};

/// How a node's own time runs in the pattern's: a line that rises.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    scale: Beat,
    offset: Beat,
}

impl Frame {
    /// The pattern's own time.
    pub(super) const WHOLE: Frame = Frame { scale: Beat::ONE, offset: Beat::ZERO };

    fn time(self, at: Beat) -> Beat {
        at * self.scale + self.offset
    }

    fn span(self, span: Span) -> Span {
        Span { start: self.time(span.start), end: self.time(span.end) }
    }

    /// From the pattern's time to the node's own.
    fn own(self, span: Span) -> Span {
        Span { start: (span.start - self.offset) / self.scale, end: (span.end - self.offset) / self.scale }
    }

    /// For a node whose time is `factor` times that of this frame's.
    fn faster(self, factor: Beat) -> Frame {
        Frame { scale: self.scale / factor, ..self }
    }
}

/// Where and with what randomness a node is played.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage {
    pub(super) frame: Frame,
    pub(super) seed: Seed,
}

impl Stage {
    fn faster(self, factor: Beat) -> Stage {
        Stage { frame: self.frame.faster(factor), ..self }
    }
}

/// Adds the events of `node` that touch `span`, which is in the node's own time and
/// not empty; the events are in the pattern's time.
pub(super) fn play<L: Copy>(node: &Node<L>, span: Span, stage: Stage, out: &mut Vec<Event<L>>) {
    match &node.kind {
        Kind::Rest => {}
        Kind::Leaf(leaf) => {
            for part in span.cycles(Beat::ONE) {
                let start = Beat::whole(part.start.floor());
                let whole = stage.frame.span(Span { start, end: start + Beat::ONE });
                out.push(Event::new(whole, stage.frame.span(part), *leaf));
            }
        }
        Kind::Sequence(sequence) => play_row(sequence, span, stage, out),
        Kind::Stack(nodes) => nodes.iter().for_each(|node| play(node, span, stage, out)),
        Kind::Choice { options, dice } => {
            for part in span.cycles(Beat::ONE) {
                let moment = stage.frame.time(Beat::whole(part.start.floor()));
                let noise = noise_at(stage.seed.child_number(*dice), moment);
                let chosen = (noise * options.len() as f64) as usize;
                if let Some(option) = options.get(chosen) {
                    play(option, part, stage, out);
                }
            }
        }
        Kind::Alternate(rows) => rows.iter().for_each(|row| play_row_at(row, row.weight, span, stage, out)),
        Kind::Polymeter { rows, pace } => steered(pace, span, stage, |pace, part| {
            if !pace.is_zero() {
                rows.iter().for_each(|row| play_row_at(row, row.weight / pace, part, stage, out));
            }
        }),
        Kind::Fast(node, factor) => steered(factor, span, stage, |factor, part| {
            if !factor.is_zero() {
                play(node, faster(part, factor), stage.faster(factor), out);
            }
        }),
        Kind::Slow(node, factor) => steered(factor, span, stage, |factor, part| {
            let factor = Beat::ONE / factor;
            play(node, faster(part, factor), stage.faster(factor), out);
        }),
        Kind::Euclid(node, euclid) => {
            steered(&euclid.hits, span, stage, |hits, part| {
                steered(&euclid.steps, part, stage, |steps, part| match &euclid.rotation {
                    None => play_euclid(node, (hits, steps, Beat::ZERO), part, stage, out),
                    Some(rotation) => steered(rotation, part, stage, |rotation, part| {
                        play_euclid(node, (hits, steps, rotation), part, stage, out);
                    }),
                });
            });
        }
        Kind::Degrade { node, chance, dice } => {
            let before = out.len();
            play(node, span, stage, out);
            let events = out.split_off(before);
            let seed = stage.seed.child_number(*dice);
            // By the whole, so that every part of an event meets the same fate.
            out.extend(events.into_iter().filter(|event| {
                noise_at(seed, event.whole.map_or(event.part.start, |whole| whole.start)) >= *chance
            }));
        }
    }
}

/// A span in time that runs `factor` times as fast.
fn faster(span: Span, factor: Beat) -> Span {
    Span { start: span.start * factor, end: span.end * factor }
}

/// Calls `each` with every value of a number that steers and the part of `span`, in
/// the steered node's own time, in which it holds.
fn steered(number: &Node<Number>, span: Span, stage: Stage, mut each: impl FnMut(Beat, Span)) {
    if let Some(value) = number.constant() {
        return each(value, span);
    }
    let mut values = Vec::new();
    play(number, span, stage, &mut values);
    for event in values {
        let Number(value) = event.value;
        each(value, stage.frame.own(event.part));
    }
}

/// A row that takes `cycles` of the frame's cycles.
fn play_row_at<L: Copy>(row: &Sequence<L>, cycles: Beat, span: Span, stage: Stage, out: &mut Vec<Event<L>>) {
    let factor = Beat::ONE / cycles;
    play_row(row, faster(span, factor), stage.faster(factor), out);
}

/// A row in one cycle: in cycle `c` each step plays its own cycle `c`, squeezed.
fn play_row<L: Copy>(row: &Sequence<L>, span: Span, stage: Stage, out: &mut Vec<Event<L>>) {
    for part in span.cycles(Beat::ONE) {
        let cycle = Beat::whole(part.start.floor());
        let (from, to) = (part.start - cycle, part.end - cycle);
        let first = row.steps.partition_point(|step| step.end <= from);
        for step in row.steps[first..].iter().take_while(|step| step.start < to) {
            let width = step.end - step.start;
            // Own time x of the step is the cycle's time start + (x - cycle) · width.
            let own = |at: Beat| cycle + (at - step.start) / width;
            let inner = Span { start: own(from.max(step.start)), end: own(to.min(step.end)) };
            let frame = Frame {
                scale: stage.frame.scale * width,
                offset: stage.frame.time(cycle + step.start - cycle * width),
            };
            play(&step.node, inner, Stage { frame, ..stage }, out);
        }
    }
}

/// A Euclidean rhythm: each hit plays what the node has at the hit's start.
fn play_euclid<L: Copy>(
    node: &Node<L>,
    (hits, steps, rotation): (Beat, Beat, Beat),
    span: Span,
    stage: Stage,
    out: &mut Vec<Event<L>>,
) {
    let rhythm = euclid(hits.floor() as i32, steps.floor() as u32, rotation.floor() as i32);
    for part in span.cycles(Beat::ONE) {
        let cycle = Beat::whole(part.start.floor());
        for (i, _) in (0i64..).zip(&rhythm).filter(|(_, hit)| **hit) {
            let whole =
                Span { start: cycle + Beat::whole(i) / steps, end: cycle + Beat::whole(i + 1) / steps };
            let Some(part) = whole.intersect(part) else { continue };
            let (whole_there, part_there) = (stage.frame.span(whole), stage.frame.span(part));
            let mut values = Vec::new();
            play(node, whole, stage, &mut values);
            values.retain(|event| event.part.start == whole_there.start);
            out.extend(values.into_iter().map(|event| Event {
                whole: Some(whole_there),
                part: part_there,
                ..event
            }));
        }
    }
}

/// The order in which events are told: by what is heard first.
pub(super) fn by_time<T>(a: &Event<T>, b: &Event<T>) -> Ordering {
    let whole = |event: &Event<T>| event.whole.unwrap_or(event.part);
    a.part.start.cmp(&b.part.start).then(whole(a).cmp(&whole(b)))
}
