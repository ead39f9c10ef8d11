//! Recorded sounds on their way from the library to the mixer.

use std::collections::{HashMap, HashSet};
use std::io;
use std::ops::Range;
use std::sync::Arc;

use lilt_samples::{
    Arrival, Bank, DEFAULT_BUDGET, FontInstrument, FontSource, Fonts, Instruments, Library, Region, Sample,
    SampleError, Sound, Source, State,
};
use lilt_score::{Control, Preset, TimbrePlace, Tone};
use lilt_sequencer::{Output, Strike};
use lilt_synth::{SampleHandle, SampleId};

use crate::live::caught::caught;
use crate::output::timbres::Timbres;

/// The pitch at which the mixer plays a sound as it was recorded, as a MIDI number.
const HOME: f64 = 60.0;

/// Whether somebody may wait until a sound has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Nobody: what is not there yet is silent.
    Live,
    /// Whoever renders, so that it is the same each time.
    Rendering,
}

/// Fetches what notes play from the library, and puts it into the mixer. Without [`Patience::Rendering`] nothing in
/// it waits.
pub struct Sampler {
    library: Library,
    mixer: SampleHandle,
    patience: Patience,
    held: HashMap<Name, Held>,
    timbres: Timbres,
    /// Counts what was played, so that what was not played longest is known.
    clock: u64,
    /// How often the folders were listed.
    listings: u64,
    /// What was said already.
    told: HashSet<String>,
    news: Vec<String>,
}

/// Where a sound lies in memory, and from where to where it goes round: what tells one sound that the mixer has
/// from another, as long as it is held.
type Name = (usize, Option<Range<usize>>);

/// A sound that the mixer has.
struct Held {
    id: SampleId,
    sample: Arc<Sample>,
    /// The file that it is, where it is one: an instrument of a SoundFont stays.
    source: Option<Source>,
    /// When it was played last.
    played: u64,
}

/// A sound that can be played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Playable {
    /// What the mixer calls it.
    pub id: SampleId,
    /// Its length in seconds at its own speed: more than 0.
    pub seconds: f64,
    /// What the mixer is to play it at, in semitones; at 60 it sounds as it was recorded.
    pub pitch: f64,
}

/// What a key of an instrument of a SoundFont sounds: regions of it, each with what the mixer plays.
pub struct Keyed {
    instrument: Arc<FontInstrument>,
    key: f64,
    velocity: f64,
    ids: Vec<Option<SampleId>>,
}

impl Keyed {
    /// The regions that sound, and what the mixer plays for each.
    pub fn regions(&self) -> impl Iterator<Item = (&Region, Playable)> {
        let regions = self.instrument.regions(self.key, self.velocity).zip(&self.ids);
        regions.filter_map(|(region, id)| {
            let (seconds, pitch) = (region.sample.seconds(), region.pitch(self.key));
            Some((region, Playable { id: (*id)?, seconds, pitch }))
        })
    }
}

impl Sampler {
    /// A sampler of these sounds, and of SoundFonts that others open too, for this mixer.
    ///
    /// # Errors
    /// When the system gives no thread to read them on.
    pub fn new(bank: Bank, fonts: Fonts, mixer: SampleHandle, patience: Patience) -> io::Result<Sampler> {
        Ok(Sampler {
            library: Library::start_guarded(bank, DEFAULT_BUDGET, fonts, |work| caught(work))?,
            mixer,
            patience,
            held: HashMap::new(),
            timbres: Timbres::start()?,
            clock: 0,
            listings: 0,
            told: HashSet::new(),
            news: Vec::new(),
        })
    }

    /// The mixer that plays; another one than before holds nothing yet.
    pub fn play_through(&mut self, mixer: SampleHandle) {
        if !self.mixer.is_of_the_mixer_of(&mixer) {
            self.mixer = mixer;
            self.held.clear();
            self.timbres.forget();
        }
    }

    /// A note will be played: its sound is read until then.
    pub fn want(&mut self, strike: &Strike) {
        match strike.output.as_deref() {
            Some(Output::Sample { name, pitched }) => {
                if let Some(Ok(sound)) = self.find(name, strike, *pitched) {
                    self.library.get_sound(&sound);
                }
            }
            Some(Output::Preset(preset)) => self.want_instrument(preset),
            Some(Output::Timbre(place)) => self.timbres.want(strike, place, &self.mixer),
            Some(Output::Synth(_) | Output::Midi { .. } | Output::Osc(_) | Output::Bus) | None => {}
        }
    }

    /// Notes will be played on an instrument of a SoundFont: it is read until then.
    pub fn want_instrument(&mut self, preset: &Preset) {
        self.library.instrument(&font_source(preset));
    }

    /// What a note plays on an instrument of a SoundFont, if that is there. What is not is said once.
    pub fn keyed(&mut self, strike: &Strike, preset: &Preset) -> Option<Keyed> {
        let source = font_source(preset);
        let known = match self.patience {
            Patience::Live => self.library.instrument(&source),
            Patience::Rendering => self.library.wait_for_instrument(&source)?,
        };
        let instrument = match known {
            Instruments::Loaded(instrument) => instrument,
            Instruments::Failed(error) => {
                self.say(error.to_string());
                return None;
            }
            Instruments::Loading => {
                let name = &preset.name;
                self.say(format!("`{name}` is still being read: it is silent until it is there"));
                return None;
            }
        };
        let key = match strike.tone {
            Tone::Pitch(pitch) => pitch.midi(),
            Tone::Drum(drum) => f64::from(drum.key()),
        };
        let velocity = strike.velocity.value();
        let regions: Vec<(Arc<Sample>, _)> = instrument
            .regions(key, velocity)
            .map(|region| (Arc::clone(&region.sample), region.round.clone()))
            .collect();
        let ids = regions.into_iter().map(|(sample, round)| self.held(None, sample, round)).collect();
        Some(Keyed { instrument, key, velocity, ids })
    }

    /// What a note plays at a place in a space of sounds, if that is there. What is not is said once.
    pub fn at_place(&mut self, strike: &Strike, place: &TimbrePlace) -> Option<Playable> {
        let waits = self.patience == Patience::Rendering;
        let id = self.timbres.get(strike, place, &self.mixer, waits)?;
        let pitch = pitch(strike, true).unwrap_or(HOME);
        Some(Playable { id, seconds: 1.0, pitch })
    }

    /// What a note plays, if that is a recorded sound and is there. What is not is said once.
    pub fn playable(&mut self, strike: &Strike, output: &Output) -> Option<Playable> {
        let Output::Sample { name, pitched } = output else { return None };
        let found = match self.find(name, strike, *pitched) {
            Some(Ok(sound)) => self.get(&sound).map(|sample| sample.map(|sample| (sound, sample))),
            Some(Err(error)) => Some(Err(Arc::new(error))),
            None => None,
        };
        match found {
            Some(Ok((sound, sample))) => self.put_in(&sound, sample, pitch(strike, *pitched)),
            Some(Err(error)) => {
                self.say(error.to_string());
                None
            }
            None => {
                self.say(format!("the sound `{name}` is still being read: it is silent until it is there"));
                None
            }
        }
    }

    fn find(&mut self, name: &str, strike: &Strike, pitched: bool) -> Option<Result<Sound, SampleError>> {
        let bank = match self.patience {
            Patience::Live => self.library.listed()?,
            Patience::Rendering => match self.library.bank() {
                Some(bank) => bank,
                None => return Some(Err(SampleError::LoaderGone)),
            },
        };
        let number = strike.number(Control::N).unwrap_or(0.0).round() as i64;
        Some(bank.choose(name, number, pitch(strike, pitched)).cloned())
    }

    fn get(&mut self, sound: &Sound) -> Option<Result<Arc<Sample>, Arc<SampleError>>> {
        if self.patience == Patience::Rendering {
            return Some(self.library.wait_for(sound));
        }
        match self.library.get_sound(sound) {
            State::Loaded(sample) => Some(Ok(sample)),
            State::Failed(error) => Some(Err(error)),
            State::Loading => None,
        }
    }

    /// A sound at a pitch, which the mixer holds from here on.
    fn put_in(&mut self, sound: &Sound, sample: Arc<Sample>, pitch: Option<f64>) -> Option<Playable> {
        let seconds = sample.seconds();
        let pitch = pitch.map_or(HOME, |pitch| HOME + pitch - sound.pitch.unwrap_or(HOME));
        let id = self.held(Some(&sound.source), sample, None)?;
        Some(Playable { id, seconds, pitch })
    }

    /// What the mixer calls a sound, which it is given if it does not have it; the frames `round` of it go round
    /// while a note is held.
    fn held(
        &mut self,
        source: Option<&Source>,
        sample: Arc<Sample>,
        round: Option<Range<usize>>,
    ) -> Option<SampleId> {
        self.clock += 1;
        let name = (Arc::as_ptr(&sample).addr(), round.clone());
        if let Some(held) = self.held.get_mut(&name) {
            held.played = self.clock;
            return Some(held.id);
        }
        self.let_go();
        let made = lilt_synth::Sample::new(sample.data(), sample.channels() as u16, sample.rate());
        let made = match made {
            Ok(made) => round.map_or(made.clone(), |round| made.going_round(round)),
            Err(error) => {
                self.say(format!("{}: {error}", sample.name()));
                return None;
            }
        };
        match self.mixer.insert(made) {
            Ok(id) => {
                let held = Held { id, source: source.cloned(), played: self.clock, sample };
                self.held.insert(name, held);
                Some(id)
            }
            Err(full) => {
                // There is room once the mixer has given back what was not played for longest.
                let oldest =
                    self.held.iter().min_by_key(|(_, held)| held.played).map(|(name, _)| name.clone());
                if let Some(held) = oldest.and_then(|oldest| self.held.remove(&oldest)) {
                    self.mixer.remove(held.id);
                }
                self.say(full.to_string());
                None
            }
        }
    }

    /// Takes back from the mixer what the library does not hold any more.
    fn let_go(&mut self) {
        let Sampler { held, library, mixer, .. } = self;
        held.retain(|_, held| {
            let stays = held.source.as_ref().is_none_or(|source| library.holds(source, &held.sample));
            if !stays {
                mixer.remove(held.id);
            }
            stays
        });
    }

    /// Whether all that is wanted has been read, or cannot be.
    pub fn is_settled(&mut self) -> bool {
        self.library.is_settled() && self.timbres.is_settled(&self.mixer)
    }

    /// The folders have changed, or files in them: they are listed anew, and what has changed is read again when
    /// it is played next.
    pub fn rescan(&mut self) {
        self.told.clear();
        self.library.rescan();
    }

    /// The bank as it was listed last, and how often it was listed; none before the first time.
    pub fn listed(&mut self) -> Option<(u64, Bank)> {
        self.take_in();
        let listings = self.listings;
        Some((listings, self.library.listed()?.clone()))
    }

    /// What there is to say since the last call, each thing once. Frees what the mixer has given back.
    pub fn take_news(&mut self) -> Vec<String> {
        self.mixer.collect();
        self.take_in();
        self.timbres.take_news().into_iter().for_each(|line| self.say(line));
        std::mem::take(&mut self.news)
    }

    fn take_in(&mut self) {
        for arrival in self.library.arrived() {
            match arrival {
                Arrival::Listed => {
                    self.listings += 1;
                    let warnings =
                        self.library.listed().map_or_else(Vec::new, |bank| bank.warnings().to_vec());
                    warnings.into_iter().for_each(|warning| self.say(warning));
                }
                Arrival::Loaded(sample) if sample.is_cut_short() => {
                    self.say(format!(
                        "{}: the file is damaged: what could be read of it is played",
                        sample.name()
                    ));
                }
                Arrival::Loaded(_) => {}
                Arrival::Failed(error) => self.say(error.to_string()),
            }
        }
    }

    fn say(&mut self, line: String) {
        if self.told.insert(line.clone()) {
            self.news.push(line);
        }
    }
}

fn font_source(preset: &Preset) -> FontSource {
    FontSource { file: (*preset.file).into(), bank: preset.bank, program: preset.program }
}

/// The pitch that a note says, as a MIDI number.
fn pitch(strike: &Strike, pitched: bool) -> Option<f64> {
    match strike.tone {
        Tone::Pitch(pitch) if pitched => Some(pitch.midi()),
        Tone::Pitch(_) | Tone::Drum(_) => None,
    }
}
