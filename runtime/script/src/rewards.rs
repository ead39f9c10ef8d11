//! Rewards that are functions of the script. A model's thread asks; the thread that owns the VM answers,
//! a few pieces or notes at a time, between its other work.

use std::cell::RefCell;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded, unbounded};
use lilt_inference::taste::Standards;
use lilt_inference::{ModelError, Piece, Reward, Step, StepReward, Watch};

use crate::function::{Called, Unanswered};

/// How often a model that waits for an answer looks whether anybody still wants it.
const LOOK: Duration = Duration::from_millis(20);

/// Notes are asked about together, in one call of the VM, as long as that takes less than this: far less
/// than one call may take, so that what a single note is allowed does not depend on its company.
const BRIEF: Duration = Duration::from_micros(200);

/// Most notes that are asked about together.
const MOST_TOGETHER: usize = 256;

/// The functions that are asked, and what they are asked.
pub(crate) struct Rewards {
    asking: Sender<Question>,
    asked: Receiver<Question>,
    wake: (Sender<()>, Receiver<()>),
    kept: RefCell<Vec<Kept>>,
    /// Questions that are not answered yet, in the order in which they were asked.
    open: RefCell<Vec<Open>>,
    /// Questions whose function reads a take that is still being made: asked again the next time.
    late: RefCell<Vec<Open>>,
    /// How long such a take is waited for.
    patience: Duration,
    /// What the music of models is like, for tastes.
    pub standards: Standards,
}

/// A question, and the answers so far.
struct Open {
    question: Question,
    /// The function that answers it; `None` when that is gone.
    called: Option<Called>,
    scores: Vec<f64>,
    /// How many notes are asked about together.
    together: usize,
    /// Since when its function has waited for a take that it reads.
    late_since: Option<Instant>,
}

/// A function, for as long as some model may ask it.
struct Kept {
    asked_by: Weak<()>,
    whole: Called,
    step: Option<Called>,
}

/// What a question is about.
enum Asked {
    Pieces(Vec<Piece>),
    Steps(Vec<Step>),
}

struct Question {
    reward: Weak<()>,
    /// Whether anybody still wants the answer.
    watch: Watch,
    about: Asked,
    answer: Sender<Result<Vec<f64>, ModelError>>,
}

impl Rewards {
    /// Nothing asked yet. A function that reads a take is waited for as long as `patience`.
    pub fn new(patience: Duration) -> Rewards {
        let (asking, asked) = unbounded();
        Rewards {
            asking,
            asked,
            wake: bounded(1),
            kept: RefCell::default(),
            open: RefCell::default(),
            late: RefCell::default(),
            patience,
            standards: Standards::default(),
        }
    }

    /// A reward that asks `whole`, and `step` what single notes are worth; `print` is the identity of
    /// `whole`.
    pub fn reward(&self, whole: Called, step: Option<Called>, print: u64) -> Arc<dyn Reward> {
        let life = Arc::new(());
        let mut kept = self.kept.borrow_mut();
        kept.retain(|kept| kept.asked_by.strong_count() > 0);
        let by_steps = step.is_some();
        let looks_back = step.as_ref().is_some_and(Called::looks_back);
        kept.push(Kept { asked_by: Arc::downgrade(&life), whole, step });
        let (asking, wake) = (self.asking.clone(), self.wake.0.clone());
        Arc::new(ScriptReward {
            identity: format!("function {print:016x}"),
            by_steps,
            looks_back,
            life,
            asking,
            wake,
        })
    }

    /// Readable while there may be something to answer.
    pub fn wakes(&self) -> &Receiver<()> {
        &self.wake.1
    }

    /// Answers questions until `until`, at least one piece or note; true when there is more to answer. What
    /// has the least left to answer comes first: a draft is not to wait behind the take that it stands in
    /// for.
    pub fn answer(&self, until: Instant) -> bool {
        // Who asks from here on wakes again.
        let _ = self.wake.1.try_recv();
        self.open.borrow_mut().append(&mut self.late.borrow_mut());
        let more = self.answer_until(until);
        if more {
            wake(&self.wake.0);
        }
        more
    }

    fn answer_until(&self, until: Instant) -> bool {
        loop {
            // The function may itself do what asks here again, so nothing stays borrowed while it runs.
            let Some(mut open) = self.shortest() else { return false };
            match open.answer_next() {
                Ok(()) if open.left() > 0 => self.open.borrow_mut().push(open),
                // Nobody hears it when the take was cancelled meanwhile.
                Ok(()) => drop(open.question.answer.send(Ok(open.scores))),
                Err(Unanswered::Failed(error)) => drop(open.question.answer.send(Err(error))),
                Err(Unanswered::Late(error)) => {
                    let since = *open.late_since.get_or_insert_with(Instant::now);
                    match since.elapsed() < self.patience {
                        true => self.late.borrow_mut().push(open),
                        false => drop(open.question.answer.send(Err(error))),
                    }
                }
            }
            if Instant::now() >= until {
                return !self.open.borrow().is_empty() || !self.asked.is_empty();
            }
        }
    }

    /// Takes out the question with the least left to answer; those of cancelled takes are dropped.
    fn shortest(&self) -> Option<Open> {
        let mut open = self.open.borrow_mut();
        open.extend(self.asked.try_iter().map(|question| {
            let called = self.called(&question);
            Open { question, called, scores: Vec::new(), together: 1, late_since: None }
        }));
        open.retain(|open| !open.question.watch.is_cancelled());
        let at = (0..open.len()).min_by_key(|at| open[*at].left())?;
        Some(open.remove(at))
    }

    fn called(&self, question: &Question) -> Option<Called> {
        let kept = self.kept.borrow();
        let kept = kept.iter().find(|kept| kept.asked_by.ptr_eq(&question.reward))?;
        match question.about {
            Asked::Pieces(_) => Some(kept.whole.clone()),
            Asked::Steps(_) => kept.step.clone(),
        }
    }
}

impl Asked {
    fn len(&self) -> usize {
        match self {
            Asked::Pieces(pieces) => pieces.len(),
            Asked::Steps(steps) => steps.len(),
        }
    }
}

impl Open {
    /// How many pieces or notes are left.
    fn left(&self) -> usize {
        self.question.about.len() - self.scores.len()
    }

    /// Answers one piece, or some notes.
    fn answer_next(&mut self) -> Result<(), Unanswered> {
        let at = self.scores.len();
        let Some(called) = &self.called else { return Err(Unanswered::Failed(ModelError::Stopped)) };
        match &self.question.about {
            Asked::Pieces(pieces) => {
                let score = pieces.get(at).map(|piece| called.score(piece)).transpose()?;
                self.scores.extend(score);
            }
            Asked::Steps(steps) => {
                let some = &steps[at..steps.len().min(at + self.together)];
                let began = Instant::now();
                let scored = called.score_steps(some)?;
                // Twice as many the next time when that went well.
                self.together = match began.elapsed() < BRIEF {
                    true if scored.len() == some.len() => (2 * self.together).min(MOST_TOGETHER),
                    true => 1,
                    false => (self.together / 2).max(1),
                };
                self.scores.extend(scored);
            }
        }
        self.late_since = None;
        Ok(())
    }
}

/// A function of the script, as a model's thread sees it.
struct ScriptReward {
    identity: String,
    by_steps: bool,
    looks_back: bool,
    life: Arc<()>,
    asking: Sender<Question>,
    wake: Sender<()>,
}

impl Reward for ScriptReward {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn score(&self, pieces: &[Piece], watch: &Watch) -> Result<Vec<f64>, ModelError> {
        self.ask(Asked::Pieces(pieces.to_vec()), watch)
    }

    fn steps(&self) -> Option<&dyn StepReward> {
        self.by_steps.then_some(self)
    }
}

impl StepReward for ScriptReward {
    fn score(&self, steps: &[Step], watch: &Watch) -> Result<Vec<f64>, ModelError> {
        self.ask(Asked::Steps(steps.to_vec()), watch)
    }

    fn looks_back(&self) -> bool {
        self.looks_back
    }
}

impl ScriptReward {
    fn ask(&self, about: Asked, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let (answer, answered) = bounded(1);
        let question = Question { reward: Arc::downgrade(&self.life), watch: watch.clone(), about, answer };
        self.asking.send(question).map_err(|_| ModelError::Stopped)?;
        wake(&self.wake);
        loop {
            match answered.recv_timeout(LOOK) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Timeout) => {
                    watch.check()?;
                    // What the function reads may be there by this time.
                    wake(&self.wake);
                }
                Err(RecvTimeoutError::Disconnected) => return Err(ModelError::Stopped),
            }
        }
    }
}

fn wake(who: &Sender<()>) {
    match who.try_send(()) {
        // Full: whoever answers has been woken already.
        Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
    }
}
