//! What a mixer shows of itself.

/// Levels and counts, as they stand after the last block rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct Meters {
    /// Peak of each slot behind its strip, falling by 20 dB in about 0.4 s. One entry a slot.
    pub slots: Vec<f32>,
    /// Peak of each bus, in the same way.
    pub buses: Vec<f32>,
    /// Peaks of left and right after the limiter, falling in the same way.
    pub master: [f32; 2],
    /// The least gain that the limiter applied in the last block; 1 when it is at rest.
    pub limiter_gain: f32,
    /// Voices that sound now.
    pub active_voices: usize,
    /// Voices so far that had to give their place to another.
    pub stolen_voices: u64,
    /// Notes so far that have no sound: velocity 0, pitch not a number, a key without a drum.
    pub silent_notes: u64,
    /// Commands so far that came after their frame and were carried out at once.
    pub late_commands: u64,
    /// Notes so far that came more than 50 ms after their frame and were not played.
    pub dropped_late: u64,
    /// Notes so far that sounded already when they were taken back, and were faded.
    pub late_retractions: u64,
    /// Controls, tempos, routes and duckings so far that were ignored: a value that is not a number, a
    /// bus or a key that is not there, a reverb or a delay of a slot's own when none was left.
    pub refused_commands: u64,
}

impl Meters {
    pub(crate) fn new(slots: usize, buses: usize) -> Self {
        Meters {
            slots: vec![0.0; slots],
            buses: vec![0.0; buses],
            master: [0.0; 2],
            limiter_gain: 1.0,
            active_voices: 0,
            stolen_voices: 0,
            silent_notes: 0,
            late_commands: 0,
            dropped_late: 0,
            late_retractions: 0,
            refused_commands: 0,
        }
    }

    /// Levels of silence; the counts stay.
    pub(crate) fn silence(&mut self) {
        self.slots.fill(0.0);
        self.buses.fill(0.0);
        self.master = [0.0; 2];
        self.limiter_gain = 1.0;
        self.active_voices = 0;
    }
}

/// The largest distance from 0 in a piece, whatever in it is not a number left out.
///
/// Eight maxima side by side, so that it vectorises.
pub(crate) fn peak_of(samples: &[f32]) -> f32 {
    let (pieces, rest) = samples.as_chunks::<8>();
    let mut most = [0.0f32; 8];
    for piece in pieces {
        for (most, x) in most.iter_mut().zip(piece) {
            let x = x.abs();
            *most = if x > *most { x } else { *most };
        }
    }
    most.iter().chain(rest).fold(0.0, |m, x| x.abs().max(m))
}

/// Takes `peak` into a meter that falls by `fall` a block.
pub(crate) fn take(meter: &mut f32, peak: f32, fall: f32) {
    let fallen = *meter * fall;
    *meter = if fallen < 1e-6 { peak } else { fallen.max(peak) };
}
