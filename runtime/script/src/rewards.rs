//! Rewards that are functions of the script. A model's thread asks; the thread that owns the VM answers,
//! a few clips at a time, between its other work.

use std::cell::RefCell;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded, unbounded};
use lilt_inference::{ModelError, Reward, Watch};
use lilt_score::Clip;

use crate::function::Called;

/// How often a model that waits for an answer looks whether anybody still wants it.
const LOOK: Duration = Duration::from_millis(20);

/// The functions that are asked, and what they are asked.
pub(crate) struct Rewards {
    asking: Sender<Question>,
    asked: Receiver<Question>,
    wake: (Sender<()>, Receiver<()>),
    kept: RefCell<Vec<Kept>>,
    /// The question that is being answered, and the answers so far.
    current: RefCell<Option<(Question, Vec<f64>)>>,
}

/// A function, for as long as some model may ask it.
struct Kept {
    asked_by: Weak<()>,
    called: Called,
}

struct Question {
    reward: Weak<()>,
    clips: Vec<Clip>,
    answer: Sender<Result<Vec<f64>, ModelError>>,
}

impl Rewards {
    pub fn new() -> Rewards {
        let (asking, asked) = unbounded();
        Rewards { asking, asked, wake: bounded(1), kept: RefCell::default(), current: RefCell::default() }
    }

    /// A reward that asks `called`; `print` is the identity of the function.
    pub fn reward(&self, called: Called, print: u64) -> Arc<dyn Reward> {
        let life = Arc::new(());
        let mut kept = self.kept.borrow_mut();
        kept.retain(|kept| kept.asked_by.strong_count() > 0);
        kept.push(Kept { asked_by: Arc::downgrade(&life), called });
        let (asking, wake) = (self.asking.clone(), self.wake.0.clone());
        Arc::new(ScriptReward { identity: format!("function {print:016x}"), life, asking, wake })
    }

    /// Becomes readable when a model asks something.
    pub fn wakes(&self) -> Receiver<()> {
        self.wake.1.clone()
    }

    /// Answers questions until `until`, at least one clip; true when there is more to answer.
    pub fn answer(&self, until: Instant) -> bool {
        loop {
            let Some((question, mut scores)) = self.next() else { return false };
            // The function may itself do what asks here again, so nothing stays borrowed while it runs.
            let called = self.called(&question);
            let mut failure = None;
            while scores.len() < question.clips.len() {
                let scored = match &called {
                    Some(called) => called.score(&question.clips[scores.len()]),
                    None => Err(ModelError::Stopped),
                };
                match scored {
                    Ok(score) => scores.push(score),
                    Err(error) => {
                        failure = Some(error);
                        break;
                    }
                }
                if Instant::now() >= until && scores.len() < question.clips.len() {
                    *self.current.borrow_mut() = Some((question, scores));
                    return true;
                }
            }
            // Nobody hears it when the take was cancelled meanwhile.
            let _ = question.answer.send(failure.map_or(Ok(scores), Err));
            if Instant::now() >= until {
                return !self.asked.is_empty();
            }
        }
    }

    fn next(&self) -> Option<(Question, Vec<f64>)> {
        let current = self.current.borrow_mut().take();
        current.or_else(|| self.asked.try_recv().ok().map(|question| (question, Vec::new())))
    }

    fn called(&self, question: &Question) -> Option<Called> {
        let kept = self.kept.borrow();
        kept.iter().find(|kept| kept.asked_by.ptr_eq(&question.reward)).map(|kept| kept.called.clone())
    }
}

/// A function of the script, as a model's thread sees it.
struct ScriptReward {
    identity: String,
    life: Arc<()>,
    asking: Sender<Question>,
    wake: Sender<()>,
}

impl Reward for ScriptReward {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn score(&self, clips: &[Clip], watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let (answer, answered) = bounded(1);
        let question = Question { reward: Arc::downgrade(&self.life), clips: clips.to_vec(), answer };
        self.asking.send(question).map_err(|_| ModelError::Stopped)?;
        match self.wake.try_send(()) {
            // Full: whoever answers has been woken already.
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
        loop {
            match answered.recv_timeout(LOOK) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Timeout) => watch.check()?,
                Err(RecvTimeoutError::Disconnected) => return Err(ModelError::Stopped),
            }
        }
    }
}
