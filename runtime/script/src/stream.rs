//! Streams: music, or drawings, without end that a model makes take by take, a little ahead of the playhead. A take of
//! drawings lasts a bar and goes on where the one before has left the pen.
//!
//! Take k goes on from the last bars of what the takes before it made, so that every bar is a function
//! of the model, the options, the seed and its own number, whoever asks for it and when.

mod run;

use std::cell::{Cell, RefCell, RefMut};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Instant;

use lilt_inference::{Call, Input, Length, Model, Piece, Sampling, Take, Verb};
use lilt_score::{
    Beat, Clip, ClipError, Controls, Event, Pattern, Query, QueryError, Seed, Sketch, Span, Stroke,
};
use lilt_sequencer::Evidence;

use crate::context::{Context, Origin};
use crate::fault::Fault;
use run::Run;

/// How many bars of its past a take goes on from at least. `folk` looks back 16; with 8 it cannot know that
/// it has repeated a part already, and in 256 bars played the same eight up to eight times.
const HEARD: u64 = 16;

/// What a take goes on from begins at a multiple of so many bars, where a phrase is likely to.
const PHRASE: u64 = 8;

/// How many points of its past a drawing goes on from.
const TAIL: usize = 24;

/// How many bars are made beyond what was asked for: time for a slow model to catch up.
const AHEAD: u32 = 4;

/// At how many places of its music one stream may be read: slots that began at different bars.
const MOST_RUNS: usize = 8;

/// When a beat of the performance is heard; `None` where nobody knows.
type Due<'a> = &'a dyn Fn(Beat) -> Option<Instant>;

/// Reads the events of a span, where a take lasts so long; `Err(None)` when they are not made yet.
type Read<T> = fn(&Run, Span, Beat) -> Result<Vec<Event<T>>, Option<Fault>>;

/// Pieces without end.
pub(crate) struct Stream {
    context: Rc<Context>,
    /// As the newest evaluation made it: functions that tilt it belong to that.
    model: RefCell<Arc<dyn Model>>,
    /// Of one take. The seed is that of the whole stream.
    sampling: Sampling,
    /// Equal for streams that play the same.
    print: u64,
    /// Where it is being read, those that were asked last at the end.
    runs: RefCell<Vec<Run>>,
    evidence: Cell<Option<Evidence>>,
}

impl Stream {
    /// The stream of `print`: the one that is being played, or else a new one.
    pub fn of(context: &Rc<Context>, model: &Arc<dyn Model>, sampling: Sampling, print: u64) -> Rc<Stream> {
        if let Some(stream) = context.streams.find(print) {
            *stream.model.borrow_mut() = Arc::clone(model);
            return stream;
        }
        let stream = Rc::new(Stream {
            context: Rc::clone(context),
            model: RefCell::new(Arc::clone(model)),
            sampling,
            print,
            runs: RefCell::default(),
            evidence: Cell::default(),
        });
        context.streams.add(&stream);
        stream
    }

    /// What the first take is asked.
    ///
    /// # Errors
    /// Never: nothing comes before it.
    pub fn opening(&self) -> Result<Verb, Fault> {
        self.verb(0, &[])
    }

    /// How the tilted model behind it had to bend for the newest take.
    pub fn evidence(&self) -> Option<Evidence> {
        self.evidence.get()
    }

    /// Its music as a pattern, whose bar 0 lies at the origin of what it is asked; it answers
    /// [`QueryError::Late`] for bars that are not made yet. `opening` is kept from being forgotten, and
    /// `origin` is where the script says `stream`.
    pub fn music(self: Rc<Self>, opening: Take, origin: Origin) -> Pattern<Controls> {
        self.pattern(opening, origin, Run::notes)
    }

    /// Its drawings, as [`Stream::music`].
    pub fn drawings(self: Rc<Self>, opening: Take, origin: Origin) -> Pattern<Sketch> {
        self.pattern(opening, origin, Run::drawings)
    }

    fn pattern<T: 'static>(self: Rc<Self>, opening: Take, origin: Origin, read: Read<T>) -> Pattern<T> {
        Pattern::try_new(move |query| {
            let _kept = &opening;
            let failed = |fault| QueryError::Failed(Box::new(origin.diagnostic(fault)));
            self.events(query, read).map_err(|error| error.map_or(QueryError::Late, failed))
        })
    }

    /// What it plays; `Err(None)` when that is late.
    fn events<T>(&self, query: Query, read: Read<T>) -> Result<Vec<Event<T>>, Option<Fault>> {
        if query.span.end <= query.origin {
            return Ok(Vec::new());
        }
        self.run(query).ask(query.span);
        if self.context.limits.unhurried {
            self.wait(query);
        }
        read(&self.run(query), query.span, self.length())
    }

    /// Waits until it is made as far as it is asked.
    fn wait(&self, query: Query) {
        let deadline = Instant::now() + self.context.limits.take_time;
        while Instant::now() < deadline {
            let coming = {
                let mut run = self.run(query);
                run.advance(self, &|_| None);
                if run.is_made(query.span, self.length()) { None } else { run.coming() }
            };
            let Some(take) = coming else { return };
            self.context.wait_for(&take, deadline);
        }
    }

    /// Where it is read for this query.
    fn run(&self, query: Query) -> RefMut<'_, Run> {
        let mut runs = self.runs.borrow_mut();
        let from = query.span.start.max(query.origin);
        let nearest = (0..runs.len())
            .filter(|at| runs[*at].begins() == query.origin && runs[*at].kept_from(self.length()) <= from)
            .max_by_key(|at| runs[*at].kept_from(self.length()));
        let run = match nearest {
            Some(at) => runs.remove(at),
            None => Run::new(query.origin),
        };
        if runs.len() == MOST_RUNS {
            runs.remove(0);
        }
        runs.push(run);
        let last = runs.len() - 1;
        RefMut::map(runs, |runs| &mut runs[last])
    }

    /// What take `number` is asked; `past` is what the takes just before it made.
    fn verb(&self, number: u64, past: &[Piece]) -> Result<Verb, Fault> {
        let bars = self.bars();
        let now = self.sampling.conditions();
        let conditions = match self.model.borrow().continues() {
            Some(continues) => continues.later(now, number * u64::from(bars)),
            None => now.clone(),
        };
        let seed = Seed(self.sampling.seed()).child("stream").child_number(number).0;
        let (length, temperature) = (self.sampling.length(), self.sampling.temperature());
        let sampling = Sampling::of(length, temperature, seed, conditions)?;
        Ok(match self.primer(number, past)? {
            Some(primer) => Verb::Continue { primer: Input::Piece(primer), sampling },
            None => Verb::Sample(sampling),
        })
    }

    fn request(&self, verb: Verb) -> Take {
        self.context.inference.request(Call { model: Arc::clone(&self.model.borrow()), verb })
    }

    /// What take `number` goes on from, out of what was made just before it: from the beginning of a
    /// phrase on, so that models that count bars count right. `None` when there is nothing.
    fn primer(&self, number: u64, past: &[Piece]) -> Result<Option<Piece>, ClipError> {
        match past.last() {
            None => Ok(None),
            Some(Piece::Sketch(last)) => Ok(tail(last).map(Piece::from)),
            Some(Piece::Clip(_)) => {
                let clips: Vec<&Clip> = past.iter().filter_map(|piece| piece.clip().ok()).collect();
                Ok(self.clip_before(number, &clips)?.map(Piece::from))
            }
        }
    }

    fn clip_before(&self, number: u64, past: &[&Clip]) -> Result<Option<Clip>, ClipError> {
        let mut takes = past.iter().copied();
        let Some(first) = takes.next() else { return Ok(None) };
        let whole = takes.try_fold(first.clone(), |sum, next| sum.concat(next))?;
        let bars = number * u64::from(self.bars());
        let heard = bars - bars.saturating_sub(HEARD) / PHRASE * PHRASE;
        let heard = self.sampling.conditions().meter.bar() * Beat::whole(heard as i64);
        let primer = match whole.length() > heard {
            true => whole.slice(Span::new(whole.length() - heard, whole.length()))?,
            false => whole,
        };
        Ok(Some(primer).filter(|primer| !primer.notes().is_empty()))
    }

    /// Length of a take in beats.
    fn length(&self) -> Beat {
        self.sampling.conditions().meter.bar() * Beat::whole(self.bars().into())
    }

    /// How many bars a take lasts.
    fn bars(&self) -> u32 {
        match self.sampling.length() {
            Length::Bars(bars) => bars,
            Length::Points(_) => 1,
        }
    }

    /// How many takes hold so many bars.
    fn takes_of(&self, bars: u64) -> u64 {
        bars.div_ceil(self.bars().into())
    }
}

/// The end of a drawing, from which the pen goes on; `None` where nothing was drawn.
fn tail(sketch: &Sketch) -> Option<Sketch> {
    let stroke = sketch.strokes().last()?;
    let from = stroke.points.len().saturating_sub(TAIL);
    Some(Sketch::new(vec![Stroke { points: stroke.points[from..].to_vec() }]))
}

/// The streams that something may play.
#[derive(Default)]
pub(crate) struct Streams {
    known: RefCell<Vec<Weak<Stream>>>,
}

impl Streams {
    fn find(&self, print: u64) -> Option<Rc<Stream>> {
        self.known.borrow().iter().filter_map(Weak::upgrade).find(|stream| stream.print == print)
    }

    fn add(&self, stream: &Rc<Stream>) {
        let mut known = self.known.borrow_mut();
        known.retain(|stream| stream.strong_count() > 0);
        known.push(Rc::downgrade(stream));
    }

    /// Takes in what has arrived, and asks for what is to come. `due` tells when a beat is heard.
    pub fn make_ahead(&self, due: Due<'_>) {
        for stream in self.known.borrow().iter().filter_map(Weak::upgrade) {
            for run in stream.runs.borrow_mut().iter_mut() {
                run.advance(&stream, due);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use lilt_inference::{Catalogue, Conditions, Inference, Markov, ModelError};
    use lilt_score::{Note, Pitch, Tone, Velocity};

    use super::*;
    use crate::engine::Limits;
    use crate::watchdog::Watchdog;

    struct NoModels;

    impl Catalogue for NoModels {
        fn names(&self) -> Vec<String> {
            Vec::new()
        }

        fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
            Err(ModelError::UnknownModel { name: name.to_owned(), nearest: None, known: Vec::new() })
        }
    }

    fn stream(bars: u32) -> Rc<Stream> {
        let pitches = [60, 62, 64, 67, 64, 62, 60, 67, 60, 64, 62];
        let note = |(at, pitch): (i64, &u8)| Note {
            start: Beat::whole(at),
            duration: Beat::ONE,
            tone: Tone::Pitch(Pitch::from_key(*pitch)),
            velocity: Velocity::DEFAULT,
        };
        let clip = Clip::new((0..).zip(&pitches).map(note).collect(), Beat::whole(11)).expect("a clip");
        let model: Arc<dyn Model> = Arc::new(Markov::new(&[clip], 1, 0.1).expect("a model"));
        let inference = Inference::new(NoModels, 1).expect("a thread");
        let limits = Limits { unhurried: true, ..Limits::default() };
        let watchdog = Watchdog::new().expect("a thread");
        let context = Rc::new(Context::new(
            inference,
            Box::new(()),
            limits,
            watchdog,
            lilt_inference::Bakery::new().unwrap(),
        ));
        let sampling = Sampling::new(bars, 1.0, 5, Conditions::default()).expect("in range");
        Stream::of(&context, &model, sampling, 1)
    }

    /// What is played from bar `from` of a stream whose bar 0 lies at bar `origin`, counted from there.
    fn bars(stream: &Stream, origin: i64, from: i64, count: i64) -> Vec<(Beat, String)> {
        let bar = |n: i64| Beat::whole(4 * n);
        let span = Span::new(bar(from), bar(from + count));
        let query = Query { origin: bar(origin), ..Query::new(span, bar(1)) };
        let events = stream.events(query, Run::notes).unwrap_or_else(|fault| panic!("{fault:?}"));
        let onset =
            |event: &Event<Controls>| Some((event.onset()? - bar(origin), event.value.tone?.to_string()));
        events.iter().filter_map(onset).collect()
    }

    #[test]
    fn it_never_comes_round_and_holds_little_however_long_it_plays() {
        let stream = stream(2);
        let mut heard = std::collections::HashSet::new();
        let mut last = std::collections::VecDeque::new();
        for bar in 0..4_000 {
            let tones: Vec<String> = bars(&stream, 0, bar, 1).into_iter().map(|(_, tone)| tone).collect();
            assert_eq!(tones.len(), 4, "bar {bar}");
            last.push_back(tones);
            if last.len() > 16 {
                last.pop_front();
                assert!(heard.insert(last.clone()), "the sixteen bars before bar {bar} came again");
            }
            assert!(stream.runs.borrow().iter().all(|run| run.held() <= 20), "bar {bar}");
        }
        assert_eq!(stream.runs.borrow().len(), 1);
    }

    #[test]
    fn a_bar_is_the_same_whenever_and_from_wherever_it_is_asked_for() {
        let whole = bars(&stream(2), 0, 0, 64);
        let (one, other) = (stream(2), stream(2));
        let by_bar: Vec<_> = (0..64).flat_map(|bar| bars(&one, 0, bar, 1)).collect();
        assert_eq!(by_bar, whole);
        let later: Vec<_> = (0..64).flat_map(|bar| bars(&other, 100, 100 + bar, 1)).collect();
        assert_eq!(later, whole, "begun at bar 100");
        assert_eq!(bars(&one, 0, 2, 1), by_bar[8..12], "long behind");
        assert_eq!(bars(&one, 0, 63, 1), by_bar[252..], "and ahead again");
        assert_eq!(bars(&one, 100, 50, 20), [], "before it begins");
        assert_ne!(bars(&stream(4), 0, 0, 64), whole);
    }

    #[test]
    fn places_where_it_is_read_are_bounded() {
        let stream = stream(1);
        for origin in 0..40 {
            bars(&stream, origin, origin, 1);
        }
        assert_eq!(stream.runs.borrow().len(), MOST_RUNS);
    }
}
