//! A clip as a script holds it: there, or still being made by a model.

use std::cell::OnceCell;
use std::rc::Rc;

use lilt_inference::{Answer, Take, TakeState};
use lilt_score::{Beat, Clip, Context as EventContext, Controls, Event, Note, Pattern, QueryError, Tone};
use lilt_sequencer::{Evidence, Instrument};

use crate::context::{Context, Origin};
use crate::diagnostic::Diagnostic;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::sheet::Sheet;

/// How many changes may wait for one pending take: each is a step down the stack.
const MOST_CHANGES: u32 = 200;

/// Most notes a beat that a slot may be asked to play, so that the plan stays bounded.
const DENSEST: i64 = 256;

/// A clip with its identity.
#[derive(Clone)]
pub(crate) struct ClipValue {
    source: Source,
    /// The model behind it, if any.
    pub model: Option<Rc<str>>,
    changes: u32,
    /// How its tilted model had to bend, for a clip that was made of others that were there.
    known: Option<Evidence>,
    /// The take that scores its notes, where they are to be coloured by that.
    scored: Option<Take>,
    /// What it says beside its notes, where it was read and nothing is changed about it.
    sheet: Option<Rc<Sheet>>,
}

#[derive(Clone)]
enum Source {
    /// A clip, and its identity where that is how it was made.
    Ready(Clip, Option<u64>),
    /// The clip at an index of what a take answers.
    Take(Take, usize, Origin),
    Changed(Rc<Changed>),
}

/// What clips that are not there yet will be made into.
struct Changed {
    from: Vec<ClipValue>,
    change: Box<Change>,
    print: u64,
    origin: Origin,
    /// The result, once all of `from` are there: changed once, played many times.
    made: OnceCell<Result<Clip, Diagnostic>>,
}

type Change = dyn Fn(&[Clip]) -> Result<Clip, Fault>;

impl ClipValue {
    /// A clip that is there.
    pub fn ready(clip: Clip) -> ClipValue {
        ClipValue::new(Source::Ready(clip, None), None)
    }

    /// A clip that was read, and what is known of it.
    pub fn read(clip: Clip, sheet: Sheet) -> ClipValue {
        ClipValue { sheet: Some(Rc::new(sheet)), ..ClipValue::ready(clip) }
    }

    fn new(source: Source, model: Option<Rc<str>>) -> ClipValue {
        ClipValue { source, model, changes: 0, known: None, scored: None, sheet: None }
    }

    /// What it says beside its notes, where it was read and nothing is changed about it.
    pub fn sheet(&self) -> Option<&Sheet> {
        self.sheet.as_deref()
    }

    /// Equal for clips that were made the same way from the same values. Worked out when it is asked for: a
    /// reward is given many clips that nobody names.
    pub fn print(&self) -> u64 {
        let print = match &self.source {
            Source::Ready(clip, None) => fingerprint(clip),
            Source::Ready(_, Some(print)) => *print,
            Source::Take(take, index, _) => {
                Fingerprint::of("take").bytes(take.key().bytes()).number(*index as u64).value()
            }
            Source::Changed(changed) => changed.print,
        };
        match &self.scored {
            None => print,
            Some(scored) => Fingerprint::of("surprised").number(print).bytes(scored.key().bytes()).value(),
        }
    }

    /// The clip that a take will yield.
    pub fn pending(take: Take, origin: Origin) -> ClipValue {
        ClipValue::nth(take, 0, origin)
    }

    /// The clip at `index` of those that a take will yield.
    pub fn nth(take: Take, index: usize, origin: Origin) -> ClipValue {
        let model = Some(take.model_name().into());
        let source = Source::Take(take, index, origin);
        ClipValue::new(source, model)
    }

    /// The same clip, whose notes surprise as `scored` will tell.
    pub fn surprised(&self, scored: Take) -> ClipValue {
        ClipValue { scored: Some(scored), ..self.clone() }
    }

    /// Where the call of a model stands that makes it, and the call's name.
    pub fn call(&self) -> Option<(&Origin, &str)> {
        match &self.source {
            Source::Take(take, _, origin) => Some((origin, take.verb())),
            Source::Changed(changed) => changed.from.iter().find_map(ClipValue::call),
            Source::Ready(..) => None,
        }
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

    /// The take that yields this clip and no other, when nothing was changed about it.
    pub fn take(&self) -> Option<&Take> {
        match &self.source {
            Source::Take(take, 0, _) if take.verb() != "interpolate" => Some(take),
            Source::Take(..) | Source::Ready(..) | Source::Changed(_) => None,
        }
    }

    /// What `change` makes of these clips: at once when they are there, otherwise
    /// when they are. `print` is the identity of the change.
    ///
    /// # Errors
    /// When the change fails at once, or too many changes wait for a take.
    pub fn change(
        from: Vec<ClipValue>,
        print: Fingerprint,
        origin: Origin,
        change: impl Fn(&[Clip]) -> Result<Clip, Fault> + 'static,
    ) -> Result<ClipValue, Fault> {
        let print = from.iter().fold(print, |print, clip| print.number(clip.print())).value();
        let model = from.iter().find_map(|clip| clip.model.clone());
        let changes = from.iter().map(|clip| clip.changes).max().unwrap_or(0) + 1;
        if from.iter().all(|clip| matches!(clip.poll(), Some(Ok(_)))) {
            let clips: Vec<Clip> = from.iter().filter_map(|clip| clip.poll()?.ok()).collect();
            let source = Source::Ready(change(&clips)?, Some(print));
            let known = from.iter().find_map(ClipValue::evidence);
            return Ok(ClipValue { known, ..ClipValue::new(source, model) });
        }
        if changes > MOST_CHANGES {
            return Err(Fault::new(format!("more than {MOST_CHANGES} changes wait for one take"))
                .help("change the clip fewer times, or read it first, as in #clip"));
        }
        let changed = Changed { from, change: Box::new(change), print, origin, made: OnceCell::new() };
        let source = Source::Changed(Rc::new(changed));
        Ok(ClipValue { changes, ..ClipValue::new(source, model) })
    }

    /// The clip, if it is there; an error, if it never will be.
    pub fn poll(&self) -> Option<Result<Clip, Diagnostic>> {
        match &self.source {
            Source::Ready(clip, _) => Some(Ok(clip.clone())),
            Source::Take(take, index, origin) => match take.poll() {
                TakeState::Pending { .. } => None,
                TakeState::Ready(answer) => Some(of(&answer, *index).ok_or_else(|| {
                    origin.diagnostic(Fault::new("the model answered with something other than a clip"))
                })),
                TakeState::Failed(error) => Some(Err(origin.diagnostic((*error).clone().into()))),
            },
            Source::Changed(changed) => changed.poll(),
        }
    }

    /// What stands in for the clip on stage while it is being made: the draft of its take, or what its
    /// changes make of that.
    fn draft(&self) -> Option<Clip> {
        if let Some(ready) = self.poll() {
            return ready.ok();
        }
        match &self.source {
            Source::Ready(clip, _) => Some(clip.clone()),
            Source::Take(take, index, _) => of(&*take.draft()?, *index),
            Source::Changed(changed) => {
                let drafts: Option<Vec<Clip>> = changed.from.iter().map(ClipValue::draft).collect();
                (changed.change)(&drafts?).ok()
            }
        }
    }

    /// The clip, waiting for it if it is still being made.
    ///
    /// # Errors
    /// When it failed, or is not there in the time that an evaluation may wait.
    pub fn wait(&self, context: &Context) -> mlua::Result<Clip> {
        let ready = self.poll().or_else(|| {
            context.wait(|until| {
                self.look_at_takes(context, until);
                self.poll()
            })
        });
        match ready {
            Some(result) => result.map_err(mlua::Error::external),
            None => {
                let model = self.model.as_deref().unwrap_or("the model");
                Err(Fault::new(format!(
                    "`{model}` has not finished this clip yet, and the script needs it to go on"
                ))
                .help("try again in a moment, or play the clip without reading it")
                .into())
            }
        }
    }

    fn look_at_takes(&self, context: &Context, until: std::time::Instant) {
        match &self.source {
            Source::Ready(..) => {}
            Source::Take(take, ..) => {
                // The state is asked afterwards, for the whole clip.
                let _ = context.look_at(take, until);
            }
            Source::Changed(changed) => {
                changed.from.iter().for_each(|clip| clip.look_at_takes(context, until));
            }
        }
    }

    /// How the tilted model behind it had to bend, once it is there: of the first, where it was made of
    /// several clips. Without a tilt there is nothing to tell.
    pub fn evidence(&self) -> Option<Evidence> {
        match &self.source {
            Source::Ready(..) => self.known,
            Source::Take(take, ..) => match take.poll() {
                TakeState::Ready(answer) => Some(Evidence { ess: answer.ess()?, log_z: answer.log_z()? }),
                TakeState::Pending { .. } | TakeState::Failed(_) => None,
            },
            Source::Changed(changed) => changed.from.iter().find_map(ClipValue::evidence),
        }
    }

    /// The clip again and again. It answers [`QueryError::Late`] until it is there, or whoever asks is
    /// content with a draft and that is there; then a draft that was begun goes on for as long as a draft
    /// is asked for, so that the clip does not come in amid a phrase. A note rings at most as long as the clip,
    /// so that repeats do not pile up.
    ///
    /// `origin` is where the script plays it.
    ///
    /// # Errors
    /// When the clip is there and has too many notes a beat.
    pub fn pattern(&self, origin: Option<Origin>) -> Result<Pattern<Controls>, Fault> {
        if let Some(Ok(clip)) = self.poll() {
            return self.playing(&clip);
        }
        let clip = self.clone();
        // Nobody else sets them: a pattern stays on one thread.
        let playing: OnceCell<Pattern<Controls>> = OnceCell::new();
        let drafted: OnceCell<Pattern<Controls>> = OnceCell::new();
        Ok(Pattern::try_new(move |query| {
            if query.drafts && (drafted.get().is_some() || clip.poll().is_none()) {
                if drafted.get().is_none() {
                    let draft = clip.draft().and_then(|draft| playable(&draft).ok());
                    let _ = drafted.set(draft.ok_or(QueryError::Late)?.pattern());
                }
                return drafted.get().map_or_else(|| Ok(Vec::new()), |pattern| pattern.query(query));
            }
            if playing.get().is_none() {
                let failed = |error: Diagnostic| QueryError::Failed(Box::new(error));
                let ready = clip.poll().ok_or(QueryError::Late)?.map_err(failed)?;
                let ready = clip.playing(&ready).map_err(|fault| match &origin {
                    Some(origin) => failed(origin.diagnostic(fault)),
                    None => QueryError::Failed(Box::new(fault)),
                })?;
                let _ = playing.set(ready);
            }
            playing.get().map_or_else(|| Ok(Vec::new()), |pattern| pattern.query(query))
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

impl Changed {
    fn poll(&self) -> Option<Result<Clip, Diagnostic>> {
        if self.made.get().is_none() {
            let mut clips = Vec::with_capacity(self.from.len());
            for clip in &self.from {
                match clip.poll()? {
                    Ok(clip) => clips.push(clip),
                    Err(error) => return Some(Err(error)),
                }
            }
            let made = (self.change)(&clips).map_err(|fault| self.origin.diagnostic(fault));
            // Nobody else sets it: clips stay on one thread.
            let _ = self.made.set(made);
        }
        self.made.get().cloned()
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

/// The clip at an index of an answer.
fn of(answer: &Answer, index: usize) -> Option<Clip> {
    answer.pieces().get(index)?.clip().ok().cloned()
}

fn fingerprint(clip: &Clip) -> u64 {
    let beat = |print: Fingerprint, beat: Beat| {
        print.bytes(&beat.numerator().to_le_bytes()).bytes(&beat.denominator().to_le_bytes())
    };
    let start = beat(Fingerprint::of("clip"), clip.length());
    let add = |print: Fingerprint, note: &Note| {
        let print = beat(beat(print, note.start), note.duration).real(note.velocity.value());
        match note.tone {
            Tone::Pitch(pitch) => print.real(pitch.midi()),
            Tone::Drum(drum) => print.text(drum.name()),
        }
    };
    clip.notes().iter().fold(start, add).value()
}
