//! Notes at places in a space of sounds, made ahead of the playhead on a thread of their own, and handed to the mixer.

use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use crossbeam::channel::{Receiver, Sender, unbounded};
use lilt_score::{Pitch, TimbrePlace, Tone, Touch};
use lilt_sequencer::Strike;
use lilt_synth::{PARTIALS, Sample, SampleHandle, SampleId, Timbre};

/// Seconds of controls: what is held longer goes round.
const SECONDS: f32 = 6.0;
/// Velocities are told apart in so many steps, so that notes that are struck alike are made once.
const VELOCITIES: f64 = 32.0;
/// Notes that the mixer holds: each takes a megabyte.
const MOST: usize = 160;

/// What tells one note from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Name {
    place: TimbrePlace,
    /// In cents.
    pitch: i32,
    /// In [`VELOCITIES`].
    velocity: u8,
}

impl Name {
    fn of(strike: &Strike, place: &TimbrePlace) -> Name {
        let pitch = match strike.tone {
            Tone::Pitch(pitch) => pitch,
            Tone::Drum(drum) => Pitch::from_key(drum.key()),
        };
        let velocity = (strike.velocity.value() * VELOCITIES).ceil().clamp(1.0, VELOCITIES);
        Name { place: place.clone(), pitch: (pitch.midi() * 100.0).round() as i32, velocity: velocity as u8 }
    }

    fn make(&self) -> Result<Timbre, String> {
        let touch = Touch {
            pitch: self.pitch as f32 / 100.0,
            velocity: f32::from(self.velocity) / VELOCITIES as f32,
            onset: self.place.onset(),
            seconds: SECONDS,
        };
        let made = self.place.decoder().decode(self.place.at(), &touch);
        let mut ratios = [f32::MAX; PARTIALS];
        ratios.iter_mut().zip(made.ratios).for_each(|(ratio, made)| *ratio = made);
        let timbre = Timbre::new(made.moments, ratios, made.release).map_err(|error| error.to_string())?;
        Ok(match made.round {
            Some(round) => timbre.going_round(round),
            None => timbre,
        })
    }
}

/// A note on its way.
enum State {
    Asked,
    Held { id: SampleId, played: u64 },
    Failed,
}

/// The notes that are asked for and those that the mixer holds.
pub struct Timbres {
    requests: Sender<Name>,
    answers: Receiver<(Name, Result<Timbre, String>)>,
    known: HashMap<Name, State>,
    clock: u64,
    news: Vec<String>,
}

impl Timbres {
    /// Starts the thread, which ends with this.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn start() -> io::Result<Timbres> {
        let (requests, inbox) = unbounded::<Name>();
        let (outbox, answers) = unbounded();
        let run = move || {
            for name in inbox {
                // A mistake of Lilt's own costs this note, not the thread.
                let made = catch_unwind(AssertUnwindSafe(|| name.make()));
                let made = made.unwrap_or_else(|_| Err("it could not be made".to_owned()));
                if outbox.send((name, made)).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("lilt-timbres".to_owned()).spawn(run)?;
        Ok(Timbres { requests, answers, known: HashMap::new(), clock: 0, news: Vec::new() })
    }

    /// A note will be played: it is made until then.
    pub fn want(&mut self, strike: &Strike, place: &TimbrePlace, mixer: &SampleHandle) {
        self.take_in(mixer);
        self.ask(Name::of(strike, place));
    }

    fn ask(&mut self, name: Name) {
        if !self.known.contains_key(&name) && self.requests.send(name.clone()).is_ok() {
            self.known.insert(name, State::Asked);
        }
    }

    /// What the mixer calls a note, if it is there; `waits` for whoever renders. What is not there, [`Timbres::take_news`]
    /// says.
    pub fn get(
        &mut self,
        strike: &Strike,
        place: &TimbrePlace,
        mixer: &SampleHandle,
        waits: bool,
    ) -> Option<SampleId> {
        self.take_in(mixer);
        let name = Name::of(strike, place);
        self.ask(name.clone());
        while waits && matches!(self.known.get(&name), Some(State::Asked)) {
            match self.answers.recv() {
                Ok(answer) => self.take(answer, mixer),
                Err(_) => break,
            }
        }
        self.clock += 1;
        match self.known.get_mut(&name) {
            Some(State::Held { id, played }) => {
                *played = self.clock;
                Some(*id)
            }
            Some(State::Failed) => None,
            Some(State::Asked) | None => {
                let name = place.name();
                self.news.push(format!(
                    "notes at `{name}` are still being made: they are silent until they are there"
                ));
                None
            }
        }
    }

    /// Whether all that is wanted is there, or cannot be had.
    pub fn is_settled(&mut self, mixer: &SampleHandle) -> bool {
        self.take_in(mixer);
        !self.known.values().any(|state| matches!(state, State::Asked))
    }

    /// Another mixer plays, which holds nothing yet.
    pub fn forget(&mut self) {
        self.known.retain(|_, state| matches!(state, State::Asked));
    }

    /// What there is to say since the last call.
    pub fn take_news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }

    fn take_in(&mut self, mixer: &SampleHandle) {
        while let Ok(answer) = self.answers.try_recv() {
            self.take(answer, mixer);
        }
    }

    fn take(&mut self, (name, made): (Name, Result<Timbre, String>), mixer: &SampleHandle) {
        let held = made.and_then(|timbre| {
            self.make_room(mixer);
            mixer.insert(Sample::of(timbre)).map_err(|full| full.to_string())
        });
        self.clock += 1;
        let state = match held {
            Ok(id) => State::Held { id, played: self.clock },
            Err(error) => {
                self.news.push(format!("{}: {error}", name.place.name()));
                State::Failed
            }
        };
        self.known.insert(name, state);
    }

    /// Gives up the note that was played longest ago, where there are as many as may be.
    fn make_room(&mut self, mixer: &SampleHandle) {
        let held = |(name, state): (&Name, &State)| match state {
            State::Held { id, played } => Some((*played, *id, name.clone())),
            State::Asked | State::Failed => None,
        };
        let all: Vec<_> = self.known.iter().filter_map(held).collect();
        if all.len() >= MOST
            && let Some((_, id, name)) = all.into_iter().min_by_key(|(played, ..)| *played)
        {
            mixer.remove(id);
            self.known.remove(&name);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use lilt_score::{Context, Controlled, TimbreDecoder, Velocity};
    use lilt_synth::{MOMENT, Mixer, MixerConfig};

    use super::*;

    /// Moments that are as loud as the place says, and how many were asked for.
    #[derive(Default)]
    struct Loud(AtomicUsize);

    impl TimbreDecoder for Loud {
        fn identity(&self) -> &str {
            "loud"
        }

        fn decode(&self, place: &[f32], _: &Touch) -> Controlled {
            self.0.fetch_add(1, Ordering::Relaxed);
            assert!(place[0] >= 0.0, "a mistake of Lilt's own");
            Controlled {
                moments: vec![place[0]; 10 * MOMENT],
                ratios: vec![1.0],
                release: 0.1,
                round: Some(0..10),
            }
        }
    }

    fn strike(key: u8, velocity: f64) -> Strike {
        Strike {
            tone: Tone::Pitch(Pitch::from_key(key)),
            velocity: Velocity::new(velocity),
            numbers: Box::new([]),
            output: None,
            context: Context::default(),
        }
    }

    fn settled(timbres: &mut Timbres, mixer: &SampleHandle) {
        let end = Instant::now() + Duration::from_secs(20);
        while !timbres.is_settled(mixer) && Instant::now() < end {
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn place(decoder: &Arc<Loud>, at: f32) -> TimbrePlace {
        TimbrePlace::new(Arc::clone(decoder) as Arc<dyn TimbreDecoder>, "somewhere", Arc::from([at]))
    }

    #[test]
    fn what_is_wanted_is_there_without_waiting_and_made_once() {
        let mut mixer = Mixer::new(MixerConfig::default());
        let handle = mixer.samples();
        let decoder = Arc::new(Loud::default());
        let mut timbres = Timbres::start().expect("a thread");
        let here = place(&decoder, 0.5);
        assert_eq!(timbres.get(&strike(60, 0.8), &here, &handle, false), None, "nothing was asked for yet");
        assert!(timbres.take_news()[0].contains("`somewhere` are still being made"));
        settled(&mut timbres, &handle);
        let id = timbres.get(&strike(60, 0.8), &here, &handle, false).expect("it is there");
        assert_eq!(timbres.get(&strike(60, 0.801), &here, &handle, true), Some(id), "struck alike");
        assert_eq!(decoder.0.load(Ordering::Relaxed), 1);
        let others =
            [strike(61, 0.8), strike(60, 0.3)].map(|other| timbres.get(&other, &here, &handle, true));
        assert!(others.iter().all(|other| other.is_some_and(|other| other != id)));
        assert_eq!(decoder.0.load(Ordering::Relaxed), 3);
        assert!(timbres.take_news().is_empty());
        // The mixer has them.
        mixer.render(&mut [0.0; 256]);
    }

    #[test]
    fn a_note_that_cannot_be_made_costs_that_note_alone() {
        let mixer = Mixer::new(MixerConfig::default());
        let handle = mixer.samples();
        let decoder = Arc::new(Loud::default());
        let mut timbres = Timbres::start().expect("a thread");
        assert_eq!(timbres.get(&strike(60, 0.8), &place(&decoder, -1.0), &handle, true), None);
        assert!(timbres.take_news()[0].contains("it could not be made"));
        assert!(timbres.get(&strike(60, 0.8), &place(&decoder, 0.1), &handle, true).is_some());
    }

    #[test]
    fn the_mixer_holds_no_more_than_so_many() {
        let mut mixer = Mixer::new(MixerConfig { samples: MOST + 1, ..MixerConfig::default() });
        let handle = mixer.samples();
        let decoder = Arc::new(Loud::default());
        let mut timbres = Timbres::start().expect("a thread");
        for n in 0..MOST + 20 {
            assert!(
                timbres.get(&strike(60, 0.8), &place(&decoder, n as f32 * 1e-3), &handle, true).is_some(),
                "{n}"
            );
            mixer.render(&mut [0.0; 256]);
        }
        assert_eq!(timbres.known.len(), MOST);
    }
}
