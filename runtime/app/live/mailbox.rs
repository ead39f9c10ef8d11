//! What the author is told from outside: the newest text, saves, and the performer's commands. Of
//! what piles up while the author works only the newest counts.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

use crossbeam::channel::{Receiver, Sender, bounded};
use lilt_editor::ClientId;
use lilt_score::{Gesture, Input};
use lilt_script::{ByHand, EDITOR, KEYS};
use lilt_sequencer::Entrance;

use super::watch::{Required, Watched};

/// Saved paths that are remembered; more of them are one look at everything.
const MOST_SAVES: usize = 64;

/// Inputs that wait to be read: more than ten hands play while a script is evaluated.
const MOST_INPUTS: usize = 4_096;

/// A text that somebody typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    /// Whose.
    pub client: ClientId,
    /// The editor's number for it.
    pub version: i32,
    /// The whole text.
    pub text: String,
}

/// What lies in the mailbox.
#[derive(Debug, Default, PartialEq)]
pub struct Letters {
    /// The newest text that was typed.
    pub typed: Option<Typed>,
    /// Lua files beside the script that were saved.
    pub saved: Vec<PathBuf>,
    /// What was typed is to be played without waiting for a pause; and when it is to enter.
    pub commit: Option<Entrance>,
    /// Everything was silenced: what waits to be played is not wanted any more.
    pub silenced: bool,
    /// The script's table `state` is to be emptied.
    pub clear_state: bool,
    /// All that a hand has done on the canvas by now, where that is new.
    pub by_hand: Option<ByHand>,
    /// What came in from outside, in order; of what holds a value only the newest.
    pub inputs: Vec<Input>,
    /// How often everything was silenced until this was taken out.
    pub silences: Silences,
}

/// How often the performer silenced everything, as far as one knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Silences(pub u64);

/// Where letters are left, by any thread, and read by one.
#[derive(Clone)]
pub struct Mailbox {
    shared: Arc<Shared>,
    bell: Sender<()>,
}

struct Shared {
    letters: Mutex<Letters>,
    watched: Mutex<Watched>,
    watch: OnceLock<Required>,
    /// True while something lies there for which an evaluation under way is to be dropped.
    supersedes: AtomicBool,
    /// True while something lies there that is more urgent than writing the plan ahead.
    urgent: AtomicBool,
    /// True while something came in from outside.
    inputs: AtomicBool,
    silences: AtomicU64,
    /// Editors that are attached.
    editors: AtomicUsize,
    ending: AtomicBool,
}

impl Mailbox {
    /// An empty mailbox, and the bell that is rung when something is put in.
    pub fn new() -> (Mailbox, Receiver<()>) {
        let (bell, rung) = bounded(1);
        let shared = Shared {
            letters: Mutex::default(),
            watched: Mutex::default(),
            watch: OnceLock::new(),
            supersedes: AtomicBool::new(false),
            urgent: AtomicBool::new(false),
            inputs: AtomicBool::new(false),
            silences: AtomicU64::new(0),
            editors: AtomicUsize::new(0),
            ending: AtomicBool::new(false),
        };
        (Mailbox { shared: Arc::new(shared), bell }, rung)
    }

    /// An editor came.
    pub fn attached(&self) {
        self.shared.editors.fetch_add(1, Ordering::AcqRel);
    }

    /// An editor has gone.
    pub fn detached(&self) {
        let one_less = |editors: usize| Some(editors.saturating_sub(1));
        let _always = self.shared.editors.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_less);
    }

    /// True while an editor is attached.
    pub fn has_editors(&self) -> bool {
        self.shared.editors.load(Ordering::Acquire) > 0
    }

    /// A text was typed: an older one that was not read yet is forgotten, and one that is being
    /// evaluated is dropped.
    pub fn typed(&self, typed: Typed) {
        self.put(true, |letters| letters.typed = Some(typed));
    }

    /// A file was saved.
    pub fn saved(&self, path: PathBuf) {
        let concerns = self.watched().concerns(&path).is_some();
        self.put(concerns, |letters| {
            if !letters.saved.contains(&path) && letters.saved.len() < MOST_SAVES {
                letters.saved.push(path);
            }
        });
    }

    /// What was typed is to be played without waiting for a pause.
    pub fn commit(&self, entrance: Entrance) {
        self.put(false, |letters| letters.commit = Some(entrance));
    }

    /// Everything falls silent: whatever was asked for before is not to be played. Gives the number
    /// of this silence.
    pub fn silence(&self) -> Silences {
        let mut number = 0;
        self.put(true, |letters| {
            number = self.shared.silences.fetch_add(1, Ordering::AcqRel) + 1;
            let (clear_state, by_hand) = (letters.clear_state, letters.by_hand.take());
            let inputs = std::mem::take(&mut letters.inputs);
            *letters = Letters { silenced: true, clear_state, by_hand, inputs, ..Letters::default() };
        });
        Silences(number)
    }

    /// The script's table `state` is to be emptied.
    pub fn clear_state(&self) {
        self.put(false, |letters| letters.clear_state = true);
    }

    /// A hand did something on the canvas: this is all of it.
    pub fn by_hand(&self, done: ByHand) {
        self.put(false, |letters| letters.by_hand = Some(done));
    }

    /// Something came in from outside. It is not urgent: bars that follow it are written among others.
    pub fn heard(&self, input: Input) {
        {
            let mut letters = self.lock();
            add(&mut letters.inputs, input);
            self.shared.inputs.store(true, Ordering::Release);
        }
        // A bell that rings already is enough.
        let _ringing = self.bell.try_send(());
    }

    /// True while something from outside lies there.
    pub fn has_inputs(&self) -> bool {
        self.shared.inputs.load(Ordering::Acquire)
    }

    /// The host ends.
    pub fn end(&self) {
        self.shared.ending.store(true, Ordering::Release);
        self.put(true, |_| {});
    }

    fn put(&self, supersedes: bool, change: impl FnOnce(&mut Letters)) {
        {
            let mut letters = self.lock();
            change(&mut letters);
            self.shared.urgent.store(true, Ordering::Release);
            self.shared.supersedes.fetch_or(supersedes, Ordering::AcqRel);
        }
        // A bell that rings already is enough.
        let _ringing = self.bell.try_send(());
    }

    fn lock(&self) -> MutexGuard<'_, Letters> {
        // Each use is a few assignments; the letters are whole even if one panicked.
        self.shared.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes out what lies there.
    pub fn take(&self) -> Letters {
        let mut letters = self.lock();
        self.shared.urgent.store(false, Ordering::Release);
        self.shared.supersedes.store(false, Ordering::Release);
        self.shared.inputs.store(false, Ordering::Release);
        Letters { silences: self.silences(), ..std::mem::take(&mut *letters) }
    }

    /// What the script is made of, as far as it was evaluated: only saves of that end an evaluation. It was read
    /// after `began`.
    pub fn watch(&self, watched: Watched, began: SystemTime) {
        if let Some(watch) = self.shared.watch.get() {
            watch.tell(watched.required.clone(), began);
        }
        *self.watched() = watched;
    }

    /// Who is told of what the script is made of, from here on; the first one counts.
    pub fn tell(&self, watch: Required) {
        // There is one watch of a host.
        let _first = self.shared.watch.set(watch);
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        // A single assignment or look, whole even if one panicked.
        self.shared.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True when a newer text, a save, a silence or the end waits: what is being evaluated is not wanted
    /// any more.
    pub fn supersedes(&self) -> bool {
        self.shared.supersedes.load(Ordering::Acquire) || self.is_ending()
    }

    /// True when something waits that is more urgent than writing ahead.
    pub fn is_urgent(&self) -> bool {
        self.shared.urgent.load(Ordering::Acquire) || self.is_ending()
    }

    /// True once the host ends.
    pub fn is_ending(&self) -> bool {
        self.shared.ending.load(Ordering::Acquire)
    }

    /// How often everything was silenced until now.
    pub fn silences(&self) -> Silences {
        Silences(self.shared.silences.load(Ordering::Acquire))
    }
}

/// Puts an input with others. What holds a value is known by where it stands last. Should nobody read them, keys come up
/// and are forgotten.
fn add(inputs: &mut Vec<Input>, input: Input) {
    // Keys that come as values are pressed one by one.
    let pressed = matches!(&*input.source, EDITOR | KEYS);
    if let Gesture::Turn { dial, value } = &input.gesture
        && !pressed
    {
        let same = |known: &&mut Input| {
            known.source == input.source
                && matches!(&known.gesture, Gesture::Turn { dial: other, .. } if other == dial)
        };
        // A button that was let go was pressed.
        let let_go = |known: &Input| matches!(known.gesture, Gesture::Turn { value: before, .. } if before >= 0.5 && *value == 0.0);
        if let Some(known) = inputs.iter_mut().rev().find(same)
            && !let_go(known)
        {
            *known = input;
            return;
        }
    }
    if inputs.len() >= MOST_INPUTS {
        inputs.clear();
        inputs.push(Input { gesture: Gesture::ReleaseAll, ..input.clone() });
    }
    inputs.push(input);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(version: i32) -> Typed {
        Typed { client: ClientId(1), version, text: String::new() }
    }

    #[test]
    fn of_the_texts_that_piled_up_only_the_newest_is_read() {
        let (mailbox, bell) = Mailbox::new();
        (1..=10_000).for_each(|version| mailbox.typed(typed(version)));
        assert!(mailbox.supersedes());
        assert_eq!(bell.try_iter().count(), 1);
        assert_eq!(mailbox.take(), Letters { typed: Some(typed(10_000)), ..Letters::default() });
        assert!(!mailbox.supersedes() && !mailbox.is_urgent());
    }

    #[test]
    fn only_saves_of_what_the_script_is_made_of_drop_an_evaluation() {
        let (mailbox, _bell) = Mailbox::new();
        mailbox.watch(
            Watched { script: "/set/live.lua".into(), required: vec!["mine.lua".to_string()] },
            SystemTime::now(),
        );
        mailbox.saved("/set/other.lua".into());
        assert!(!mailbox.supersedes());
        mailbox.saved("/set/mine.lua".into());
        assert!(mailbox.supersedes());
        assert_eq!(mailbox.take().saved.len(), 2, "whether it concerns is asked again after the evaluation");
    }

    #[test]
    fn of_what_a_hand_draws_the_newest_is_read_and_drops_no_evaluation() {
        let (mailbox, bell) = Mailbox::new();
        let point = lilt_score::Point { x: 0.5, y: 0.5, width: 0.01, time: 0.0 };
        let drawn = |strokes| ByHand {
            sketch: lilt_score::Sketch::new(vec![lilt_score::Stroke { points: vec![point] }; strokes]),
            clicks: vec![[0.5, 0.5]; strokes],
        };
        (1..=100).for_each(|strokes| mailbox.by_hand(drawn(strokes)));
        mailbox.silence();
        assert_eq!(bell.try_iter().count(), 1);
        assert_eq!(mailbox.take().by_hand, Some(drawn(100)), "a silence wipes no canvas");
        mailbox.by_hand(drawn(1));
        assert!(!mailbox.supersedes() && mailbox.is_urgent());
    }

    #[test]
    fn of_a_knob_the_newest_is_read_and_of_keys_all_in_order() {
        let (mailbox, bell) = Mailbox::new();
        let input = |gesture| Input { seconds: 0.0, source: "Keys".into(), gesture };
        let turn = |value| Gesture::Turn { dial: lilt_score::Dial::Controller(74), value };
        let release = |key| Gesture::Release { key, channel: 0 };
        for gesture in [turn(0.1), release(60), turn(0.9), release(62)] {
            mailbox.heard(input(gesture));
        }
        assert!(mailbox.has_inputs() && !mailbox.is_urgent() && !mailbox.supersedes());
        assert_eq!(bell.try_iter().count(), 1);
        let read: Vec<Gesture> = mailbox.take().inputs.into_iter().map(|input| input.gesture).collect();
        assert_eq!(read, [turn(0.9), release(60), release(62)]);
        assert!(!mailbox.has_inputs());
        // A flood is bounded, and leaves no key down.
        (0..10_000).for_each(|_| mailbox.heard(input(release(60))));
        let read = mailbox.take().inputs;
        assert!(read.len() < 4_096 && read[0].gesture == Gesture::ReleaseAll);
    }

    #[test]
    fn a_silence_cancels_what_came_before_it() {
        let (mailbox, _bell) = Mailbox::new();
        mailbox.typed(typed(1));
        mailbox.commit(Entrance::Boundary);
        mailbox.clear_state();
        assert_eq!(mailbox.silence(), Silences(1));
        let silenced =
            |silences| Letters { silenced: true, silences: Silences(silences), ..Letters::default() };
        assert_eq!(mailbox.take(), Letters { clear_state: true, ..silenced(1) });
        mailbox.silence();
        mailbox.typed(typed(2));
        assert_eq!(mailbox.take(), Letters { typed: Some(typed(2)), ..silenced(2) });
        assert_eq!(mailbox.silences(), Silences(2));
    }
}
