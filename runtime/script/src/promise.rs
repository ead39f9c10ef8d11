//! A piece as a script holds it: there, or still being made by a model. Clips and sketches are its two faces.

use std::cell::OnceCell;
use std::rc::Rc;
use std::time::Instant;

use lilt_inference::{Answer, Input, Medium, Piece, Take, TakeState};
use lilt_score::{Beat, Clip, Note, Query, QueryError, Tone};
use lilt_sequencer::Evidence;

use crate::context::{Context, Origin};
use crate::diagnostic::Diagnostic;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;

/// How many changes may wait for one pending take: each is a step down the stack.
const MOST_CHANGES: u32 = 200;

/// A kind of piece that scripts hold.
pub(crate) trait Face: Clone + Into<Piece> + 'static {
    /// What it is a piece of.
    const MEDIUM: Medium;

    /// The piece as one of this kind, if it is.
    fn of(piece: &Piece) -> Option<Self>;

    /// Equal for equal pieces.
    fn print(&self) -> u64;
}

impl Face for Clip {
    const MEDIUM: Medium = Medium::Music;

    fn of(piece: &Piece) -> Option<Clip> {
        piece.clip().ok().cloned()
    }

    fn print(&self) -> u64 {
        fingerprint(self)
    }
}

/// A piece with its identity.
pub(crate) struct Promise<T> {
    source: Source<T>,
    /// The model behind it, if any.
    pub model: Option<Rc<str>>,
    changes: u32,
    /// How its tilted model had to bend, for a piece that was made of others that were there.
    known: Option<Evidence>,
}

enum Source<T> {
    /// A piece, and its identity where that is how it was made.
    Ready(T, Option<u64>),
    /// The piece at an index of what a take answers.
    Take(Take, usize, Origin),
    Changed(Rc<Changed<T>>),
}

/// What pieces that are not there yet will be made into.
struct Changed<T> {
    from: Vec<Promise<T>>,
    change: Box<Change<T>>,
    print: u64,
    origin: Origin,
    /// The result, once all of `from` are there: changed once, played many times.
    made: OnceCell<Result<T, Diagnostic>>,
}

type Change<T> = dyn Fn(&[T]) -> Result<T, Fault>;

impl<T: Face> Promise<T> {
    /// A piece that is there.
    pub fn ready(piece: T) -> Promise<T> {
        Promise::new(Source::Ready(piece, None), None)
    }

    fn new(source: Source<T>, model: Option<Rc<str>>) -> Promise<T> {
        Promise { source, model, changes: 0, known: None }
    }

    /// Equal for pieces that were made the same way from the same values. Worked out when it is asked for: a
    /// reward is given many pieces that nobody names.
    pub fn print(&self) -> u64 {
        match &self.source {
            Source::Ready(piece, None) => piece.print(),
            Source::Ready(_, Some(print)) => *print,
            Source::Take(take, index, _) => {
                Fingerprint::of("take").bytes(take.key().bytes()).number(*index as u64).value()
            }
            Source::Changed(changed) => changed.print,
        }
    }

    /// The piece at `index` of those that a take will yield.
    pub fn nth(take: Take, index: usize, origin: Origin) -> Promise<T> {
        let model = Some(take.model_name().into());
        Promise::new(Source::Take(take, index, origin), model)
    }

    /// Where the call of a model stands that makes it, and the call's name.
    pub fn call(&self) -> Option<(&Origin, &str)> {
        match &self.source {
            Source::Take(take, _, origin) => Some((origin, take.verb())),
            Source::Changed(changed) => changed.from.iter().find_map(Promise::call),
            Source::Ready(..) => None,
        }
    }

    /// It as a model takes it: one that is still being made, of which nothing was changed, goes on by itself.
    ///
    /// # Errors
    /// As [`Promise::wait`].
    pub fn input(&self, context: &Context) -> mlua::Result<Input> {
        match &self.source {
            Source::Take(take, 0, _) if take.verb() != "interpolate" => Ok(Input::Take(take.clone())),
            Source::Take(..) | Source::Ready(..) | Source::Changed(_) => {
                Ok(Input::Piece(self.wait(context)?.into()))
            }
        }
    }

    /// What `change` makes of these pieces: at once when they are there, otherwise
    /// when they are. `print` is the identity of the change.
    ///
    /// # Errors
    /// When the change fails at once, or too many changes wait for a take.
    pub fn change(
        from: Vec<Promise<T>>,
        print: Fingerprint,
        origin: Origin,
        change: impl Fn(&[T]) -> Result<T, Fault> + 'static,
    ) -> Result<Promise<T>, Fault> {
        let print = from.iter().fold(print, |print, piece| print.number(piece.print())).value();
        let model = from.iter().find_map(|piece| piece.model.clone());
        let changes = from.iter().map(|piece| piece.changes).max().unwrap_or(0) + 1;
        if from.iter().all(|piece| matches!(piece.poll(), Some(Ok(_)))) {
            let pieces: Vec<T> = from.iter().filter_map(|piece| piece.poll()?.ok()).collect();
            let source = Source::Ready(change(&pieces)?, Some(print));
            let known = from.iter().find_map(Promise::evidence);
            return Ok(Promise { known, ..Promise::new(source, model) });
        }
        if changes > MOST_CHANGES {
            let piece = T::MEDIUM.piece();
            return Err(Fault::new(format!("more than {MOST_CHANGES} changes wait for one take"))
                .help(format!("change the {piece} fewer times, or read it first, as in #{piece}")));
        }
        let changed = Changed { from, change: Box::new(change), print, origin, made: OnceCell::new() };
        let source = Source::Changed(Rc::new(changed));
        Ok(Promise { changes, ..Promise::new(source, model) })
    }

    /// The piece, if it is there; an error, if it never will be.
    pub fn poll(&self) -> Option<Result<T, Diagnostic>> {
        match &self.source {
            Source::Ready(piece, _) => Some(Ok(piece.clone())),
            Source::Take(take, index, origin) => match take.poll() {
                TakeState::Pending { .. } => None,
                TakeState::Ready(answer) => Some(nth(&answer, *index).ok_or_else(|| {
                    let piece = T::MEDIUM.piece();
                    origin.diagnostic(Fault::new(format!(
                        "the model answered with something other than a {piece}"
                    )))
                })),
                TakeState::Failed(error) => Some(Err(origin.diagnostic((*error).clone().into()))),
            },
            Source::Changed(changed) => changed.poll(),
        }
    }

    /// What stands in for the piece on stage while it is being made: the draft of its take, or what its
    /// changes make of that.
    fn draft(&self) -> Option<T> {
        if let Some(ready) = self.poll() {
            return ready.ok();
        }
        match &self.source {
            Source::Ready(piece, _) => Some(piece.clone()),
            Source::Take(take, index, _) => take.draft().and_then(|answer| nth(&answer, *index)),
            Source::Changed(changed) => {
                let drafts: Option<Vec<T>> = changed.from.iter().map(Promise::draft).collect();
                (changed.change)(&drafts?).ok()
            }
        }
    }

    /// The piece, waiting for it if it is still being made.
    ///
    /// # Errors
    /// When it failed, or is not there in the time that an evaluation may wait.
    pub fn wait(&self, context: &Context) -> mlua::Result<T> {
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
                let (piece, played) = match T::MEDIUM {
                    Medium::Music => ("clip", "play the clip"),
                    Medium::Drawing => ("sketch", "draw the sketch"),
                };
                Err(Fault::new(format!(
                    "`{model}` has not finished this {piece} yet, and the script needs it to go on"
                ))
                .help(format!("try again in a moment, or {played} without reading it"))
                .into())
            }
        }
    }

    fn look_at_takes(&self, context: &Context, until: Instant) {
        match &self.source {
            Source::Ready(..) => {}
            Source::Take(take, ..) => {
                // The state is asked afterwards, for the whole piece.
                let _ = context.look_at(take, until);
            }
            Source::Changed(changed) => {
                changed.from.iter().for_each(|piece| piece.look_at_takes(context, until));
            }
        }
    }

    /// How the tilted model behind it had to bend, once it is there: of the first, where it was made of
    /// several pieces. Without a tilt there is nothing to tell.
    pub fn evidence(&self) -> Option<Evidence> {
        match &self.source {
            Source::Ready(..) => self.known,
            Source::Take(take, ..) => match take.poll() {
                TakeState::Ready(answer) => Some(Evidence { ess: answer.ess()?, log_z: answer.log_z()? }),
                TakeState::Pending { .. } | TakeState::Failed(_) => None,
            },
            Source::Changed(changed) => changed.from.iter().find_map(Promise::evidence),
        }
    }

    /// What the stage makes of the piece, whenever it asks; `make` is told whether it makes it of a draft. It answers
    /// [`QueryError::Late`] until the piece is there, or whoever asks is content with a draft and that is there; then
    /// a draft that was begun goes on for as long as a draft is asked for, so that the piece does not come in amid a
    /// phrase.
    pub fn staged<S: Clone>(
        self,
        make: impl Fn(&T, bool) -> Result<S, QueryError> + 'static,
    ) -> impl Fn(&Query) -> Result<S, QueryError> {
        let piece = self;
        // Nobody else sets them: what is played stays on one thread.
        let (whole, drafted): (OnceCell<S>, OnceCell<S>) = (OnceCell::new(), OnceCell::new());
        move |query| {
            let late = QueryError::Late;
            if query.drafts && (drafted.get().is_some() || piece.poll().is_none()) {
                if let Some(drafted) = drafted.get() {
                    return Ok(drafted.clone());
                }
                let draft = piece.draft().and_then(|draft| make(&draft, true).ok()).ok_or(late)?;
                return Ok(drafted.get_or_init(|| draft).clone());
            }
            if let Some(whole) = whole.get() {
                return Ok(whole.clone());
            }
            let ready = piece.poll().ok_or(late)?.map_err(|error| QueryError::Failed(Box::new(error)))?;
            let ready = make(&ready, false)?;
            Ok(whole.get_or_init(|| ready).clone())
        }
    }
}

impl<T: Clone> Clone for Promise<T> {
    fn clone(&self) -> Promise<T> {
        let source = match &self.source {
            Source::Ready(piece, print) => Source::Ready(piece.clone(), *print),
            Source::Take(take, index, origin) => Source::Take(take.clone(), *index, origin.clone()),
            Source::Changed(changed) => Source::Changed(Rc::clone(changed)),
        };
        Promise { source, model: self.model.clone(), changes: self.changes, known: self.known }
    }
}

impl<T: Face> Changed<T> {
    fn poll(&self) -> Option<Result<T, Diagnostic>> {
        if self.made.get().is_none() {
            let mut pieces = Vec::with_capacity(self.from.len());
            for piece in &self.from {
                match piece.poll()? {
                    Ok(piece) => pieces.push(piece),
                    Err(error) => return Some(Err(error)),
                }
            }
            let made = (self.change)(&pieces).map_err(|fault| self.origin.diagnostic(fault));
            // Nobody else sets it: pieces stay on one thread.
            let _ = self.made.set(made);
        }
        self.made.get().cloned()
    }
}

/// The piece at an index of an answer, if it is of the kind.
fn nth<T: Face>(answer: &Answer, index: usize) -> Option<T> {
    T::of(answer.pieces().get(index)?)
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
