//! Streams: music without end that a model makes take by take, a little ahead of the playhead.
//!
//! Take k goes on from the last bars of what the takes before it made, so that every bar is a function
//! of the model, the options, the seed and its own number, whoever asks for it and when.

mod run;

use std::cell::{Cell, RefCell, RefMut};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lilt_inference::{Call, Input, Model, Sampling, Take, Verb};
use lilt_score::{Beat, Clip, ClipError, Event, Note, Pattern, Query, QueryError, Seed, Span};
use lilt_sequencer::Evidence;

use crate::context::{Context, Origin};
use crate::fault::Fault;
use run::Run;

/// How many bars of its past a take goes on from: two phrases, as most music counts them.
const HEARD: u32 = 8;

/// How many bars are made beyond what was asked for: time for a slow model to catch up.
const AHEAD: u32 = 4;

/// At how many places of its music one stream may be read: slots that began at different bars.
const MOST_RUNS: usize = 8;

/// How long a take is waited for, and its questions answered, by turns.
const SLICE: Duration = Duration::from_millis(1);

/// When a beat of the performance is heard; `None` where nobody knows.
type Due<'a> = &'a dyn Fn(Beat) -> Option<Instant>;

/// Music without end.
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

    /// It as a pattern, whose bar 0 lies at the origin of what it is asked; it answers
    /// [`QueryError::Late`] for bars that are not made yet. `opening` is kept from being forgotten, and
    /// `origin` is where the script says `stream`.
    pub fn pattern(self: Rc<Self>, opening: Take, origin: Origin) -> Pattern<Note> {
        Pattern::try_new(move |query| {
            let _kept = &opening;
            let failed = |fault| QueryError::Failed(Box::new(origin.diagnostic(fault)));
            self.events(query).map_err(|error| error.map_or(QueryError::Late, failed))
        })
    }

    /// What it plays; `Err(None)` when that is late.
    fn events(&self, query: Query) -> Result<Vec<Event<Note>>, Option<Fault>> {
        if query.span.end <= query.origin {
            return Ok(Vec::new());
        }
        self.run(query).ask(query.span);
        if self.context.limits.unhurried {
            self.wait(query);
        }
        self.run(query).events(query.span, self.length())
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
            // Models may ask functions of the script meanwhile.
            take.wait(Instant::now() + SLICE);
            while self.context.answer_rewards(SLICE) {}
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
    fn verb(&self, number: u64, past: &[Clip]) -> Result<Verb, Fault> {
        let bars = self.sampling.bars();
        let conditions = self.model.borrow().later(self.sampling.conditions(), number * u64::from(bars));
        let seed = Seed(self.sampling.seed()).child("stream").child_number(number).0;
        let sampling = Sampling::new(bars, self.sampling.temperature(), seed, conditions)?;
        Ok(match self.primer(past)? {
            Some(primer) => Verb::Continue { primer: Input::Clip(primer), sampling },
            None => Verb::Sample(sampling),
        })
    }

    fn request(&self, verb: Verb) -> Take {
        self.context.inference.request(Call { model: Arc::clone(&self.model.borrow()), verb })
    }

    /// The last bars of what was made; `None` when there is nothing to go on from.
    fn primer(&self, past: &[Clip]) -> Result<Option<Clip>, ClipError> {
        let mut takes = past.iter();
        let Some(first) = takes.next() else { return Ok(None) };
        let whole = takes.try_fold(first.clone(), |sum, next| sum.concat(next))?;
        let heard = self.sampling.conditions().meter.bar() * Beat::whole(HEARD.into());
        let primer = match whole.length() > heard {
            true => whole.slice(Span::new(whole.length() - heard, whole.length()))?,
            false => whole,
        };
        Ok(Some(primer).filter(|primer| !primer.notes().is_empty()))
    }

    /// Length of a take in beats.
    fn length(&self) -> Beat {
        self.sampling.beats()
    }

    /// How many takes hold so many bars.
    fn takes_of(&self, bars: u32) -> u64 {
        bars.div_ceil(self.sampling.bars()).into()
    }
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
