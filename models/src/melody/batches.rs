//! Passages dealt to lanes that are played side by side, clips drawn beside them, and both cut into batches.
//!
//! Half of a batch are songs that are played from their beginning without a point of the latent space:
//! they teach the model of melodies. The other half are clips of four bars that begin from silence,
//! each of its two segments with its own point: they teach the latent space. Reconstructions are many more such
//! clips that are only encoded and planned, without the LSTM: they cost little and teach the latent
//! space much.

use std::collections::VecDeque;
use std::sync::Arc;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::chords::Harmony;
use super::features::{Density, Features, Guide, LAGS, MelodyState, drop_lookback};
use super::network::{Letter, letters};
use super::passage::{Passage, Song};
use super::vocabulary::{BAR, Color, Home, SEGMENT, from_silence, onsets};

/// Steps of a batch: four bars.
pub const STEPS: usize = 2 * SEGMENT;

/// Share of lookbacks that a training step does not see.
const HIDDEN_LOOKBACKS: f64 = 0.1;
/// Share of songs whose chords are hidden, and of clips.
const HIDDEN_CHORDS: [f64; 2] = [0.2, 0.5];
/// Share of songs and clips whose home note is any, as that of a script that names no key may be.
const HIDDEN_KEYS: f64 = 0.2;
/// Share that is moved by up to three semitones, so that keys without many songs are learnt too.
const MOVED: f64 = 0.5;
/// Share of songs that are told how many notes a bar come.
const TOLD_DENSITIES: f64 = 0.4;
/// Fewest notes in each segment of a clip.
pub const FEWEST_NOTES: usize = 3;

/// A passage or clip as one key hears it.
#[derive(Debug, Clone)]
struct Heard {
    tokens: Vec<u8>,
    home: Home,
    harmony: Harmony,
    weights: Vec<f32>,
}

/// What the network is told of a song.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// Now more, now less, in any key: what the trained network can be asked for.
    Varied,
    /// Key and chords as they are, and this density: what it was asked for when it played the song.
    Asked(Density),
}

impl Telling {
    /// The density that is told of all of a song.
    fn density(self) -> Density {
        match self {
            Telling::Varied => Density::UNKNOWN,
            Telling::Asked(density) => density,
        }
    }
}

/// Any of the things that training changes about a passage.
fn varied(passage: &Passage, rng: &mut ChaCha8Rng, hidden_chords: f64) -> Option<Heard> {
    let shift = if rng.random_bool(MOVED) { rng.random_range(-3..=3) } else { 0 };
    let moved = |tonic: u8| (i32::from(tonic) + shift).rem_euclid(12) as u8;
    let home = if rng.random_bool(HIDDEN_KEYS) {
        Home { tonic: rng.random_range(0..12), color: Color::Unknown }
    } else {
        Home { tonic: moved(passage.home.tonic), color: passage.home.color }
    };
    let harmony = if rng.random_bool(hidden_chords) { Harmony::unknown() } else { passage.harmony(shift) };
    Some(Heard { tokens: passage.tokens(home, shift)?, home, harmony, weights: passage.weights.clone() })
}

/// A passage as it stands.
fn plain(passage: &Passage) -> Option<Heard> {
    let tokens = passage.tokens(passage.home, 0)?;
    let weights = passage.weights.clone();
    Some(Heard { tokens, home: passage.home, harmony: passage.harmony(0), weights })
}

/// A passage that a lane plays.
#[derive(Debug, Clone)]
struct Playing {
    heard: Heard,
    guide: Guide,
    told: bool,
    state: MelodyState,
}

/// One batch, `[steps, songs + clips]` in that order throughout.
#[derive(Debug)]
pub struct Batch {
    /// Input rows.
    pub features: Vec<Features>,
    /// What happens.
    pub tokens: Vec<u32>,
    /// Steps there are to predict.
    pub predicted: usize,
    /// What each step counts, mostly 1; 0 where there is nothing to predict.
    pub counts: Vec<f32>,
    /// 0 where a passage or clip begins.
    pub keep: Arc<Vec<f32>>,
    /// What the encoder hears of the clips, two segments each, `[clips, steps]`.
    pub letters: Vec<Letter>,
    /// What the encoder hears of the clips that are only planned, `[reconstructions, steps]`, and what happens.
    pub reconstructions: (Vec<Letter>, Vec<u32>),
}

/// Deals passages to lanes.
pub struct Batches<'a> {
    passages: Vec<&'a Passage>,
    waiting: VecDeque<usize>,
    lanes: Vec<Option<Playing>>,
    clips: usize,
    /// Clips that are only encoded and planned.
    reconstructions: usize,
    telling: Telling,
    /// Whether the network is told the chords.
    chords: bool,
    /// Present while training: shuffles, and varies or hides where the telling is varied, and never ends.
    rng: Option<ChaCha8Rng>,
}

impl<'a> Batches<'a> {
    /// All passages once, in order, as they stand; without clips, and with chords where `chords` says so.
    pub fn once(songs: &'a [Song], width: usize, telling: Telling, chords: bool) -> Batches<'a> {
        let passages: Vec<&Passage> = songs.iter().flat_map(|song| &song.passages).collect();
        let waiting = (0..passages.len()).collect();
        let lanes = vec![None; width];
        Batches { passages, waiting, lanes, clips: 0, reconstructions: 0, telling, chords, rng: None }
    }

    /// Passages without end, shuffled anew for each round, and so many clips and reconstructions beside them.
    pub fn forever(
        songs: &'a [Song],
        width: usize,
        [clips, reconstructions]: [usize; 2],
        telling: Telling,
        seed: u64,
    ) -> Batches<'a> {
        let rng = Some(ChaCha8Rng::seed_from_u64(seed));
        Batches {
            waiting: VecDeque::new(),
            clips,
            reconstructions,
            rng,
            ..Batches::once(songs, width, telling, true)
        }
    }

    fn deal(&mut self) -> Option<Playing> {
        if let Some(rng) = &mut self.rng
            && self.waiting.is_empty()
        {
            let mut order: Vec<usize> = (0..self.passages.len()).collect();
            order.shuffle(rng);
            self.waiting = order.into();
        }
        let passage = self.passages[self.waiting.pop_front()?];
        let (heard, told) = match &mut self.rng {
            Some(rng) if self.telling == Telling::Varied => {
                let heard = varied(passage, rng, HIDDEN_CHORDS[0]).or_else(|| plain(passage))?;
                (heard, rng.random_bool(TOLD_DENSITIES))
            }
            _ => (plain(passage)?, false),
        };
        let harmony = if self.chords { heard.harmony.clone() } else { Harmony::unknown() };
        let density = self.telling.density();
        let guide = Guide { home: heard.home, harmony, density, planned: false };
        Some(Playing { heard, guide, told, state: MelodyState::new(0) })
    }

    /// The next batch; none when all passages are played out.
    pub fn next_batch(&mut self) -> Option<Batch> {
        let songs = self.lanes.len();
        let width = songs + self.clips;
        let cells = STEPS * width;
        let mut batch = Batch {
            features: vec![[0; _]; cells],
            tokens: vec![0; cells],
            predicted: 0,
            counts: vec![0.0; cells],
            keep: Arc::default(),
            letters: Vec::with_capacity(self.clips * STEPS),
            reconstructions: Default::default(),
        };
        let mut keep = vec![1.0; cells];
        let mut any = false;
        for lane in 0..songs {
            for step in 0..STEPS {
                let over = |playing: &Playing| playing.state.tokens().len() >= playing.heard.tokens.len();
                if self.lanes[lane].as_ref().is_none_or(over) {
                    self.lanes[lane] = self.deal();
                }
                let cell = step * width + lane;
                let Some(playing) = &mut self.lanes[lane] else { continue };
                any = true;
                let at = playing.state.tokens().len();
                if playing.told && at.is_multiple_of(4 * BAR) {
                    let coming = &playing.heard.tokens[at..(at + 4 * BAR).min(playing.heard.tokens.len())];
                    let notes_a_bar = (onsets(coming) * BAR) as f64 / coming.len() as f64;
                    playing.guide.density = Density::of(notes_a_bar);
                }
                let mut features = playing.state.features(&playing.guide);
                if let Some(rng) = self.rng.as_mut().filter(|_| self.telling == Telling::Varied) {
                    (0..LAGS.len())
                        .filter(|_| rng.random_bool(HIDDEN_LOOKBACKS))
                        .collect::<Vec<_>>()
                        .into_iter()
                        .for_each(|lag| drop_lookback(&mut features, lag));
                }
                batch.features[cell] = features;
                batch.tokens[cell] = playing.heard.tokens[at].into();
                batch.predicted += 1;
                batch.counts[cell] = playing.heard.weights.get(at).copied().unwrap_or(1.0);
                keep[cell] = f32::from(at != 0);
                playing.state.advance(playing.heard.tokens[at]);
            }
        }
        for clip in 0..self.clips {
            let heard = self.clip()?;
            write_clip(&heard, &mut batch, songs + clip, width);
            keep[songs + clip] = 0.0;
        }
        for _ in 0..self.reconstructions {
            let tokens = self.clip()?.tokens;
            batch.reconstructions.0.extend(letters(&tokens));
            batch.reconstructions.1.extend(tokens.iter().map(|&token| u32::from(token)));
        }
        batch.keep = Arc::new(keep);
        any.then_some(batch)
    }

    /// A clip of four bars from anywhere.
    fn clip(&mut self) -> Option<Heard> {
        let rng = self.rng.as_mut()?;
        loop {
            let passage = self.passages[rng.random_range(0..self.passages.len())];
            let bars = passage.steps.len() / BAR;
            if bars < STEPS / BAR {
                continue;
            }
            let from = BAR * rng.random_range(0..=bars - STEPS / BAR);
            let four_bars = Passage {
                home: passage.home,
                steps: passage.steps[from..from + STEPS].to_vec(),
                chords: passage.chords[from..from + STEPS].to_vec(),
                weights: Vec::new(),
            };
            let heard = varied(&four_bars, rng, HIDDEN_CHORDS[1]);
            if let Some(clip) = heard.and_then(|heard| cut(&heard, 0)) {
                return Some(clip);
            }
        }
    }
}

/// Four bars from step `from` on, from silence; none when a segment has too few notes.
fn cut(heard: &Heard, from: usize) -> Option<Heard> {
    let tokens = from_silence(heard.tokens.get(from..from + STEPS)?);
    if tokens.chunks(SEGMENT).any(|segment| onsets(segment) < FEWEST_NOTES) {
        return None;
    }
    let chords = (0..STEPS).map(|step| heard.harmony.at((from + step) as i64)).collect();
    Some(Heard { tokens, home: heard.home, harmony: Harmony::new(chords), weights: Vec::new() })
}

fn write_clip(heard: &Heard, batch: &mut Batch, column: usize, width: usize) {
    let guide =
        Guide { home: heard.home, harmony: heard.harmony.clone(), density: Density::UNKNOWN, planned: true };
    let mut state = MelodyState::new(0);
    for (step, &token) in heard.tokens.iter().enumerate() {
        let cell = step * width + column;
        batch.features[cell] = state.features(&guide);
        batch.tokens[cell] = token.into();
        batch.predicted += 1;
        batch.counts[cell] = 1.0;
        state.advance(token);
    }
    batch.letters.extend(letters(&heard.tokens));
}

/// Every clip of four bars at every fourth bar of `songs`, as [`Batches`] gives them, without chords:
/// its home and its steps.
pub fn clips(songs: &[Song]) -> Vec<(Home, Vec<u8>)> {
    let mut found = Vec::new();
    for heard in songs.iter().flat_map(|song| &song.passages).filter_map(plain) {
        for from in (0..heard.tokens.len()).step_by(STEPS) {
            found.extend(cut(&heard, from).map(|clip| (clip.home, clip.tokens)));
        }
    }
    found
}

/// The clips as one batch without chords.
pub fn clip_batch(clips: &[(Home, Vec<u8>)]) -> Batch {
    let cells = STEPS * clips.len();
    let mut batch = Batch {
        features: vec![[0; _]; cells],
        tokens: vec![0; cells],
        predicted: 0,
        counts: vec![0.0; cells],
        keep: Arc::default(),
        letters: Vec::with_capacity(cells),
        reconstructions: Default::default(),
    };
    for (column, (home, tokens)) in clips.iter().enumerate() {
        let (tokens, harmony, weights) = (tokens.clone(), Harmony::unknown(), Vec::new());
        let heard = Heard { tokens, home: *home, harmony, weights };
        write_clip(&heard, &mut batch, column, clips.len());
    }
    let keep = (0..cells).map(|cell| f32::from(cell >= clips.len())).collect();
    batch.keep = Arc::new(keep);
    batch
}
