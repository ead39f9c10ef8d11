//! What came in from outside, as a script reads it: where knobs and wheels stand, and what keys played.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use lilt_inference::HeardNote;
use lilt_score::{Beat, Clip, ClipError, Dial, Gesture, Input, Note, Pitch, Tone, Velocity};

use crate::phrase_end::{self, Lift, PhraseEnd};
use crate::tastes::Taught;

/// Most notes that are remembered of all that was played: some minutes of a busy pianist.
const MOST_NOTES: usize = 4_096;
/// Most values of addresses of OSC that are remembered: who sends more is out to fill the memory.
const MOST_DIALS: usize = 4_096;

/// The controller of the sustain pedal (MIDI 1.0).
const SUSTAIN: u8 = 64;
/// Most sources whose pedals are remembered to be down.
const MOST_PEDALS: usize = 64;
/// Steps of a beat on which it is known that something is over: those of what is planned.
const OVER_GRID: f64 = 960.0;

/// The longest time of which what was played is asked for, in beats.
pub(crate) const LONGEST: i64 = 256;

/// A note that a hand played, in beats of the performance.
#[derive(Debug, Clone)]
struct Played {
    source: Arc<str>,
    channel: u8,
    key: u8,
    velocity: Velocity,
    start: f64,
    /// None while its key is down.
    end: Option<f64>,
}

/// A dial of a source, or of whichever moved it last.
type DialOf = (Option<Arc<str>>, Dial);

/// What patterns or an evaluation asked of the ears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heeded {
    dials: BTreeSet<DialOf>,
    /// The sources whose keys were asked for, none for all of them.
    keys: BTreeSet<Option<Arc<str>>>,
}

impl Heeded {
    /// Nothing was asked.
    pub fn is_empty(&self) -> bool {
        self.dials.is_empty() && self.keys.is_empty()
    }

    /// True when the input moves something that was asked for.
    pub fn concerns(&self, input: &Input) -> bool {
        let of = |source: &Option<Arc<str>>| source.as_ref().is_none_or(|source| *source == input.source);
        match &input.gesture {
            Gesture::Turn { dial, .. } => {
                self.dials.iter().any(|(source, asked)| asked == dial && of(source))
            }
            Gesture::Press { .. } | Gesture::Release { .. } | Gesture::ReleaseAll => self.keys.iter().any(of),
            Gesture::Clock(_) => false,
        }
    }

    /// Of this and of the other.
    pub fn extend(&mut self, other: Heeded) {
        self.dials.extend(other.dials);
        self.keys.extend(other.keys);
    }
}

/// What of what was played is wanted as a clip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cutting {
    /// How many beats; of a phrase at most.
    pub beats: Beat,
    /// The grid that beginnings are moved to; none for as played.
    pub grid: Option<Beat>,
}

/// All that came in, as far as it is remembered.
#[derive(Debug, Default)]
pub(crate) struct Ears {
    /// Where each dial stands, by its source; the newest of any source under none.
    dials: RefCell<HashMap<DialOf, f64>>,
    notes: RefCell<VecDeque<Played>>,
    heeded: RefCell<Heeded>,
    /// The sources that the evaluation under way, or the last, named.
    sources: RefCell<BTreeSet<Arc<str>>>,
    /// Pedals that came up.
    lifts: RefCell<VecDeque<Lift>>,
    /// Where the sustain pedal of each source is down.
    pedals: RefCell<BTreeSet<Arc<str>>>,
    /// What ends phrases, as the evaluation under way or the last asked, and of which source they are, none for all.
    endings: RefCell<Vec<(PhraseEnd, Option<Arc<str>>)>>,
    /// True where the evaluation under way, or the last, waits for the number of a knob.
    learns: Cell<bool>,
    /// The tastes that the evaluation under way, or the last, named.
    tastes: RefCell<Vec<Taught>>,
    /// Until which beat what was played was taken in when it was last asked for.
    known: Cell<Beat>,
}

impl Ears {
    /// An evaluation begins: what the last one asked for is forgotten.
    pub fn begin(&self) {
        self.sources.borrow_mut().clear();
        self.tastes.borrow_mut().clear();
        self.endings.borrow_mut().clear();
        self.learns.set(false);
    }

    /// The script waits for the number of the knob that is moved next.
    pub fn learn(&self) {
        self.learns.set(true);
    }

    /// True where it does.
    pub fn learns(&self) -> bool {
        self.learns.get()
    }

    /// Remembers what the other does.
    pub fn go_on_from(&self, other: &Ears) {
        self.dials.borrow_mut().clone_from(&other.dials.borrow());
        self.notes.borrow_mut().clone_from(&other.notes.borrow());
    }

    /// Something came in; `beat` is where the music is.
    pub fn hear(&self, input: &Input, beat: f64) {
        let Input { source, gesture, .. } = input;
        match gesture {
            Gesture::Press { key, velocity, channel } => {
                self.release(beat, |played| {
                    played.source == *source && (played.channel, played.key) == (*channel, *key)
                });
                let mut notes = self.notes.borrow_mut();
                if notes.len() == MOST_NOTES {
                    notes.pop_front();
                }
                notes.push_back(Played {
                    source: Arc::clone(source),
                    channel: *channel,
                    key: *key,
                    velocity: *velocity,
                    start: beat,
                    end: None,
                });
            }
            Gesture::Release { key, channel } => self.release(beat, |played| {
                played.source == *source && (played.channel, played.key) == (*channel, *key)
            }),
            Gesture::ReleaseAll => self.release(beat, |played| played.source == *source),
            // The tempo and the beats of the performance are where the clock is.
            Gesture::Clock(_) => {}
            Gesture::Turn { dial, value } => {
                if *dial == Dial::Controller(SUSTAIN) {
                    self.pedal(source, *value, beat);
                }
                let mut dials = self.dials.borrow_mut();
                for of in [Some(Arc::clone(source)), None] {
                    let at = (of, dial.clone());
                    if dials.len() < MOST_DIALS || dials.contains_key(&at) {
                        dials.insert(at, *value);
                    }
                }
            }
        }
    }

    /// The sustain pedal of a source moves.
    fn pedal(&self, source: &Arc<str>, value: f64, beat: f64) {
        let mut pedals = self.pedals.borrow_mut();
        if value >= 0.5 {
            if pedals.len() < MOST_PEDALS {
                pedals.insert(Arc::clone(source));
            }
        } else if pedals.remove(source) {
            let mut lifts = self.lifts.borrow_mut();
            if lifts.len() == MOST_NOTES {
                lifts.pop_front();
            }
            lifts.push_back((Arc::clone(source), beat));
        }
    }

    fn release(&self, beat: f64, ends: impl Fn(&Played) -> bool) {
        let mut notes = self.notes.borrow_mut();
        for played in notes.iter_mut().filter(|played| played.end.is_none() && ends(played)) {
            played.end = Some(beat);
        }
    }

    /// Where a dial stands, of a source or of whichever moved it last; `None` before anything did.
    pub fn stands(&self, source: Option<&Arc<str>>, dial: &Dial) -> Option<f64> {
        let at = (source.cloned(), dial.clone());
        let value = self.dials.borrow().get(&at).copied();
        self.heeded.borrow_mut().dials.insert(at);
        value
    }

    /// The script names a source.
    pub fn name(&self, source: &Arc<str>) {
        self.sources.borrow_mut().insert(Arc::clone(source));
    }

    /// The sources that the last evaluation named, in order.
    pub fn named(&self) -> Vec<Arc<str>> {
        self.sources.borrow().iter().cloned().collect()
    }

    /// The script names a taste.
    pub fn teach(&self, taught: Taught) {
        let mut tastes = self.tastes.borrow_mut();
        match tastes.iter_mut().find(|known| known.file == taught.file) {
            Some(known) => known.triggers.extend(taught.triggers),
            None => tastes.push(taught),
        }
    }

    /// The tastes that the last evaluation named, each once.
    pub fn taught(&self) -> Vec<Taught> {
        self.tastes.borrow().clone()
    }

    /// Does `work`, and says what was asked meanwhile.
    pub fn heeding<T>(&self, work: impl FnOnce() -> T) -> (T, Heeded) {
        let before = self.heeded.take();
        let done = work();
        (done, self.heeded.replace(before))
    }

    /// True when what came in moves something that was asked for.
    pub fn heeds(&self, input: &Input) -> bool {
        self.heeded.borrow().concerns(input)
    }

    /// The notes of a source, or of all, that began before `until`, in order of their beginnings; one whose key is down
    /// has been heard until then.
    pub fn heard(&self, source: Option<&Arc<str>>, until: f64) -> Vec<HeardNote> {
        self.heeded.borrow_mut().keys.insert(source.cloned());
        let notes = self.notes.borrow();
        let heard = notes
            .iter()
            .filter(|played| played.start < until && source.is_none_or(|of| played.source == *of));
        heard
            .map(|played| HeardNote {
                start: played.start,
                end: played.end.unwrap_or(until).min(until),
                key: played.key,
            })
            .collect()
    }

    /// At which beat the script is to be read again, since what was played has come to an end by then: known as soon as
    /// the last key comes up, for the rest that is still to come is silence until another key goes down. On the grid of
    /// what is planned, and not a hair before the rest is over.
    pub fn due(&self) -> Option<Beat> {
        let notes = self.notes.borrow();
        let over = |(ends, source): &(PhraseEnd, Option<Arc<str>>)| {
            let of = notes.iter().filter(|played| source.as_ref().is_none_or(|of| played.source == *of));
            let over = (self.over_at(*ends, source.as_ref(), of)? * OVER_GRID).ceil();
            let over = over.is_finite().then(|| Beat::new(over as i64, OVER_GRID as i64))?;
            (over > self.known.get()).then_some(over)
        };
        self.endings.borrow().iter().filter_map(over).min()
    }

    /// Phrases of a source, or of all, are asked for that end so.
    fn asked(&self, ends: PhraseEnd, source: Option<&Arc<str>>, now: Beat) {
        let asked = (ends, source.cloned());
        let mut endings = self.endings.borrow_mut();
        if !endings.contains(&asked) {
            endings.push(asked);
        }
        self.known.set(now);
    }

    /// The beat at which the phrase is over that ends with the last of `notes`, if no other note begins before.
    fn over_at<'a>(
        &self,
        ends: PhraseEnd,
        source: Option<&Arc<str>>,
        notes: impl DoubleEndedIterator<Item = &'a Played> + Clone,
    ) -> Option<f64> {
        let last = notes.clone().next_back()?.start;
        // Who holds a key is still playing.
        let ended = |last: f64, end: Option<f64>| end.map(|end| last.max(end));
        let end = notes.map(|played| played.end).try_fold(f64::NEG_INFINITY, ended);
        let lifts = self.lifts.borrow();
        let lifts = lifts.iter().filter(|(of, _)| source.is_none_or(|source| source == of));
        ends.over_at(phrase_end::Played { last, end }, lifts)
    }

    /// The last beats of what was played until `now`: they end with the bar of the last note. Nothing where nothing
    /// was played.
    ///
    /// # Errors
    /// When there are too many notes for a clip.
    pub fn played(
        &self,
        source: Option<&Arc<str>>,
        cutting: Cutting,
        bar: Beat,
        now: Beat,
    ) -> Result<Option<Clip>, ClipError> {
        self.asked(PhraseEnd::Rest(0.5), source, now);
        let now = now.to_f64();
        let notes = self.of(source);
        let Some(last) = notes.last() else { return Ok(None) };
        let end = bar * Beat::whole(Beat::approximate(last.start).unwrap_or(Beat::ZERO).floor_div(bar) + 1);
        clip(&notes, end - cutting.beats, end, cutting.grid, now).map(Some)
    }

    /// The last phrase that is over at `now`: what was played between two of what `ends` it. It begins with the beat of its
    /// first note, and is as many beats long as it takes.
    ///
    /// # Errors
    /// When there are too many notes for a clip.
    pub fn phrase(
        &self,
        source: Option<&Arc<str>>,
        cutting: Cutting,
        ends: PhraseEnd,
        now: Beat,
    ) -> Result<Option<Clip>, ClipError> {
        self.asked(ends, source, now);
        let now = now.to_f64();
        let notes = self.of(source);
        let over_by = |notes: &[Played], beat: f64| {
            self.over_at(ends, source, notes.iter()).is_some_and(|over| over <= beat + 1e-6)
        };
        // Phrases from the last to the first; the last may still go on.
        let mut until = notes.len();
        while until > 0 {
            let mut from = until - 1;
            // Notes before that are long may sound on.
            while from > 0 && !over_by(&notes[..from], notes[from].start) {
                from -= 1;
            }
            let phrase = &notes[from..until];
            let end = phrase.iter().map(|played| played.end.unwrap_or(now)).fold(0.0, f64::max);
            if until < notes.len() || over_by(phrase, now) {
                let begins = Beat::whole(phrase[0].start.floor() as i64);
                let ends = Beat::whole(end.ceil().max(phrase[0].start.floor() + 1.0) as i64);
                let begins = begins.max(ends - cutting.beats);
                return clip(phrase, begins, ends, cutting.grid, now).map(Some);
            }
            until = from;
        }
        Ok(None)
    }

    fn of(&self, source: Option<&Arc<str>>) -> Vec<Played> {
        let notes = self.notes.borrow();
        notes.iter().filter(|played| source.is_none_or(|of| played.source == *of)).cloned().collect()
    }
}

/// Beats as exactly as anybody plays: 1/960 is half a millisecond at 120 bpm.
fn exact(beats: f64) -> Beat {
    Beat::new((beats * 960.0).round() as i64, 960)
}

/// What of some notes begins between two beats, as a clip of that.
fn clip(notes: &[Played], from: Beat, to: Beat, grid: Option<Beat>, now: f64) -> Result<Clip, ClipError> {
    let on_grid = |at: Beat| match grid {
        Some(grid) => grid * Beat::whole((at / grid + Beat::new(1, 2)).floor()),
        None => at,
    };
    let shortest = grid.unwrap_or(Beat::new(1, 32));
    let within = notes.iter().filter_map(|played| {
        let (start, end) = (exact(played.start), exact(played.end.unwrap_or(now)));
        let begins = on_grid(start - from);
        let long = on_grid(end - start).max(shortest);
        let tone = Tone::Pitch(Pitch::from_key(played.key));
        (begins >= Beat::ZERO && begins < to - from).then_some(Note {
            start: begins,
            duration: long,
            tone,
            velocity: played.velocity,
        })
    });
    Clip::new(within.collect(), to - from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(gesture: Gesture) -> Input {
        Input { seconds: 0.0, source: "Keys".into(), gesture }
    }

    /// Ears that heard keys, each with the beats at which it went down and came up.
    fn heard(keys: &[(u8, f64, f64)]) -> Ears {
        let ears = Ears::default();
        let mut gestures: Vec<(f64, Gesture)> = keys
            .iter()
            .flat_map(|&(key, start, end)| {
                let press = Gesture::Press { key, velocity: Velocity::DEFAULT, channel: 0 };
                [(start, press), (end, Gesture::Release { key, channel: 0 })]
            })
            .collect();
        gestures.sort_by(|one, other| one.0.total_cmp(&other.0));
        gestures.into_iter().for_each(|(beat, gesture)| ears.hear(&input(gesture), beat));
        ears
    }

    fn told(clip: Option<Clip>) -> String {
        let Some(clip) = clip else { return "nothing".into() };
        let notes = clip.notes().iter();
        let notes = notes.map(|note| format!("{}+{}:{}", note.start, note.duration, note.tone.key()));
        format!("{} | {}", clip.length(), notes.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_phrase_is_what_lies_between_two_rests() {
        let cutting = Cutting { beats: Beat::whole(64), grid: Some(Beat::new(1, 4)) };
        let keys = [(60, 2.02, 2.9), (62, 3.01, 3.4), (64, 3.48, 4.4), (67, 8.1, 8.9)];
        for (count, now, phrase) in [
            (0, 4.0, "nothing"),
            (3, 4.6, "nothing"),
            (3, 5.4, "3 | 0+1:60 1+1/2:62 3/2+1:64"),
            // The next one has begun, and is not over.
            (4, 9.5, "3 | 0+1:60 1+1/2:62 3/2+1:64"),
            (4, 9.9, "1 | 0+3/4:67"),
        ] {
            let ears = heard(&keys[..count]);
            assert_eq!(
                told(ears.phrase(None, cutting, PhraseEnd::Rest(1.0), exact(now)).unwrap()),
                phrase,
                "{count} until {now}"
            );
        }
    }

    #[test]
    fn a_phrase_may_end_with_a_bar_or_the_pedal() {
        let cutting = Cutting { beats: Beat::whole(64), grid: Some(Beat::new(1, 4)) };
        let keys = [(60, 1.0, 2.0), (62, 2.0, 3.0), (64, 4.5, 5.0), (65, 6.0, 8.0), (67, 8.0, 9.5)];
        let ears = heard(&keys);
        let phrase = |ends, now| told(ears.phrase(None, cutting, ends, exact(now)).unwrap());
        let bar = PhraseEnd::Bar(4.0);
        assert_eq!(phrase(bar, 9.6), "4 | 1/2+1/2:64 2+2:65");
        assert_eq!(ears.due(), Some(Beat::whole(12)), "the note that goes on into the third bar");
        assert_eq!(phrase(bar, 12.0), "2 | 0+3/2:67");
        assert_eq!(ears.due(), None);
        let pedal = |value| input(Gesture::Turn { dial: Dial::Controller(64), value });
        for (beat, value) in [(0.5, 1.0), (5.2, 0.0), (5.3, 0.9), (9.0, 0.2)] {
            ears.hear(&pedal(value), beat);
        }
        assert_eq!(phrase(PhraseEnd::Pedal, 6.5), "4 | 0+1:60 1+1:62 7/2+1/2:64");
        assert_eq!(phrase(PhraseEnd::Pedal, 9.1), "4 | 0+2:65 2+3/2:67");
    }

    #[test]
    fn what_was_played_ends_with_the_bar_of_its_last_note() {
        let ears = heard(&[(60, 1.0, 2.0), (64, 4.26, 5.0), (67, 6.9, 7.3)]);
        let cutting = |beats, grid| Cutting { beats: Beat::whole(beats), grid };
        let bar = Beat::whole(4);
        let played = |cutting| told(ears.played(None, cutting, bar, Beat::whole(9)).unwrap());
        assert_eq!(played(cutting(4, Some(Beat::new(1, 4)))), "4 | 1/4+3/4:64 3+1/2:67");
        assert_eq!(played(cutting(8, None)), "8 | 1+1:60 409/96+71/96:64 69/10+2/5:67");
    }

    #[test]
    fn a_script_is_read_again_when_what_was_played_is_over() {
        let ears = heard(&[(60, 1.0, 2.0)]);
        assert_eq!(ears.due(), None, "nobody asks");
        ears.asked(PhraseEnd::Rest(1.0), None, Beat::whole(3));
        assert_eq!(ears.due(), None, "nothing is new");
        ears.hear(&input(Gesture::Press { key: 62, velocity: Velocity::DEFAULT, channel: 0 }), 3.0);
        assert_eq!(ears.due(), None, "a key is down");
        ears.hear(&input(Gesture::Release { key: 62, channel: 0 }), 3.5);
        assert_eq!(ears.due(), Some(Beat::new(9, 2)));
        ears.asked(PhraseEnd::Rest(1.0), None, Beat::whole(4));
        assert_eq!(ears.due(), Some(Beat::new(9, 2)), "whoever asked before it was over asks again");
        ears.asked(PhraseEnd::Rest(1.0), None, Beat::new(9, 2));
        assert_eq!(ears.due(), None, "it is known");
    }

    #[test]
    fn a_dial_is_asked_of_one_source_or_of_any() {
        let ears = Ears::default();
        let dial = Dial::Controller(74);
        let turn = |value| input(Gesture::Turn { dial: Dial::Controller(74), value });
        let (stands, heeded) = ears.heeding(|| ears.stands(None, &dial));
        assert_eq!(stands, None);
        assert!(heeded.concerns(&turn(0.5)));
        ears.hear(&turn(0.5), 0.0);
        assert_eq!(ears.stands(None, &dial), Some(0.5));
        assert_eq!(ears.stands(Some(&"Keys".into()), &dial), Some(0.5));
        assert_eq!(ears.stands(Some(&"Pads".into()), &dial), None);
        let (_, others) = ears.heeding(|| ears.stands(Some(&"Pads".into()), &dial));
        assert!(!others.concerns(&turn(0.1)));
    }
}
