//! Sound without a device and without a clock: time passes as somebody renders.

use std::sync::Arc;

use lilt_synth::{Mixer, MixerConfig};

use crate::handle::{AudioHandle, Shared};
use crate::timeline::{Line, Timeline};

/// A mixer behind the same queue and the same clock as that of a [`Speaker`](crate::Speaker), which renders when
/// it is told to. Its clock stands still in between, so that what is played through it depends on nothing but
/// what is sent between two renderings: for tests and for whoever compares.
pub struct SteppedSpeaker {
    mixer: Box<Mixer>,
    shared: Arc<Shared>,
}

impl SteppedSpeaker {
    /// Silence; the clock stands at the start frame.
    #[must_use]
    pub fn new(config: MixerConfig) -> Self {
        let timeline = Timeline::new(config.start_frame, config.sample_rate);
        let mixer = Box::new(Mixer::new(config));
        let shared = Arc::new(Shared::new(&config, timeline, mixer.samples()));
        let speaker = SteppedSpeaker { mixer, shared };
        speaker.tell();
        speaker
    }

    /// The control side.
    #[must_use]
    pub fn handle(&self) -> AudioHandle {
        AudioHandle::new(self.shared.clone())
    }

    /// Takes what was sent and fills `out`, left and right in turn; the clock then stands at the frame after it.
    pub fn render(&mut self, out: &mut [f32]) {
        self.shared.take_commands(&mut self.mixer);
        self.mixer.render(out);
        self.tell();
    }

    fn tell(&self) {
        let frame = self.mixer.frame() as f64;
        let at = frame / self.shared.timeline.sample_rate();
        self.shared.timeline.publish(Line { at, frame, rate: 0.0 });
        self.shared.silent(&self.mixer);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lilt_synth::{Command, CommandKind, DrumSound, Params, VoiceKind};

    use super::*;
    use crate::clock::Clock;

    #[test]
    fn time_passes_only_as_it_is_rendered() {
        let mut speaker = SteppedSpeaker::new(MixerConfig::default());
        let (handle, clock) = (speaker.handle(), speaker.handle().clock());
        let voice = VoiceKind::Drum(DrumSound::BassDrum);
        let kind = CommandKind::NoteOn { id: 1, voice, velocity: 1.0, params: Params::NONE };
        handle.send(Command { frame: 500, slot: 0, kind }).expect("room");
        assert_eq!((clock.now(), handle.reachable_frame()), (0.0, 48));
        let mut out = [0.0; 2_000];
        speaker.render(&mut out[..700]);
        assert_eq!((clock.frame_of(clock.now()), handle.reachable_frame()), (350, 398));
        assert_eq!(clock.instant_of(1.0) - clock.instant_of(0.25), Duration::from_millis(750));
        speaker.render(&mut out[700..]);
        assert_eq!(out.iter().position(|sample| *sample != 0.0), Some(1_000));
        assert_eq!(handle.status().late_commands, 0);
    }
}
