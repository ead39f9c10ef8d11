//! The time that others keep: where their beats lie.

/// The beats of a clock that others keep, as a line: at second `seconds` it is at `beat`, and goes on at `bpm`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OuterTempo {
    /// A moment, in seconds since the performance began.
    pub seconds: f64,
    /// Where the clock is then, in beats from one of its bar lines.
    pub beat: f64,
    /// Quarter notes a minute, more than 0.
    pub bpm: f64,
}

impl OuterTempo {
    /// Where the clock is at a moment, in beats.
    pub fn beat_at(&self, seconds: f64) -> f64 {
        self.beat + (seconds - self.seconds) * self.bpm / 60.0
    }

    /// The moment of one of its beats, in seconds since the performance began.
    pub fn seconds_at(&self, beat: f64) -> f64 {
        self.seconds + (beat - self.beat) * 60.0 / self.bpm
    }

    /// How far the clock is ahead of somebody who is at `beat` at second `seconds`, in beats: the shortest way, where
    /// bars of `bar` beats are to lie on each other.
    pub fn ahead_of(&self, beat: f64, seconds: f64, bar: f64) -> f64 {
        let apart = self.beat_at(seconds) - beat;
        apart - (apart / bar).round() * bar
    }

    /// The same clock, told so much later than it is, in seconds.
    pub fn delayed(self, seconds: f64) -> OuterTempo {
        OuterTempo { seconds: self.seconds + seconds, ..self }
    }
}
