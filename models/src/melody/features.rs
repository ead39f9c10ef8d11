//! What the network is told before each 16th: small numbers, each the row of an embedding.
//!
//! [`MelodyState`] is the musical past in so far as the network needs it in the open. The recipe and
//! the player advance the same type through the same steps, so both feed the network alike. Beside
//! what sounds, the place and the chords it gives lookbacks, after Magenta's Lookback RNN (Waite et
//! al. 2016): what happened exactly 1, 2, 4, 8 and 16 bars ago, and for how many steps the music has
//! been repeating it.

use super::chords::{AHEAD, CHORDS, Harmony};
use super::vocabulary::{BAR, Color, FIRST_PITCH, HOLD, Home, PITCHES, REST, SEGMENT, TOKENS, is_onset};

/// How many bars back each lookback looks.
pub const LAGS: [usize; 5] = [1, 2, 4, 8, 16];

/// What sounds before a step: a pitch, or silence.
const SOUNDING: usize = PITCHES + 1;
const SILENCE: usize = PITCHES;
/// Classes of the steps since the last note began: exact below a bar, then halves of a bar.
const SINCE: usize = BAR + 7;
/// Places of a bar in eight.
const BARS: usize = 8;
/// Classes of density, the last for none that is known.
pub const DENSITIES: usize = 9;
/// Upper ends of the density classes, in notes a bar; the last has none.
const DENSITY_ENDS: [f64; DENSITIES - 2] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.5, 8.0];
/// Classes of how many steps have repeated a lag: 0, then 1, 4, 8, 16, 32, 64 and 128 or more.
const RUNS: [u16; 7] = [1, 4, 8, 16, 32, 64, 128];

/// Sizes of the feature groups, in the order of the embedding's rows.
const GROUPS: [usize; GROUP_COUNT] = {
    let mut groups = [0; GROUP_COUNT];
    let head = [TOKENS + 1, SOUNDING, SEGMENT, BARS, SINCE, CHORDS, CHORDS, AHEAD, 3, 13, DENSITIES, 2];
    let mut at = 0;
    while at < HEAD {
        groups[at] = head[at];
        at += 1;
    }
    while at < GROUP_COUNT {
        groups[at] = TOKENS + 1;
        groups[at + 1] = RUNS.len() + 1;
        at += 2;
    }
    groups
};

/// Groups before the lookbacks.
const HEAD: usize = 12;

/// Features of one step.
pub const GROUP_COUNT: usize = HEAD + 2 * LAGS.len();

/// Index of the first row of each group.
const OFFSETS: [usize; GROUP_COUNT] = {
    let mut offsets = [0; GROUP_COUNT];
    let mut at = 1;
    while at < GROUP_COUNT {
        offsets[at] = offsets[at - 1] + GROUPS[at - 1];
        at += 1;
    }
    offsets
};

/// Rows of the embedding: all values of all features.
pub const FEATURES: usize = OFFSETS[GROUP_COUNT - 1] + GROUPS[GROUP_COUNT - 1];

/// Rows of `embed.weight` that one step adds up.
pub type Features = [u16; GROUP_COUNT];

/// How many notes a bar are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Density(u8);

impl Density {
    /// Nobody says.
    pub const UNKNOWN: Density = Density(DENSITIES as u8 - 1);

    /// The class of a number of notes a bar.
    pub fn of(notes_a_bar: f64) -> Density {
        Density(DENSITY_ENDS.iter().take_while(|&&end| notes_a_bar >= end).count() as u8)
    }
}

/// What is given beside the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guide {
    /// What pitches and roots are counted from.
    pub home: Home,
    /// The chords; step 0 is that of the first full bar.
    pub harmony: Harmony,
    /// How busy the music is.
    pub density: Density,
    /// Whether a point of the latent space says what to play.
    pub planned: bool,
}

/// The past of a melody. Cloning it copies a byte for each step so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MelodyState {
    /// Step of the first token; 0 is the first full bar.
    first: i64,
    tokens: Vec<u8>,
    /// The token that began what sounds, if anything does.
    sounding: Option<u8>,
    /// Steps since a note began.
    since: usize,
    runs: [u16; LAGS.len()],
}

impl MelodyState {
    /// The start of a melody whose upbeat has `pickup` steps.
    pub fn new(pickup: usize) -> MelodyState {
        let first = -(pickup as i64);
        MelodyState { first, tokens: Vec::new(), sounding: None, since: usize::MAX, runs: [0; LAGS.len()] }
    }

    /// Number of the next step; 0 is that of the first full bar.
    pub fn now(&self) -> i64 {
        self.first + self.tokens.len() as i64
    }

    /// The steps so far.
    pub fn tokens(&self) -> &[u8] {
        &self.tokens
    }

    /// Whether `token` may come next: what is silent cannot end.
    pub fn allows(&self, token: usize) -> bool {
        token < TOKENS && (token != usize::from(REST) || self.sounding.is_some())
    }

    /// What sounds ends here, without a step: the music goes on in another clip.
    pub fn cut(&mut self) {
        self.sounding = None;
    }

    fn lookback(&self, lag: usize) -> Option<u8> {
        self.tokens.len().checked_sub(LAGS[lag] * BAR).map(|at| self.tokens[at])
    }

    /// One step goes by.
    pub fn advance(&mut self, token: u8) {
        for lag in 0..LAGS.len() {
            let repeats = self.lookback(lag) == Some(token);
            self.runs[lag] = if repeats { self.runs[lag].saturating_add(1) } else { 0 };
        }
        self.tokens.push(token);
        self.since = self.since.saturating_add(1);
        match token {
            HOLD => {}
            REST => self.sounding = None,
            onset => (self.sounding, self.since) = (Some(onset), 0),
        }
    }

    /// The rows that the network adds up before the next step.
    pub fn features(&self, guide: &Guide) -> Features {
        let now = self.now();
        let (until, next) = guide.harmony.next(now);
        let home = guide.home;
        let known = home.color != Color::Unknown;
        let sounding = self.sounding.map_or(SILENCE, |token| usize::from(token - FIRST_PITCH));
        let since = match self.since {
            steps if steps < BAR => steps,
            steps => (BAR + (steps - BAR) / (BAR / 2)).min(SINCE - 1),
        };
        let head = [
            self.tokens.last().map_or(TOKENS, |&token| usize::from(token)),
            sounding,
            now.rem_euclid(SEGMENT as i64) as usize,
            now.div_euclid(BAR as i64).rem_euclid(BARS as i64) as usize,
            since,
            guide.harmony.at(now).class(home),
            next.class(home),
            until - 1,
            home.color as usize,
            if known { usize::from(home.tonic) } else { 12 },
            usize::from(guide.density.0),
            usize::from(guide.planned),
        ];
        let mut values = [0; GROUP_COUNT];
        values[..HEAD].copy_from_slice(&head);
        for lag in 0..LAGS.len() {
            values[HEAD + 2 * lag] = self.lookback(lag).map_or(TOKENS, usize::from);
            values[HEAD + 2 * lag + 1] = RUNS.iter().take_while(|&&end| self.runs[lag] >= end).count();
        }
        std::array::from_fn(|group| (OFFSETS[group] + values[group]) as u16)
    }
}

/// Makes a step forget what a lookback says.
pub fn drop_lookback(features: &mut Features, lag: usize) {
    let group = HEAD + 2 * lag;
    features[group] = (OFFSETS[group] + TOKENS) as u16;
    features[group + 1] = OFFSETS[group + 1] as u16;
}

/// True for the tokens at which the steps of `tokens` begin a note on a beat that is felt strongly:
/// the first and the third of the bar.
pub fn strong_onsets(tokens: &[u8]) -> impl Iterator<Item = usize> + '_ {
    (0..tokens.len()).step_by(BAR / 2).filter(|&step| is_onset(tokens[step]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn guide() -> Guide {
        let home = Home { tonic: 0, color: Color::Major };
        let harmony = Harmony::parse("C G Am,F").unwrap();
        Guide { home, harmony, density: Density::UNKNOWN, planned: false }
    }

    /// The value of a group.
    fn value(features: &Features, group: usize) -> usize {
        usize::from(features[group]) - OFFSETS[group]
    }

    #[test]
    fn what_the_network_is_told() {
        let mut state = MelodyState::new(0);
        let before = state.features(&guide());
        assert_eq!((value(&before, 0), value(&before, 1), value(&before, 4)), (TOKENS, SILENCE, SINCE - 1));
        state.advance(20);
        state.advance(HOLD);
        let features = state.features(&guide());
        assert_eq!(value(&features, 0), usize::from(HOLD));
        assert_eq!(value(&features, 1), 20 - usize::from(FIRST_PITCH));
        assert_eq!((value(&features, 2), value(&features, 3), value(&features, 4)), (2, 0, 1));
        // Chord now, next, and when.
        assert_eq!((value(&features, 5), value(&features, 6), value(&features, 7)), (0, 7 * 9, 13));
        state.advance(REST);
        assert_eq!(value(&state.features(&guide()), 1), SILENCE);
    }

    #[test]
    fn repeats_are_seen() {
        let mut state = MelodyState::new(0);
        let bar: Vec<u8> = (0..BAR).map(|step| if step % 4 == 0 { 20 } else { HOLD }).collect();
        for &token in bar.iter().chain(&bar) {
            state.advance(token);
        }
        let features = state.features(&guide());
        // A bar ago a note began, and 16 steps have repeated.
        assert_eq!((value(&features, HEAD), value(&features, HEAD + 1)), (20, 4));
        assert_eq!((value(&features, HEAD + 2), value(&features, HEAD + 3)), (20, 0));
        assert_eq!((value(&features, HEAD + 4), value(&features, HEAD + 5)), (TOKENS, 0));
        let mut hidden = features;
        drop_lookback(&mut hidden, 0);
        assert_eq!((value(&hidden, HEAD), value(&hidden, HEAD + 1)), (TOKENS, 0));
    }

    #[test]
    fn densities_have_classes() {
        for (notes, class) in [(0.0, 0), (0.9, 0), (1.0, 1), (4.0, 4), (7.9, 6), (8.0, 7), (16.0, 7)] {
            assert_eq!(Density::of(notes), Density(class), "{notes}");
        }
    }

    proptest! {
        #[test]
        fn every_feature_stays_in_its_group(
            tokens in prop::collection::vec(0u8..TOKENS as u8, 0..700),
            pickup in 0usize..16,
            chords in prop::sample::select(vec!["C", "F#m7b5 B7", "N Ebsus2,Daug"]),
        ) {
            let guide = Guide { harmony: Harmony::parse(chords).unwrap(), ..guide() };
            let mut state = MelodyState::new(pickup);
            for token in tokens {
                let features = state.features(&guide);
                for (group, &feature) in features.iter().enumerate() {
                    let feature = usize::from(feature);
                    prop_assert!((OFFSETS[group]..OFFSETS[group] + GROUPS[group]).contains(&feature));
                }
                state.advance(token);
            }
        }
    }
}
