//! Markov chains over a performer's own clips: the oldest model of music, trained in microseconds,
//! and exact, so that tilt can be checked against it by counting.
//!
//! An event is what starts together (its tones and durations) and the time until the next start, so
//! a melody without rests is a chain of (pitch, duration) pairs. The next event depends on the last
//! `order` events: p_k(x | context) = (n(context, x) + s·p_{k−1}(x)) / (n(context) + s), with s the
//! smoothing and p_{−1} even over all events; with s = 0 these are the raw counts, and a context that
//! was never left falls back to a shorter one.

mod chain;
mod event;
mod playing;

use lilt_score::Clip;

use crate::digest::identity_of;
use crate::{
    Conditions, Continues, Description, Grows, Model, ModelError, OptionDescription, OptionKind, Particles,
    Piece, Sampled, Sampling, Scores, Watch, capabilities,
};

use chain::Chain;
use event::{Event, events};
use playing::Playing;

/// Name of the model in a script and in messages.
const NAME: &str = "markov";

/// Most notes that `notes` may ask for; a clip holds as many.
const MOST_NOTES: f64 = 16_384.0;

/// A chain of a performer's clips, as a model.
pub struct Markov {
    description: Description,
    chain: Chain,
}

/// Clips or numbers that make no chain.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MarkovError {
    /// Nothing to learn from.
    #[error("there are no notes to learn from: give a clip, or a list of clips, with notes")]
    Empty,
    /// An order out of range.
    #[error("order = {0}: write how many notes back it looks, from 0 to 8")]
    Order(usize),
    /// A smoothing out of range.
    #[error("smoothing = {0}: write 0 for the raw counts, or a number up to 1000")]
    Smoothing(f64),
}

impl Markov {
    /// How far a chain looks back when the script does not say.
    pub const DEFAULT_ORDER: usize = 2;
    /// Smoothing when the script does not say: a little that was never heard.
    pub const DEFAULT_SMOOTHING: f64 = 0.1;

    /// Learns from `clips`, looking `order` events back (0 to 8), with `smoothing` (0 to 1000).
    ///
    /// # Errors
    /// [`MarkovError`] when a number is out of range or there are no notes.
    pub fn new(clips: &[Clip], order: usize, smoothing: f64) -> Result<Markov, MarkovError> {
        if order > 8 {
            return Err(MarkovError::Order(order));
        }
        if !(0.0..=1000.0).contains(&smoothing) {
            return Err(MarkovError::Smoothing(smoothing));
        }
        let pieces: Vec<Vec<Event>> = clips.iter().map(events).collect();
        if !pieces.iter().flatten().any(|event| !event.notes.is_empty()) {
            return Err(MarkovError::Empty);
        }
        let chain = Chain::new(&pieces, order, smoothing);
        let identity = identity_of(&format!("{NAME} {order} {smoothing:?}"), clips);
        let about = format!("What follows what in your own clips, {order} back.");
        let notes = OptionDescription {
            name: "notes".to_owned(),
            about: "How many notes, in place of bars.".to_owned(),
            default: "as many as fill the bars".to_owned(),
            kind: OptionKind::Number { least: 1.0, most: MOST_NOTES },
        };
        let description = Description {
            name: NAME.to_owned(),
            identity,
            about,
            call_options: vec![notes],
            ..Description::default()
        };
        Ok(Markov { description, chain })
    }

    /// One piece, played to its end.
    fn play(&self, primer: Option<&Clip>, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        let mut playing = Playing::new(&self.chain, self.context(primer), request, 1);
        playing.finish(watch)?;
        Ok(Sampled::plain(playing.piece(0)?))
    }

    /// The end of what was played before; the beginning of all music when nothing was.
    fn context(&self, primer: Option<&Clip>) -> Vec<u32> {
        primer.map_or_else(|| self.chain.start(), |clip| self.chain.read(&events(clip)))
    }
}

impl Model for Markov {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        self.play(None, request, watch)
    }

    capabilities!(Continues, Scores, Tilts);
}

impl Continues for Markov {
    /// What the chain never heard is passed over, so that any clip can be continued.
    fn continue_from(
        &self,
        primer: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        self.play(Some(primer.clip()?), request, watch)
    }
}

impl Scores for Markov {
    /// An event's nats are shared by its notes; those of a rest count toward the note after it. A note
    /// that is in none of its clips has infinitely many.
    fn score(&self, piece: &Piece, _: &Conditions, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        watch.check()?;
        let clip = piece.clip()?;
        let mut context = self.chain.start();
        let mut nats = Vec::with_capacity(clip.notes().len());
        let mut waiting = 0.0;
        for event in events(clip) {
            let known = self.chain.number(&event);
            waiting += -self.chain.log_probability(&context, known);
            self.chain.follow(&mut context, known);
            if !event.notes.is_empty() {
                let share = std::mem::take(&mut waiting) / event.notes.len() as f64;
                nats.extend(event.notes.iter().map(|_| share));
            }
        }
        Ok(nats)
    }
}

impl Grows for Markov {
    fn particles<'a>(
        &'a self,
        primer: Option<&Piece>,
        request: &Sampling,
        count: usize,
        watch: &Watch,
    ) -> Result<Box<dyn Particles + 'a>, ModelError> {
        watch.check()?;
        let primer = primer.map(Piece::clip).transpose()?;
        Ok(Box::new(Playing::new(&self.chain, self.context(primer), request, count)))
    }
}
