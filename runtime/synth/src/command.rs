//! The commands that a mixer obeys, each stamped with the frame at which it happens.

use crate::duck::DuckTrigger;
use crate::instrument::VoiceKind;
use crate::params::Params;
use crate::slot_control::SlotControl;

/// One command at one frame. Plain data, so that it crosses to the audio thread by copy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Command {
    /// The frame (sample of both channels) since frame 0 of the timeline.
    pub frame: u64,
    /// The slot or bus concerned; the buses follow the slots, see
    /// [`Mixer::bus_slot`](crate::Mixer::bus_slot). [`CommandKind::Hush`], [`CommandKind::Tempo`] and
    /// [`CommandKind::RetractTempo`] concern all of them, whatever stands here, as long as it is a
    /// slot of the mixer.
    pub slot: u16,
    /// What happens.
    pub kind: CommandKind,
}

/// What a [`Command`] does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CommandKind {
    /// Starts a voice. Velocity is 0..=1 (kept within); at 0 nothing is played.
    NoteOn {
        /// Names the note within its slot, for [`CommandKind::NoteOff`]. It also seeds the noise
        /// of the voice, so an equal id gives an equal sound.
        id: u64,
        /// Instrument and pitch, or drum.
        voice: VoiceKind,
        /// 0..=1.
        velocity: f32,
        /// What the note says of its own sound.
        params: Params,
    },
    /// Lets every voice of the slot with this id ring out. Drums ring out by themselves.
    NoteOff {
        /// The id of the note to let go.
        id: u64,
    },
    /// Moves one control of the slot's strip.
    Control {
        /// Which control.
        control: SlotControl,
        /// Where to; the unit and range are those of the control, and the value is kept within.
        value: f32,
        /// How many frames the way takes. While the slot sounds at least a block is taken, so
        /// that nothing clicks.
        glide_frames: u32,
    },
    /// Fades the sounding voices of the slot to silence and frees them. Notes started later are
    /// not touched.
    FadeOut {
        /// Length of the fade.
        frames: u32,
    },
    /// Sends the slot or bus to a bus from here on, with what it plays already; what sounds comes over
    /// within 256 frames. Refused where a bus would hear itself.
    Route {
        /// A bus, from 1 on; 0 is the master.
        bus: u16,
    },
    /// Gives the strip to another slot or bus: controls, route and ducking are as in the beginning. It is
    /// not taken back by [`CommandKind::Retract`].
    Reset,
    /// Turns the slot or bus down while another speaks, with what is there already.
    Duck {
        /// The slot or bus that is listened to; `None` ends the ducking.
        key: Option<u16>,
        /// Its notes, or its level.
        trigger: DuckTrigger,
        /// How much of the level is taken away, 0..=1.
        depth: f32,
        /// Time down.
        attack_frames: u32,
        /// Time back up.
        release_frames: u32,
    },
    /// Fades every voice, the reverb and the delay to silence within 5 ms, and forgets the notes
    /// that wait for later frames.
    Hush,
    /// Sets the delay time to a dotted eighth at this tempo, in beats (quarters) a minute, kept
    /// within 20..=999.
    Tempo {
        /// Beats a minute.
        bpm: f32,
    },
    /// Takes back what waits for the slot at the frame of this command or later: notes and their
    /// ends, controls and fades; not hushes, tempos and resets. It works when the mixer receives it, takes
    /// no room, and what is sent after it is not concerned.
    ///
    /// For some of it that may be too late. Voices of the slot whose note was meant for that frame
    /// or later, which now sound without an end, are faded within 5 ms, and counted in
    /// [`Meters::late_retractions`](crate::Meters::late_retractions). A control or a fade that has
    /// been carried out stays carried out: send the control again.
    Retract,
    /// Takes back the tempos that wait for the frame of this command or later, in the same way.
    RetractTempo,
}
