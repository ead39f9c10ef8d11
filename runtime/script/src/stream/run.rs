//! A stream as it is read from one place on: the takes around the playhead, and no others.

use std::collections::VecDeque;

use lilt_inference::{Medium, ModelError, Piece, Take, TakeState};
use lilt_score::{Beat, Controls, Event, Sketch, Span};
use lilt_sequencer::Evidence;

use super::{AHEAD, Due, HEARD, PHRASE, Stream};
use crate::clip_value::playable;
use crate::fault::Fault;

/// What is known of a stream whose bar 0 lies at one beat.
pub(super) struct Run {
    begins: Beat,
    /// Number of the first take of `made`; those before it are forgotten.
    first: u64,
    made: VecDeque<Piece>,
    /// The take after those.
    coming: Option<Take>,
    failed: Option<Fault>,
    /// What was asked for last, and the end of the farthest that was.
    asked: Span,
}

impl Run {
    /// Nothing made yet; bar 0 lies at `begins`.
    pub fn new(begins: Beat) -> Run {
        Run {
            begins,
            first: 0,
            made: VecDeque::new(),
            coming: None,
            failed: None,
            asked: Span { start: begins, end: begins },
        }
    }

    /// Where bar 0 lies.
    pub fn begins(&self) -> Beat {
        self.begins
    }

    /// The beat from which it is still known, where a take lasts `length`.
    pub fn kept_from(&self, length: Beat) -> Beat {
        self.begins + length * Beat::whole(self.first as i64)
    }

    /// The take that is being made.
    pub fn coming(&self) -> Option<Take> {
        self.coming.clone()
    }

    /// How many takes it holds.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        self.made.len()
    }

    /// It is read at `span`, and is to be made beyond.
    pub fn ask(&mut self, span: Span) {
        self.asked = Span { start: span.start, end: span.end.max(self.asked.end) };
    }

    /// True when all of `span` is there.
    pub fn is_made(&self, span: Span, length: Beat) -> bool {
        span.end <= self.made_until(length)
    }

    fn made_until(&self, length: Beat) -> Beat {
        self.begins + length * Beat::whole((self.first + self.made.len() as u64) as i64)
    }

    /// Takes in the take that has arrived, forgets what lies behind, and asks for the next.
    pub fn advance(&mut self, stream: &Stream, due: Due<'_>) {
        let bar = stream.sampling.conditions().meter.bar();
        while self.failed.is_none() {
            let at = self.made_until(stream.length());
            if self.coming.is_none() {
                if at >= self.asked.end + bar * Beat::whole(AHEAD.into()) {
                    return;
                }
                match stream.verb(self.first + self.made.len() as u64, self.made.make_contiguous()) {
                    Ok(verb) => self.coming = Some(stream.request(verb)),
                    Err(fault) => self.failed = Some(fault),
                }
            }
            let Some(take) = &self.coming else { return };
            match take.poll() {
                TakeState::Pending { .. } => {
                    if let Some(instant) = due(at) {
                        stream.context.inference.set_deadline(take, instant);
                    }
                    return;
                }
                TakeState::Ready(answer) => {
                    let told = answer.ess().zip(answer.log_z());
                    stream.evidence.set(told.map(|(ess, log_z)| Evidence { ess, log_z }));
                    match fitting(answer.piece(), stream) {
                        Ok(piece) => self.made.push_back(piece),
                        Err(fault) => self.failed = Some(fault),
                    }
                    self.coming = None;
                    self.forget_behind(stream, bar);
                }
                // No answer of the model: there may be room for the take a moment later.
                TakeState::Failed(error) if matches!(*error, ModelError::QueueFull(_)) => {
                    self.coming = None;
                    return;
                }
                TakeState::Failed(error) => {
                    self.failed = Some((*error).clone().into());
                    self.coming = None;
                }
            }
        }
    }

    /// Forgets takes that neither the next take nor who reads a little later looks back to.
    fn forget_behind(&mut self, stream: &Stream, bar: Beat) {
        let next = self.first + self.made.len() as u64;
        let heard = next.saturating_sub(stream.takes_of(HEARD + PHRASE));
        let behind = self.asked.start - self.begins - bar * Beat::whole(PHRASE as i64);
        let read = behind.floor_div(stream.length()).max(0) as u64;
        while self.first < heard.min(read) && self.made.pop_front().is_some() {
            self.first += 1;
        }
    }

    /// The notes of `span`; `Err(None)` when they are not made yet.
    pub fn notes(&self, span: Span, length: Beat) -> Result<Vec<Event<Controls>>, Option<Fault>> {
        let mut events = Vec::new();
        for (offset, piece) in self.made(span, length)? {
            let Piece::Clip(clip) = piece else { continue };
            for note in clip.notes() {
                let whole = Span::new(note.start + offset, note.end() + offset);
                if let Some(part) = whole.intersect(span) {
                    events.push(Event::new(whole, part, Controls::from(*note)));
                }
            }
        }
        Ok(events)
    }

    /// The drawings of `span`, each from where it begins to where the next does; `Err(None)` when they are not made
    /// yet.
    pub fn drawings(&self, span: Span, length: Beat) -> Result<Vec<Event<Sketch>>, Option<Fault>> {
        let mut events = Vec::new();
        for (offset, piece) in self.made(span, length)? {
            let Piece::Sketch(sketch) = piece else { continue };
            let whole = Span::new(offset, offset + length);
            events.extend(whole.intersect(span).map(|part| Event::new(whole, part, sketch.clone())));
        }
        Ok(events)
    }

    /// What is made, and where each begins, if all of `span` is.
    fn made(&self, span: Span, length: Beat) -> Result<impl Iterator<Item = (Beat, &Piece)>, Option<Fault>> {
        if !self.is_made(span, length) {
            return Err(self.failed.clone());
        }
        let begins = move |number: i64| self.begins + length * Beat::whole(number);
        Ok((self.first as i64..).map(begins).zip(&self.made))
    }
}

/// The piece of a take, if it is as it was to be and can be played.
fn fitting(piece: Option<&Piece>, stream: &Stream) -> Result<Piece, Fault> {
    let wanted = stream.sampling.medium();
    match piece {
        Some(Piece::Sketch(sketch)) if wanted == Medium::Drawing => Ok(sketch.into()),
        Some(Piece::Clip(clip)) if wanted == Medium::Music => {
            if clip.length() != stream.length() {
                let (got, wanted) = (clip.length(), stream.length());
                return Err(Fault::new(format!(
                    "the model made {got} beats of a stream where {wanted} were asked for"
                )));
            }
            Ok(playable(clip)?.into())
        }
        _ => Err(Fault::new(format!("the model answered with something other than a {}", wanted.piece()))),
    }
}
