//! Keys that play on slots at once, beside the plan: what a hand strikes is heard as soon as the card allows.

use std::sync::Arc;

use lilt_score::{Beat, Dial, Gesture, HOLD_PEDAL, Input, Pitch, Tone, smf};

use crate::{Action, Instrument, NoteId, Output, SlotId, Strike, Timed, View};

/// Most notes that hands hold at once, all slots together: ten fingers on each of a stage's keyboards, and a pedal.
pub const MOST_HELD: usize = 128;

/// Set in the numbers of notes that hands play: the slots' own never reach it, since there are 1,024 names of slots.
const BY_HAND: u64 = 1 << 63;

/// A note that a hand holds.
#[derive(Debug, Clone)]
struct Held {
    source: Arc<str>,
    channel: u8,
    key: u8,
    slot: SlotId,
    id: NoteId,
    tone: Tone,
    output: Arc<Output>,
    /// The key is up, and the pedal holds the note.
    pedalled: bool,
}

/// The notes that hands hold on slots. Each ends: when its key comes up, when its pedal does, when its source goes,
/// when its slot is emptied or sounds elsewhere, and when all falls silent.
#[derive(Debug, Clone, Default)]
pub struct Hands {
    held: Vec<Held>,
    /// Sources whose pedal is down.
    pedals: Vec<Arc<str>>,
    struck: u64,
}

impl Hands {
    /// What comes of a gesture over what plays, at second `now`.
    pub fn take(&mut self, input: &Input, view: View<'_>, now: f64) -> Vec<Timed> {
        let Input { source, gesture, .. } = input;
        match gesture {
            Gesture::Press { key, velocity, channel } => {
                // The same key twice, without an end between: the first ends where the second begins.
                let same =
                    |held: &Held| held.source == *source && (held.channel, held.key) == (*channel, *key);
                let mut events = self.release(view, now, same);
                let (_, outline) = view.playing();
                let beat = beat(view, now);
                for slot in view.slots() {
                    let Some(filling) = outline.slot(&slot.name) else { continue };
                    let plays = filling.hands.as_ref() == Some(source);
                    if !plays || !outline.is_audible(filling) || self.held.len() >= MOST_HELD {
                        continue;
                    }
                    self.struck += 1;
                    let id = NoteId(BY_HAND | (u64::from(slot.id.0) << 48) | (self.struck & ((1 << 48) - 1)));
                    let output = Arc::clone(&filling.output);
                    let tone = tone(*key, &output);
                    self.held.push(Held {
                        source: Arc::clone(source),
                        channel: *channel,
                        key: *key,
                        slot: slot.id,
                        id,
                        tone,
                        output: Arc::clone(&output),
                        pedalled: false,
                    });
                    let strike = Arc::new(Strike::new(tone, *velocity));
                    let action = Action::NoteOn { id, strike, duration: Beat::ONE, output };
                    events.push(Timed { seconds: now, beat, slot: slot.id, action });
                }
                events
            }
            Gesture::Release { key, channel } => {
                let same =
                    |held: &Held| held.source == *source && (held.channel, held.key) == (*channel, *key);
                if self.pedals.contains(source) {
                    self.held.iter_mut().filter(|held| same(held)).for_each(|held| held.pedalled = true);
                    return Vec::new();
                }
                self.release(view, now, same)
            }
            Gesture::Turn { dial: Dial::Controller(HOLD_PEDAL), value } => {
                self.pedals.retain(|known| known != source);
                if *value >= 0.5 {
                    self.pedals.push(Arc::clone(source));
                    return Vec::new();
                }
                self.release(view, now, |held| held.source == *source && held.pedalled)
            }
            Gesture::ReleaseAll => {
                self.pedals.retain(|known| known != source);
                self.release(view, now, |held| held.source == *source)
            }
            Gesture::Turn { .. } | Gesture::Clock(_) => Vec::new(),
        }
    }

    /// Ends what is held on slots that are no longer there for those hands, or sound elsewhere by now.
    pub fn tidy(&mut self, view: View<'_>, now: f64) -> Vec<Timed> {
        if self.held.is_empty() {
            return Vec::new();
        }
        let (_, outline) = view.playing();
        let slots: Vec<_> = view.slots().collect();
        let stands = |held: &Held| {
            let slot = slots.iter().find(|slot| slot.id == held.slot);
            slot.and_then(|slot| outline.slot(&slot.name)).is_some_and(|filling| {
                filling.hands.as_ref() == Some(&held.source)
                    && filling.output == held.output
                    && outline.is_audible(filling)
            })
        };
        self.release(view, now, |held| !stands(held))
    }

    /// Ends everything that is held.
    pub fn release_all(&mut self, view: View<'_>, now: f64) -> Vec<Timed> {
        self.pedals.clear();
        self.release(view, now, |_| true)
    }

    /// How many notes are held.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    fn release(&mut self, view: View<'_>, now: f64, ends: impl Fn(&Held) -> bool) -> Vec<Timed> {
        let beat = beat(view, now);
        let mut events = Vec::new();
        self.held.retain(|held| {
            let Held { slot, id, tone, output, .. } = held;
            if ends(held) {
                let action = Action::NoteOff { id: *id, tone: *tone, output: Arc::clone(output) };
                events.push(Timed { seconds: now, beat, slot: *slot, action });
                return false;
            }
            true
        });
        events
    }
}

fn beat(view: View<'_>, now: f64) -> Beat {
    Beat::approximate(view.beat_at(now)).unwrap_or(Beat::ZERO)
}

/// What a key sounds: a pitch, or on the kit the drum that General MIDI has there.
fn tone(key: u8, output: &Output) -> Tone {
    match output.instrument() {
        Some(Instrument::Kit) => Tone::Drum(smf::drum_of_key(key)),
        _ => Tone::Pitch(Pitch::from_key(key)),
    }
}
