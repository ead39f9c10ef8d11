//! Music as a script holds it: one type, whatever it was made of.

use std::rc::Rc;
use std::sync::Arc;

use lilt_score::{Controls, Pattern};
use lilt_sequencer::{EvidenceSource, Instrument};

use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::unheeded::Said;

/// Most leaves that a pattern may be made of, times how much faster they are: what
/// one bar of it may cost.
const MOST_WEIGHT: f64 = 4_096.0;

/// Most changes on top of each other: each is a step down the stack when it plays.
const MOST_CHANGES: u32 = 100;

/// Most verbs of which it is remembered what they said.
const MOST_SAID: usize = 64;

/// A pattern of events, with its identity and what is known of where it comes from.
#[derive(Clone)]
pub(crate) struct Music {
    pub pattern: Pattern<Controls>,
    /// Equal for patterns that were made the same way from the same values.
    pub print: u64,
    /// What it sounds on when the script does not say.
    pub instrument: Instrument,
    /// Identity of what it plays that never comes round again, if anything.
    pub stream: Option<u64>,
    /// The model behind it, if any.
    pub model: Option<Rc<str>>,
    /// How far that model had to bend, where it is tilted.
    pub evidence: EvidenceSource,
    /// The signal it is, before anything changed it: that may be told how many beats it takes.
    pub signal: Option<&'static crate::signals::Signal>,
    /// True while it is numbers alone, which do not sound.
    pub numeric: bool,
    /// True for what a signal was at first: where it still flows, nothing of it ever begins.
    pub flows: bool,
    /// True where its numbers say which of the sounds of a name is played: they sound once a name is said.
    pub counts: bool,
    /// True where a number in its text is a pitch that nobody hears, unless something makes another of it.
    pub low: bool,
    /// What one bar of it costs, in bars of a plain pattern.
    pub weight: f64,
    /// True where it follows the form of the script.
    pub form: bool,
    /// The slots whose strikes it follows, each once.
    pub follows: Vec<Arc<str>>,
    /// True where a function of the script gives some of it, bar by bar.
    pub asked: bool,
    /// The source whose keys play it at once.
    pub hands: Option<Arc<str>>,
    /// After how many bars each of two takes makes way for the other, where one is to be chosen.
    pub turns: Option<i64>,
    /// What was said of its events by verbs that not all that plays events heeds.
    pub said: Vec<Rc<Said>>,
    changes: u32,
}

impl Music {
    /// A pattern that was made of nothing else.
    pub fn new(pattern: Pattern<Controls>, print: Fingerprint, instrument: Instrument) -> Music {
        Music {
            pattern,
            print: print.value(),
            instrument,
            stream: None,
            model: None,
            evidence: EvidenceSource::default(),
            signal: None,
            numeric: false,
            flows: false,
            counts: false,
            low: false,
            weight: 1.0,
            form: false,
            follows: Vec::new(),
            asked: false,
            hands: None,
            turns: None,
            said: Vec::new(),
            changes: 0,
        }
    }

    /// A signal of numbers.
    pub fn signal(pattern: Pattern<Controls>, print: Fingerprint) -> Music {
        Music { numeric: true, flows: true, ..Music::new(pattern, print, Instrument::Keys) }
    }

    /// The same with another pattern in it. `print` is the identity of the change, `weight` what a bar of
    /// it costs now.
    ///
    /// # Errors
    /// When too many changes are on top of each other, or a bar of it would cost too much.
    pub fn changed(
        &self,
        pattern: Pattern<Controls>,
        print: Fingerprint,
        weight: f64,
    ) -> Result<Music, Fault> {
        let changes = self.changes + 1;
        if changes > MOST_CHANGES {
            return Err(Fault::new(format!("more than {MOST_CHANGES} changes on top of each other"))
                .help("make the pattern anew instead of changing it again"));
        }
        if weight > MOST_WEIGHT {
            return Err(Fault::new("this pattern would play too much in one bar")
                .help("make it slower, or stack fewer patterns"));
        }
        let print = print.number(self.print).value();
        Ok(Music { pattern, print, weight, changes, signal: None, ..self.clone() })
    }

    /// With something said of its events.
    pub fn say(&mut self, said: Rc<Said>) {
        if self.said.len() < MOST_SAID && !self.said.iter().any(|known| Rc::ptr_eq(known, &said)) {
            self.said.push(said);
        }
    }

    /// Made of this and `other`.
    pub fn with(mut self, other: &Music) -> Music {
        self.numeric &= other.numeric;
        self.counts &= other.counts || other.numeric;
        self.changes = self.changes.max(other.changes + 1);
        self.stream = match (self.stream, other.stream) {
            (Some(one), Some(another)) if one != another => {
                Some(Fingerprint::of("streams").number(one).number(another).value())
            }
            (one, another) => one.or(another),
        };
        self.form |= other.form;
        self.follow(&other.follows);
        self.asked |= other.asked;
        self.hands = self.hands.or_else(|| other.hands.clone());
        for said in &other.said {
            self.say(Rc::clone(said));
        }
        self.low |= other.low;
        if self.model.is_none() {
            (self.model, self.evidence) = (other.model.clone(), other.evidence.clone());
        }
        self
    }

    /// It follows these slots too.
    pub fn follow(&mut self, slots: &[Arc<str>]) {
        let new = slots.iter().filter(|slot| !self.follows.contains(slot)).cloned().collect::<Vec<_>>();
        self.follows.extend(new);
    }
}
