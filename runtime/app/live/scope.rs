//! What was heard of late, for the canvas, where the script wants it to be seen.

use std::collections::VecDeque;

use lilt_audio::{AudioHandle, Clock, TappedBlock};
use lilt_canvas::{SOUND_SAMPLES, SoundView};
use lilt_sequencer::Show;

use crate::picture;

/// Samples that are kept: what a picture shows, and what a card has taken but not played yet.
const KEPT: usize = 4 * SOUND_SAMPLES;

/// Listens to the mixer while its sound is shown. What nobody looks at in time is left out; the music does not
/// wait for it.
pub struct Scope {
    sound: AudioHandle,
    kept: Kept,
    open: bool,
}

impl Scope {
    /// Listens to this sound, when it is asked to.
    pub fn new(sound: AudioHandle) -> Scope {
        Scope { sound, kept: Kept::default(), open: false }
    }

    /// What a view shows of what is heard now; nothing where it shows no sound.
    pub fn see(&mut self, show: Show) -> Option<SoundView> {
        self.listen(show.is_heard());
        if !self.open {
            return None;
        }
        while let Some(block) = self.sound.take_seen() {
            self.kept.take(&block);
        }
        let clock = self.sound.clock();
        let until = clock.frame_of(clock.now());
        picture::sound(show, &self.kept.until(until), f64::from(super::loudspeaker::SAMPLE_RATE))
    }

    /// Listens from now on, or no longer.
    pub fn listen(&mut self, open: bool) {
        if open != self.open {
            self.open = open;
            self.sound.open_scope(open);
            self.kept = Kept::default();
        }
    }
}

/// The newest samples, both channels together.
#[derive(Debug, Default)]
struct Kept {
    samples: VecDeque<f32>,
    /// The frame of the timeline after the newest.
    end: u64,
}

impl Kept {
    fn take(&mut self, block: &TappedBlock) {
        if block.frame != self.end {
            // What lies between was silent or is lost: nothing is drawn across it.
            self.samples.clear();
        }
        let frames = block.samples.chunks(2);
        self.end = block.frame + frames.len() as u64;
        self.samples.extend(frames.map(|frame| frame.iter().sum::<f32>() / 2.0));
        let surplus = self.samples.len().saturating_sub(KEPT);
        self.samples.drain(..surplus);
    }

    /// Those before a frame of the timeline, oldest first.
    fn until(&self, frame: u64) -> Vec<f32> {
        let ahead = usize::try_from(self.end.saturating_sub(frame)).unwrap_or(usize::MAX);
        let count = self.samples.len().saturating_sub(ahead);
        self.samples
            .iter()
            .skip(count.saturating_sub(SOUND_SAMPLES))
            .take(count.min(SOUND_SAMPLES))
            .copied()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use lilt_audio::Speaker;
    use lilt_synth::{Command, CommandKind, Instrument, MixerConfig, Params, VoiceKind};

    use super::*;
    use crate::live::loudspeaker::SAMPLE_RATE;

    fn block(frame: u64, value: f32) -> TappedBlock {
        TappedBlock { frame, samples: [value; 128] }
    }

    #[test]
    fn what_is_not_heard_yet_is_not_seen_and_a_gap_is_not_drawn_across() {
        let mut kept = Kept::default();
        [block(0, 0.1), block(64, 0.2), block(128, 0.3)].iter().for_each(|block| kept.take(block));
        let seen = kept.until(100);
        assert_eq!((seen.len(), seen[63], seen[64], seen[99]), (100, 0.1, 0.2, 0.2));
        assert_eq!(kept.until(9_000).len(), 192);
        kept.take(&block(6_400, 0.5));
        assert_eq!(kept.until(9_000), vec![0.5; 64]);
        assert_eq!(kept.until(3), Vec::<f32>::new());
        (101..2_000).for_each(|n| kept.take(&block(64 * n, 0.5)));
        assert_eq!((kept.samples.len(), kept.until(u64::MAX).len()), (KEPT, SOUND_SAMPLES));
    }

    /// On the silent clock too, where nothing is rendered unless somebody takes it.
    #[test]
    fn a_tone_is_seen_while_a_view_shows_it_and_not_otherwise() {
        let config = MixerConfig { sample_rate: SAMPLE_RATE, ..MixerConfig::default() };
        let speaker = Speaker::silent(config).expect("a silent clock");
        let handle = speaker.handle();
        let mut scope = Scope::new(speaker.handle());
        assert_eq!(scope.see(Show::Plan), None);
        let voice = VoiceKind::Pitched { instrument: Instrument::Sine, pitch: 60.0 };
        let kind = CommandKind::NoteOn { id: 1, voice, velocity: 1.0, params: Params::default() };
        let until = Instant::now() + Duration::from_secs(60);
        let loud = |view: &SoundView| view.wave.iter().fold(0.0f32, |most, sample| most.max(sample.abs()));
        let mut seen = 0.0;
        scope.see(Show::Scope);
        handle.send(Command { frame: handle.reachable_frame(), slot: 0, kind }).expect("there is room");
        while seen < 0.05 && Instant::now() < until {
            seen = scope.see(Show::Scope).map_or(0.0, |view| loud(&view));
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(seen >= 0.05, "{seen}");
        // What is looked at fills while the tone goes on.
        let mut spectrum = Vec::new();
        while !spectrum.iter().any(|level| *level > 0.3) && Instant::now() < until {
            spectrum = scope.see(Show::Spectrum).expect("it is shown").spectrum;
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(spectrum.iter().any(|level| *level > 0.3), "{spectrum:?}");
        assert_eq!(scope.see(Show::Code), None);
        assert!(handle.take_seen().is_none_or(|_| !scope.open), "it is closed");
    }
}
