//! What the network is told of a chorale with holes in it.
//!
//! For each sixteenth it hears the four cells, known or hidden; for each voice the nearest known
//! cells before and after, how far away they are and how far apart in pitch; the intervals between
//! the voices that are known; the place in the bar and from the ends of the piece. Everything is a
//! row of one table of embeddings, so a frame is a sum of rows.

use lilt_score::{Key, Meter};

use super::vocabulary::{CLASSES, Frame, REST, VOICES};

/// Which voices of a frame are known.
pub type Known = [bool; VOICES];

/// Rows that stand for "nothing there".
const NONE: usize = CLASSES;
/// Classes of distance to the nearest known cell, "none" included.
const DISTANCES: usize = 14;
/// Intervals of up to an octave either way, and "none".
const STEPS: usize = 26;
/// Intervals between two voices: −7 to 36 semitones, and "none".
const INTERVALS: usize = 45;
/// Places in a bar: sixteen in 4/4, twelve in 3/4, four of a beat in a bar that is not known.
const PLACES: usize = 16 + 12 + 4;
/// Classes of distance from an end of the piece, "far or not known" included.
const ENDS: usize = 17;
/// Classes of how much is known.
const SHARES: usize = 17;
/// Each tonic in major and in minor, and "not known".
const KEYS: usize = 25;

const CELL: usize = 0;
const LEFT: usize = CELL + VOICES * (CLASSES + 1);
const RIGHT: usize = LEFT + VOICES * (CLASSES + 1);
const LEFT_DISTANCE: usize = RIGHT + VOICES * (CLASSES + 1);
const RIGHT_DISTANCE: usize = LEFT_DISTANCE + VOICES * DISTANCES;
const STEP: usize = RIGHT_DISTANCE + VOICES * DISTANCES;
const INTERVAL: usize = STEP + VOICES * STEPS;
const PLACE: usize = INTERVAL + 6 * INTERVALS;
const START: usize = PLACE + PLACES;
const END: usize = START + ENDS;
const SHARE: usize = END + ENDS;

const KEY: usize = SHARE + SHARES;

/// Rows of the table of embeddings.
pub const FEATURES: usize = KEY + KEYS;

/// Rows that one frame sums.
pub const ACTIVE: usize = 6 * VOICES + 6 + 5;

/// The rows of one frame.
pub type Features = [u16; ACTIVE];

/// What the predicted pitch of a cell is also counted from: the nearest known pitches before and
/// after in its own voice, and the other voices of its frame, from the top. A class, or none.
pub type Anchors = [Option<u8>; ANCHORS];

/// Anchors of a cell.
pub const ANCHORS: usize = 2 + (VOICES - 1);

/// The bars of a piece, as the network is told of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bars {
    /// Sixteen cells a bar; the first frame is cell `phase` of one.
    Four {
        /// Cells of the first bar before the first frame.
        phase: usize,
    },
    /// Twelve cells a bar; the first frame is cell `phase` of one.
    Three {
        /// Cells of the first bar before the first frame.
        phase: usize,
    },
    /// Only the beats are known; the first frame is cell `phase` of one.
    Unknown {
        /// Cells of the first beat before the first frame.
        phase: usize,
    },
}

impl Bars {
    /// The bars of music in `meter` that starts on a downbeat; of other metres than 4/4 and 3/4 (and
    /// those that are as long) only the beats are known.
    pub fn of(meter: Meter) -> Bars {
        let bar = meter.bar();
        match (bar == lilt_score::Beat::whole(4), bar == lilt_score::Beat::whole(3)) {
            (true, _) => Bars::Four { phase: 0 },
            (_, true) => Bars::Three { phase: 0 },
            _ => Bars::Unknown { phase: 0 },
        }
    }

    fn place(self, at: usize) -> usize {
        match self {
            Bars::Four { phase } => (at + phase) % 16,
            Bars::Three { phase } => 16 + (at + phase) % 12,
            Bars::Unknown { phase } => 28 + (at + phase) % 4,
        }
    }
}

/// The key of a piece, as the network is told of it: its tonic, and whether its third is minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tonality {
    /// Pitch class of the tonic, 0 for C.
    pub tonic: u8,
    /// True for minor.
    pub minor: bool,
}

impl Tonality {
    /// What the network is told of `key` when the music is moved by `shift` semitones.
    pub fn of(key: Key, shift: i32) -> Tonality {
        let tonic = (i32::from(key.tonic()) + shift).rem_euclid(12) as u8;
        Tonality { tonic, minor: key.mode().degrees()[2] == 3 }
    }
}

/// What surrounds the frames: key and bars, and whether the piece begins and ends with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conditioning {
    /// The key, where it is known.
    pub key: Option<Tonality>,
    /// Where the bars are.
    pub bars: Bars,
    /// True when the first frame begins the piece.
    pub starts: bool,
    /// True when the last frame ends the piece.
    pub ends: bool,
}

/// The features of every frame and the anchors of every cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Rows of the table, frame by frame.
    pub features: Vec<Features>,
    /// Anchors of each voice, frame by frame.
    pub anchors: Vec<[Anchors; VOICES]>,
}

/// A known cell near another: its class and how many frames away.
type Near = Option<(u8, usize)>;

fn distance(near: Near) -> usize {
    match near {
        None => DISTANCES - 1,
        Some((_, far)) => match far {
            0..=8 => far.max(1) - 1,
            9..=12 => 8,
            13..=16 => 9,
            17..=24 => 10,
            25..=32 => 11,
            _ => 12,
        },
    }
}

fn step(left: Near, right: Near) -> usize {
    match (left, right) {
        (Some((left, _)), Some((right, _))) if left != REST && right != REST => {
            ((i32::from(right) - i32::from(left)).clamp(-12, 12) + 12) as usize
        }
        _ => STEPS - 1,
    }
}

/// Looks at `frames`, of which only the cells in `known` may be read, set in `conditioning`.
///
/// # Panics
/// When there are not as many masks as frames: a defect of the caller.
pub fn hear(frames: &[Frame], known: &[Known], conditioning: Conditioning) -> Heard {
    assert_eq!(frames.len(), known.len(), "a mask for each frame");
    let count = frames.len();
    let right = nearest(frames, known, (0..count).rev());
    let left = nearest(frames, known, 0..count);
    let shown = known.iter().flatten().filter(|&&known| known).count();
    let share = if shown == 0 { 0 } else { 1 + (shown - 1) * (SHARES - 1) / (count * VOICES) };
    let mut heard = Heard { features: Vec::with_capacity(count), anchors: Vec::with_capacity(count) };
    for at in 0..count {
        let cell = |voice: usize| known[at][voice].then_some(frames[at][voice]);
        let mut rows = [0u16; ACTIVE];
        let mut next = 0;
        let mut add = |row: usize| {
            rows[next] = row as u16;
            next += 1;
        };
        for voice in 0..VOICES {
            let (l, r) = (left[at][voice], right[at][voice]);
            let class = |near: Near| near.map_or(NONE, |(class, _)| usize::from(class));
            add(CELL + voice * (CLASSES + 1) + cell(voice).map_or(NONE, usize::from));
            add(LEFT + voice * (CLASSES + 1) + class(l));
            add(RIGHT + voice * (CLASSES + 1) + class(r));
            add(LEFT_DISTANCE + voice * DISTANCES + distance(l));
            add(RIGHT_DISTANCE + voice * DISTANCES + distance(r));
            add(STEP + voice * STEPS + step(l, r));
        }
        let mut pair = 0;
        for upper in 0..VOICES {
            for lower in upper + 1..VOICES {
                let interval = match (cell(upper), cell(lower)) {
                    (Some(upper), Some(lower)) if upper != REST && lower != REST => {
                        ((i32::from(upper) - i32::from(lower)).clamp(-7, 36) + 7) as usize
                    }
                    _ => INTERVALS - 1,
                };
                add(INTERVAL + pair * INTERVALS + interval);
                pair += 1;
            }
        }
        add(PLACE + conditioning.bars.place(at));
        let end = |real: bool, far: usize| if real { (far / 2).min(ENDS - 1) } else { ENDS - 1 };
        add(START + end(conditioning.starts, at));
        add(END + end(conditioning.ends, count - 1 - at));
        add(SHARE + share);
        let key = conditioning.key.map(|key| usize::from(key.tonic % 12) + if key.minor { 12 } else { 0 });
        add(KEY + key.unwrap_or(KEYS - 1));
        heard.features.push(rows);
        heard.anchors.push(std::array::from_fn(|voice| {
            let mut others = (0..VOICES).filter(|&other| other != voice).map(cell);
            let pitch = |class: Option<u8>| class.filter(|&class| class != REST);
            std::array::from_fn(|anchor| match anchor {
                0 => pitch(left[at][voice].map(|(class, _)| class)),
                1 => pitch(right[at][voice].map(|(class, _)| class)),
                _ => pitch(others.next().flatten()),
            })
        }));
    }
    heard
}

/// For each cell the known cell of its voice that was passed last on the way through `order`.
fn nearest(frames: &[Frame], known: &[Known], order: impl Iterator<Item = usize>) -> Vec<[Near; VOICES]> {
    let mut all = vec![[None; VOICES]; frames.len()];
    let mut last: [Near; VOICES] = [None; VOICES];
    for at in order {
        for voice in 0..VOICES {
            if let Some((_, far)) = &mut last[voice] {
                *far += 1;
            }
            all[at][voice] = last[voice];
            if known[at][voice] {
                last[voice] = Some((frames[at][voice], 0));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn conditioning() -> Conditioning {
        Conditioning {
            key: Some(Tonality { tonic: 7, minor: false }),
            bars: Bars::Three { phase: 4 },
            starts: true,
            ends: false,
        }
    }

    type Cells = Vec<([u8; 4], [bool; 4])>;

    fn cells() -> impl Strategy<Value = Cells> {
        let frame = (prop::array::uniform4(0..CLASSES as u8), prop::array::uniform4(any::<bool>()));
        prop::collection::vec(frame, 1..40)
    }

    proptest! {
        /// What is hidden changes nothing, every row exists, and no feature is summed twice.
        #[test]
        fn nothing_hidden_is_heard(cells in cells(), other in 0..CLASSES as u8) {
            let (frames, known): (Vec<Frame>, Vec<Known>) = cells.into_iter().unzip();
            let mut changed = frames.clone();
            for (frame, known) in changed.iter_mut().zip(&known) {
                for voice in 0..VOICES {
                    if !known[voice] {
                        frame[voice] = other;
                    }
                }
            }
            let heard = hear(&frames, &known, conditioning());
            prop_assert_eq!(&heard, &hear(&changed, &known, conditioning()));
            for rows in &heard.features {
                let mut rows = rows.to_vec();
                prop_assert!(rows.iter().all(|&row| usize::from(row) < FEATURES));
                rows.sort_unstable();
                rows.dedup();
                prop_assert_eq!(rows.len(), ACTIVE);
            }
        }
    }

    #[test]
    fn the_nearest_known_cells_are_the_anchors() {
        let frames = [[40, 30, 20, 10], [41, 31, 21, 11], [42, 32, REST, 12], [43, 33, 23, 13]];
        let mut known = [[true; VOICES]; 4];
        known[1] = [false, true, false, false];
        known[2] = [false, true, true, true];
        let heard = hear(&frames, &known, conditioning());
        // Before, after, and the other voices of the frame from the top; silence is no anchor.
        assert_eq!(heard.anchors[1][0], [Some(40), Some(43), Some(31), None, None]);
        assert_eq!(heard.anchors[2][0], [Some(40), Some(43), Some(32), None, Some(12)]);
        assert_eq!(heard.anchors[1][2], [Some(20), None, None, Some(31), None]);
        assert_eq!(heard.anchors[0][3], [None, Some(12), Some(40), Some(30), Some(20)]);
    }
}
