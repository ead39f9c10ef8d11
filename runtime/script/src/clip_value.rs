//! A clip as a script holds it: there, or still being made by a model.

use std::rc::Rc;

use lilt_inference::{Input, Take, TakeState};
use lilt_score::{
    Beat, Clip, Context as EventContext, Controls, Event, Note, Pattern, Place, QueryError, Tone,
};
use lilt_sequencer::{Evidence, Instrument};

use crate::context::{Context, Origin};
use crate::diagnostic::Diagnostic;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::promise::Promise;
use crate::sheet::Sheet;

/// Most notes a beat that a slot may be asked to play, so that the plan stays bounded.
const DENSEST: i64 = 256;

/// A clip with its identity.
#[derive(Clone)]
pub(crate) struct ClipValue {
    clip: Promise<Clip>,
    /// The take that scores its notes, where they are to be coloured by that.
    scored: Option<Take>,
    /// What it says beside its notes, where it was read and nothing is changed about it.
    sheet: Option<Rc<Sheet>>,
    /// Where what it was made of was written, where that was read and then changed.
    written: Vec<Place>,
}

impl ClipValue {
    /// A clip that is there.
    pub fn ready(clip: Clip) -> ClipValue {
        ClipValue::promised(Promise::ready(clip))
    }

    /// A clip that was read, and what is known of it.
    pub fn read(clip: Clip, sheet: Sheet) -> ClipValue {
        ClipValue { sheet: Some(Rc::new(sheet)), ..ClipValue::ready(clip) }
    }

    /// A clip that is there or to come.
    pub fn promised(clip: Promise<Clip>) -> ClipValue {
        ClipValue { clip, scored: None, sheet: None, written: Vec::new() }
    }

    /// The model behind it, if any.
    pub fn model(&self) -> Option<&Rc<str>> {
        self.clip.model.as_ref()
    }

    /// What it says beside its notes, where it was read and nothing is changed about it.
    pub fn sheet(&self) -> Option<&Sheet> {
        self.sheet.as_deref()
    }

    /// Where what it was made of was written, as a whole: which of its notes stood on which line is not known any more.
    pub fn written(&self) -> &[Place] {
        &self.written
    }

    /// Equal for clips that were made the same way from the same values.
    pub fn print(&self) -> u64 {
        let print = self.clip.print();
        match &self.scored {
            None => print,
            Some(scored) => Fingerprint::of("surprised").number(print).bytes(scored.key().bytes()).value(),
        }
    }

    /// The same clip, whose notes surprise as `scored` will tell.
    pub fn surprised(&self, scored: Take) -> ClipValue {
        ClipValue { scored: Some(scored), ..self.clone() }
    }

    /// Where the call of a model stands that makes it, and the call's name.
    pub fn call(&self) -> Option<(&Origin, &str)> {
        self.clip.call()
    }

    /// It as a model takes it: one that is still being made goes on by itself.
    ///
    /// # Errors
    /// As [`Promise::wait`].
    pub fn input(&self, context: &Context) -> mlua::Result<Input> {
        self.clip.input(context)
    }

    /// What `change` makes of these clips, as [`Promise::change`] does; they lose their colours.
    ///
    /// # Errors
    /// As there.
    pub fn change(
        from: Vec<ClipValue>,
        print: Fingerprint,
        origin: Origin,
        change: impl Fn(&[Clip]) -> Result<Clip, Fault> + 'static,
    ) -> Result<ClipValue, Fault> {
        let mut written: Vec<Place> = Vec::new();
        for value in &from {
            let whole = value.sheet.as_ref().and_then(|sheet| sheet.places.whole());
            let new = whole.iter().chain(&value.written).filter(|place| !written.contains(place));
            written.extend(new.copied().collect::<Vec<_>>());
        }
        let from = from.into_iter().map(|value| value.clip).collect();
        let changed = Promise::change(from, print, origin, change)?;
        Ok(ClipValue { written, ..ClipValue::promised(changed) })
    }

    /// The clip, if it is there; an error, if it never will be.
    pub fn poll(&self) -> Option<Result<Clip, Diagnostic>> {
        self.clip.poll()
    }

    /// The clip, waiting for it if it is still being made.
    ///
    /// # Errors
    /// As [`Promise::wait`].
    pub fn wait(&self, context: &Context) -> mlua::Result<Clip> {
        self.clip.wait(context)
    }

    /// How the tilted model behind it had to bend, once it is there.
    pub fn evidence(&self) -> Option<Evidence> {
        self.clip.evidence()
    }

    /// The clip again and again, staged as [`Promise::staged`] says. A note rings at most as long as the clip, so that
    /// repeats do not pile up.
    ///
    /// `origin` is where the script plays it.
    ///
    /// # Errors
    /// When the clip is there and has too many notes a beat.
    pub fn pattern(&self, origin: Option<Origin>) -> Result<Pattern<Controls>, Fault> {
        if let Some(Ok(clip)) = self.poll() {
            return self.playing(&clip);
        }
        let value = self.clone();
        let staged = self.clip.clone().staged(move |clip, draft| {
            let playing = if draft { playable(clip).map(|clip| clip.pattern()) } else { value.playing(clip) };
            playing.map_err(|fault| match &origin {
                Some(origin) => QueryError::Failed(Box::new(origin.diagnostic(fault))),
                None => QueryError::Failed(Box::new(fault)),
            })
        });
        Ok(Pattern::try_new(move |query| staged(&query)?.query(query)))
    }

    /// The clip as it is played: its notes know how much they surprise, once that is known.
    fn playing(&self, clip: &Clip) -> Result<Pattern<Controls>, Fault> {
        let playable = playable(clip)?;
        let Some(scored) = self.scored.clone() else { return Ok(playable.pattern()) };
        let clip = clip.clone();
        Ok(Pattern::new(move |query| {
            let nats = match scored.poll() {
                TakeState::Ready(answer) => answer.nats().unwrap_or(&[]).to_vec(),
                _ => Vec::new(),
            };
            let told = |event: Event<Note>| {
                let same = |other: &Note| other.start == event.value.start && other.tone == event.value.tone;
                let number = clip.notes().iter().position(same);
                let nats = number.and_then(|number| nats.get(number));
                let context =
                    nats.map_or(EventContext::none(), |nats| EventContext::none().surprising(*nats));
                Event { context, ..event.with(Controls::from) }
            };
            playable.events(query.span).into_iter().map(told).collect()
        }))
    }

    /// What it sounds on when the script does not say.
    pub fn instrument(&self) -> Instrument {
        let drums = |clip: &Clip| {
            !clip.notes().is_empty() && clip.notes().iter().all(|note| matches!(note.tone, Tone::Drum(_)))
        };
        match self.poll() {
            Some(Ok(clip)) if drums(&clip) => Instrument::Kit,
            _ => Instrument::Pluck,
        }
    }
}

/// The clip as a slot plays it.
///
/// # Errors
/// When it has too many notes a beat.
pub(crate) fn playable(clip: &Clip) -> Result<Clip, Fault> {
    let most = clip.length() * Beat::whole(DENSEST);
    if Beat::whole(clip.notes().len() as i64) > most.max(Beat::whole(64)) || clip.length() < Beat::new(1, 64)
    {
        let (notes, length) = (clip.notes().len(), clip.length());
        let s = if notes == 1 { "" } else { "s" };
        return Err(Fault::new(format!("a clip of {notes} note{s} in {length} beats is too dense to play"))
            .help(format!("at most {DENSEST} notes a beat can be played, in a clip of 1/64 beat or more")));
    }
    let notes = clip.notes().iter().map(|note| Note { duration: note.duration.min(clip.length()), ..*note });
    Ok(Clip::new(notes.collect(), clip.length())?)
}
