//! Stretches of each bar: squeezed into a part of it, spread over it, gone round in.

use super::apply::squeezed;
use crate::{Beat, Pattern, Span};

impl<T: 'static> Pattern<T> {
    /// Each bar squeezed into its stretch from `from` to `to`, in parts of a bar, and silence around it
    /// (TidalCycles' `compress`). A stretch that is empty or leaves the bar is silence.
    pub fn compress(&self, from: Beat, to: Beat) -> Pattern<T> {
        if from >= to || from < Beat::ZERO || to > Beat::ONE {
            return Pattern::silence();
        }
        let inner = self.clone();
        Pattern::try_new(move |query| {
            query.in_bars(|bar, query| {
                let bar = query.bar_line(bar);
                squeezed(&inner, Span { start: bar + from * query.bar, end: bar + to * query.bar }, query)
            })
        })
    }

    /// Of each bar the stretch from `from` to `to`, in parts of a bar, spread over the whole of it
    /// (TidalCycles' `zoom`). A stretch that is empty is silence.
    pub fn zoom(&self, from: Beat, to: Beat) -> Pattern<T> {
        if from >= to {
            return Pattern::silence();
        }
        let (inner, width) = (self.clone(), to - from);
        Pattern::try_new(move |query| {
            query.in_bars(|bar, query| {
                let bar = query.bar_line(bar);
                let shift = bar + from * query.bar;
                let there = |at: Beat| (at - bar) * width + shift;
                let back = |at: Beat| (at - shift) / width + bar;
                let asked = Span { start: there(query.span.start), end: there(query.span.end) };
                let found = inner.query(query.over(asked))?.into_iter();
                let placed = |span: Span| Span { start: back(span.start), end: back(span.end) };
                Ok(found.map(|event| event.placed(placed)).collect())
            })
        })
    }

    /// The first `part` of each bar again and again until the bar is full (TidalCycles' `linger`); the last
    /// part when negative. Nothing of it is silence.
    pub fn linger(&self, part: Beat) -> Pattern<T> {
        if part.is_zero() {
            return Pattern::silence();
        }
        let (inner, part) = (self.clone(), part.max(-Beat::ONE).min(Beat::ONE));
        let from = if part < Beat::ZERO { Beat::ONE + part } else { Beat::ZERO };
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            let width = part.abs() * query.bar;
            for in_bar in query.span.cycles(query.bar) {
                let bar = query.bar * Beat::whole(in_bar.start.floor_div(query.bar));
                for piece in in_bar.shift(-bar).cycles(width) {
                    let round = width * Beat::whole(piece.start.floor_div(width));
                    let shift = bar + round - (bar + from * query.bar);
                    let asked = piece.shift(bar - shift);
                    let found = inner.query(query.over(asked))?.into_iter();
                    events.extend(found.map(|event| event.placed(|span| span.shift(shift))));
                }
            }
            Ok(events)
        })
    }

    /// The `bars` bars from bar `from` on, again and again (Strudel's `ribbon`). No bars are silence.
    pub fn ribbon(&self, from: Beat, bars: Beat) -> Pattern<T> {
        if bars <= Beat::ZERO {
            return Pattern::silence();
        }
        let inner = self.clone();
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            let length = bars * query.bar;
            for part in query.span.cycles(length) {
                let shift = length * Beat::whole(part.start.floor_div(length)) - from * query.bar;
                let found = inner.query(query.over(part.shift(-shift)))?.into_iter();
                events.extend(found.map(|event| event.placed(|span| span.shift(shift))));
            }
            Ok(events)
        })
    }
}
