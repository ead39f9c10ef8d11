//! What comes in from outside, on the author's side: which bars follow what moved, and when the script is to be read
//! again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lilt_score::{Beat, Gesture, Input};
use lilt_script::Heeded;
use lilt_sequencer::{ContentId, Entrance, GenerationId, Outline};

use super::{Author, Draft, TRIAL};

/// How long what comes in may wait while bars are written: a knob is heard this much later at most, and a flood leaves
/// time to write.
const DEAF: Duration = Duration::from_millis(8);

/// How long before a rest is over the script is read as if it were: time to make a take of a few bars and to write it
/// into the plan. Shorter than most rests within a phrase, which would all be foreseen in vain.
const FORESIGHT: f64 = 0.25;

/// A generation that is entered before its time: what the script says once a phrase is over, read while the rest that
/// ends it goes on, so that what answers is heard on the very first beat after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Foreseen {
    /// When the phrase is over, if no key goes down before.
    pub(super) beat: Beat,
    pub(super) generation: GenerationId,
}

/// Which contents heed what comes in.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    /// What each asked for when its bars were written.
    of: HashMap<ContentId, Heeded>,
    /// What any of a generation's contents asked for when it was tried: which of them, nobody knows until they are
    /// asked again.
    tried: HashMap<ContentId, Arc<Heeded>>,
    /// When something was taken in last.
    took: Option<Instant>,
    /// The sources that were wanted last.
    wanted: Vec<Arc<str>>,
}

impl Hearing {
    /// A generation was tried, and asked for this.
    pub(super) fn tried(&mut self, outline: &Outline, heeded: Heeded) {
        if heeded.is_empty() {
            return;
        }
        let heeded = Arc::new(heeded);
        for filling in &outline.slots {
            self.tried.insert(filling.content, Arc::clone(&heeded));
        }
    }

    /// A bar of a content was written, and asked for this.
    pub(super) fn wrote(&mut self, content: ContentId, heeded: Heeded) {
        if !heeded.is_empty() {
            self.of.entry(content).or_default().extend(heeded);
        }
    }

    /// The contents that follow something among what came in, each once. From then on they are known by what they ask
    /// when their bars are written again.
    fn take_following(&mut self, inputs: &[Input]) -> Vec<ContentId> {
        let concerned = |heeded: &Heeded| inputs.iter().any(|input| heeded.concerns(input));
        let of = self.of.iter().filter(|(_, heeded)| concerned(heeded)).map(|(content, _)| *content);
        let tried = self.tried.iter().filter(|(_, heeded)| concerned(heeded)).map(|(content, _)| *content);
        let mut following: Vec<ContentId> = of.chain(tried).collect();
        following.sort_unstable();
        following.dedup();
        for content in &following {
            self.of.remove(content);
            self.tried.remove(content);
        }
        following
    }

    /// Forgets contents that `keep` does not want.
    pub(super) fn retain(&mut self, keep: impl Fn(ContentId) -> bool) {
        self.of.retain(|content, _| keep(*content));
        self.tried.retain(|content, _| keep(*content));
    }
}

impl Author {
    /// Takes in what came from outside: patterns that follow it are asked again, from where the music is.
    pub(super) fn hear(&mut self, inputs: &[Input]) {
        if inputs.is_empty() {
            return;
        }
        self.hearing.took = Some(Instant::now());
        self.judge(inputs);
        for input in inputs {
            let beat = self.ground.beat_at(input.seconds);
            self.engine.hear(input, beat.to_f64());
            if matches!(input.gesture, Gesture::Press { .. }) {
                self.hear_on(beat);
            }
        }
        self.learn(inputs);
        if inputs.iter().any(|input| !matches!(input.gesture, Gesture::Clock(_))) {
            for content in self.hearing.take_following(inputs) {
                self.planner.follow(content);
                self.ahead.forget(content);
            }
        }
    }

    /// True while something came in that should not wait for more bars to be written.
    pub(super) fn is_called(&self) -> bool {
        self.mailbox.has_inputs() && self.hearing.took.is_none_or(|took| took.elapsed() >= DEAF)
    }

    /// Reads the script again where a phrase that it asks for is about to be over, and lets it in from then on. While
    /// somebody types it waits until the phrase is over, for what is typed comes in when they pause.
    pub(super) fn hear_out(&mut self) {
        let Some(over) = self.engine.phrase_due() else { return };
        let typing = self.waiting.is_some();
        let lead = if typing { 0.0 } else { FORESIGHT };
        if self.hushed || self.time.heard() + lead < self.ground.seconds_at(over) {
            return;
        }
        if typing {
            self.evaluate_again();
        } else if self.last_error.is_none() && self.evaluated {
            let text = self.text.clone();
            self.evaluate_at(Draft { text, typed: None }, over);
            self.commit(Entrance::From(over));
        }
    }

    /// A key goes down at a beat: where the end of the phrase was foreseen after that, it goes on, and what was let in is
    /// taken back.
    fn hear_on(&mut self, beat: Beat) {
        let Some(foreseen) = self.foreseen.take_if(|foreseen| beat < foreseen.beat) else { return };
        let now = self.time.now();
        let (planner, ground) = (&mut self.planner, &self.ground);
        let withdraw = || planner.withdraw(foreseen.generation, ground, now);
        let (before, _) = self.engine.metered("", TRIAL, &|| false, withdraw);
        if let Some(before) = before {
            self.playing.rotate_left(1);
            self.enter(before, self.silences);
        }
    }

    /// Says which sources the newest text names.
    pub(super) fn want_sources(&mut self) {
        let named = self.engine.sources();
        if named != self.hearing.wanted {
            self.hearing.wanted.clone_from(&named);
            // Ears that are not there hear nothing.
            let _deaf = self.outlets.sources.send(named);
        }
    }
}
