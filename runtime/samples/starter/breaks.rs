//! Breaks: one bar each, played on the kit by a drummer who leans a little and plays ghost notes.

use crate::drums;
use crate::dsp::*;

/// One break: tempo, how late the offbeat sixteenths come (parts of a sixteenth), and a line of sixteen for
/// each drum, where `X` is loud, `x` middling, `-` a ghost and `.` nothing.
pub struct Break {
    pub name: &'static str,
    pub bpm: f64,
    pub swing: f64,
    pub kick: &'static str,
    pub snare: &'static str,
    pub hat: &'static str,
    pub open: &'static str,
}

/// The four that ship.
pub const BREAKS: [Break; 4] = [
    Break {
        name: "0-shuffle-120",
        bpm: 120.0,
        swing: 0.24,
        kick: "X..x..x...X.....",
        snare: "....X..-.-..X..-",
        hat: "x-x-x-x-x-x-x-..",
        open: "..............x.",
    },
    Break {
        name: "1-funk-135",
        bpm: 135.0,
        swing: 0.08,
        kick: "X.X.......XX....",
        snare: "....X..-.-..X..x",
        hat: "x.x.x.x.x.x.x.x.",
        open: "..........x.....",
    },
    Break {
        name: "2-steps-150",
        bpm: 150.0,
        swing: 0.0,
        kick: "X.....x...X.....",
        snare: "....X..-....X.-.",
        hat: "x-xxx-x-x-xxx-x-",
        open: "......x.........",
    },
    Break {
        name: "3-jungle-170",
        bpm: 170.0,
        swing: 0.05,
        kick: "X.X.......XX....",
        snare: "....X..x.-..-.X.",
        hat: "x.x.x.x.x.x.x.x.",
        open: "................",
    },
];

impl Break {
    /// Exactly one bar, so that it loops: what rings over the end is heard at the beginning.
    pub fn render(&self) -> Frames {
        let length = (RATE * 240.0 / self.bpm).round() as usize;
        let mut bar = vec![0.0; length];
        let kick = drums::kick(11, 54.0, 0.085, 1.5);
        let snares = [drums::snare(21, 196.0, 0.75, 0.075), drums::snare(24, 202.0, 0.55, 0.05)];
        let hats = [drums::hat(31, 0.022), drums::hat(34, 0.028)];
        let open = drums::hat(37, 0.12);
        let mut hand = Noise::new(self.bpm as u64);
        for (line, sounds, gain) in [
            (self.kick, &[kick.clone(), kick] as &[Frames], 1.0),
            (self.snare, &snares, 0.95),
            (self.hat, &hats, 0.32),
            (self.open, &[open.clone(), open], 0.35),
        ] {
            for (step, mark) in line.chars().enumerate() {
                let velocity = match mark {
                    'X' => 1.0,
                    'x' => 0.72,
                    '-' => 0.26,
                    _ => continue,
                };
                let late = if step % 2 == 1 { self.swing } else { 0.0 };
                // A hand is a millisecond off, and never quite as loud as it means.
                let off = if step == 0 { 0.0 } else { 0.001 * (1.0 + hand.next()) };
                let start = (length as f64 * (step as f64 + late) / 16.0 + off * RATE) as usize;
                let loudness = gain * velocity * (1.0 + 0.08 * hand.next());
                let sound = &sounds[usize::from(velocity < 0.5)];
                let peak = sound.iter().fold(1e-9, |most: f64, x| most.max(x.abs()));
                for (i, x) in sound.iter().enumerate() {
                    bar[(start + i) % length] += loudness * x / peak;
                }
            }
        }
        driven(in_a_room(&bar, 0.015, 0.18, true), 1.25)
    }
}
