//! The controls of a strip: those of a slot, and of a bus.

use crate::control_table::controls;

controls! {
    /// A control of the strip of a slot or a bus. Each is a glide; at its neutral value, which is its
    /// default, an effect costs nothing.
    SlotControl;
    /// Linear gain of the slot; 1 leaves it as it is.
    Gain("gain") 0..4 Number Some(1.0);
    /// Position from -1 (left) to 1 (right) at constant power.
    Pan("pan") -1..1 Number Some(0.0);
    /// Stereo width: 0 is mono, 1 leaves it as it is, 2 doubles the sides.
    Width("width") 0..2 Number Some(1.0);
    /// Cutoff of a lowpass of 12 dB an octave.
    Lowpass("lowpass", "lpf") 20..20000 Hertz Some(20_000.0);
    /// Cutoff of a highpass of 12 dB an octave.
    Highpass("highpass", "hpf") 20..20000 Hertz Some(20.0);
    /// Middle of a bandpass, around which only an octave is left; 0 is off.
    Bandpass("bandpass", "bpf") 0..20000 Hertz Some(0.0);
    /// How much the filters of the slot ring at their cutoff.
    Resonance("resonance", "lpq") 0..1 Number Some(0.0);
    /// Send to the reverb.
    Reverb("reverb", "room") 0..1 Number Some(0.12);
    /// Size of the room of the reverb, from a closet to a cathedral; a slot that sets it has a reverb of its own.
    Size("size", "roomsize", "sz") 0..1 Number Some(0.5);
    /// How fast the reverb loses its treble; a slot that sets it has a reverb of its own.
    Damp("damp", "roomlp") 0..1 Number Some(0.5);
    /// Send to the delay.
    Delay("delay") 0..1 Number Some(0.0);
    /// Time from one echo to the next; a slot that sets it has a delay of its own.
    DelayTime("delaytime", "delayt") 0.01..8 Beats Some(0.75);
    /// How much of each echo is repeated; a slot that sets it has a delay of its own.
    DelayFeedback("delayfeedback", "delayfb") 0..0.95 Number Some(0.46);
    /// Mix of the chorus.
    Chorus("chorus") 0..1 Number Some(0.0);
    /// Mix of the phaser.
    Phaser("phaser") 0..1 Number Some(0.0);
    /// Sweeps of the phaser a second.
    PhaserRate("phaserrate") 0.01..10 Hertz Some(0.5);
    /// Mix of the flanger.
    Flanger("flanger") 0..1 Number Some(0.0);
    /// Sweeps of the flanger a second.
    FlangerRate("flangerrate") 0.01..10 Hertz Some(0.25);
    /// Depth of the tremolo.
    Tremolo("tremolo", "tremolodepth") 0..1 Number Some(0.0);
    /// Swings of the tremolo a second.
    TremoloRate("tremolorate") 0.1..40 Hertz Some(5.0);
    /// Mix of the ring modulator.
    Ring("ring") 0..1 Number Some(0.0);
    /// Frequency of the ring modulator.
    RingFrequency("ringfreq", "ringf") 1..8000 Hertz Some(220.0);
    /// Bits that are left of each sample; 16 is off.
    Crush("crush") 1..16 Bits Some(16.0);
    /// How many samples each one is held for; 1 is off.
    Coarse("coarse") 1..64 Number Some(1.0);
    /// Warm overdrive, as of a tube.
    Drive("drive") 0..1 Number Some(0.0);
    /// Hard distortion, as of a pedal.
    Distort("distort") 0..1 Number Some(0.0);
    /// Folds the wave back at its peaks, which gets metallic.
    Fold("fold") 0..1 Number Some(0.0);
    /// Wave shaping that brings up what is quiet.
    Shape("shape") 0..1 Number Some(0.0);
    /// How hard the compressor of the slot works.
    Compress("compress", "compressor") 0..1 Number Some(0.0);
    /// Gain below 200 Hz.
    EqLow("low") -24..12 Decibels Some(0.0);
    /// Gain around 1 kHz.
    EqMid("mid") -24..12 Decibels Some(0.0);
    /// Gain above 4 kHz.
    EqHigh("high") -24..12 Decibels Some(0.0);
    /// A vowel as a filter: 1 is a, 2 e, 3 i, 4 o, 5 u, in between they melt; 0 is off.
    Vowel("vowel") 0..5 Number Some(0.0);
}

impl SlotControl {
    /// The value at which the control does nothing, or the usual one where there is no such value.
    #[must_use]
    pub fn neutral(self) -> f32 {
        self.spec().default.unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_control_is_described() {
        for control in SlotControl::ALL {
            let spec = control.spec();
            assert_eq!(SlotControl::from_name(spec.name), Some(*control));
            assert!(spec.about.ends_with('.'), "{}", spec.name);
            assert_eq!(control.keep(control.neutral()), Some(control.neutral()), "{}", spec.name);
        }
        assert_eq!(SlotControl::from_name("lpf"), Some(SlotControl::Lowpass));
    }
}
