//! Timed notes to the bytes of a Standard MIDI File.

use midly::num::{u4, u7, u15, u24, u28};
use midly::{
    Format, Header, MetaMessage, MidiMessage, Smf, Timing, Track as Events, TrackEvent, TrackEventKind,
};

use super::Track;
use crate::{Beat, Meter};

/// Ticks in a beat of the files that [`write()`] makes: 2⁴·3²·5·7.
pub const TICKS_PER_BEAT: u16 = 5040;

/// Microseconds in a minute.
const MINUTE: f64 = 60e6;
/// Longest time between two events that the format can tell, in ticks.
const LONGEST: i64 = (1 << 28) - 1;

/// An event and its tick.
type At<'a> = (i64, TrackEventKind<'a>);

/// The bytes of a file of `tracks`.
///
/// `tempos` are beats per minute from a beat on; a tempo out of the format's range
/// (3.6 to 60,000,000 bpm) goes to the nearest in it, one that is no number is left out.
pub fn write(tracks: &[Track], tempos: &[(Beat, f64)], meter: Meter) -> Vec<u8> {
    let header = Header::new(Format::Parallel, Timing::Metrical(u15::from(TICKS_PER_BEAT)));
    let mut smf = Smf::new(header);
    smf.tracks.push(conducting(tempos, meter));
    smf.tracks.extend(tracks.iter().map(events));
    let mut bytes = Vec::new();
    smf.write(&mut bytes).expect("memory takes all bytes, and no track reaches 4 GiB");
    bytes
}

/// The nearest tick to a beat; what is before the beginning moves to it.
fn tick(beat: Beat) -> i64 {
    (beat * Beat::whole(TICKS_PER_BEAT.into()) + Beat::new(1, 2)).floor().max(0)
}

/// Tempo and metre.
fn conducting(tempos: &[(Beat, f64)], meter: Meter) -> Events<'static> {
    let mut timed: Vec<At> = tempos
        .iter()
        .filter(|(_, bpm)| bpm.is_finite() && *bpm > 0.0)
        .map(|(beat, bpm)| {
            let micros = (MINUTE / bpm).round().clamp(1.0, f64::from(u24::max_value().as_int())) as u32;
            (tick(*beat), TrackEventKind::Meta(MetaMessage::Tempo(u24::new(micros))))
        })
        .collect();
    // The unit is a power of two; a click is a quarter note, 24 MIDI clocks, of 8 32nds.
    let unit = meter.unit().trailing_zeros() as u8;
    timed.push((0, TrackEventKind::Meta(MetaMessage::TimeSignature(meter.count(), unit, 24, 8))));
    timed.sort_by_key(|(tick, _)| *tick);
    spaced(timed)
}

fn events(track: &Track) -> Events<'_> {
    let channel = u4::new(track.channel.clamp(1, 16) - 1);
    let midi = |message| TrackEventKind::Midi { channel, message };
    let mut timed: Vec<At> = Vec::with_capacity(2 * track.notes.len());
    for note in &track.notes {
        let key = u7::new(note.tone.key() & 127);
        let start = tick(note.start);
        // Shorter than a tick would end before it begins.
        let end = tick(note.end()).max(start + 1);
        timed.push((start, midi(MidiMessage::NoteOn { key, vel: u7::new(note.velocity.midi()) })));
        timed.push((end, midi(MidiMessage::NoteOff { key, vel: u7::new(64) })));
    }
    // A note that ends where its key begins again must end first.
    let is_on = |kind: &TrackEventKind| {
        matches!(kind, TrackEventKind::Midi { message: MidiMessage::NoteOn { .. }, .. })
    };
    timed.sort_by_key(|(tick, kind)| (*tick, is_on(kind)));
    let name = (0, TrackEventKind::Meta(MetaMessage::TrackName(track.name.as_bytes())));
    let program = track
        .program
        .map(|program| (0, midi(MidiMessage::ProgramChange { program: u7::new(program & 127) })));
    spaced(std::iter::once(name).chain(program).chain(timed))
}

/// Ticks since the beginning to ticks since the event before, and the end of the track.
fn spaced<'a>(timed: impl IntoIterator<Item = At<'a>>) -> Events<'a> {
    let mut events = Events::new();
    let mut now = 0;
    for (tick, kind) in timed {
        while tick - now > LONGEST {
            // Texts without letters fill a pause longer than the format can tell.
            let filler = TrackEventKind::Meta(MetaMessage::Text(b""));
            events.push(TrackEvent { delta: u28::new(LONGEST as u32), kind: filler });
            now += LONGEST;
        }
        events.push(TrackEvent { delta: u28::new((tick - now) as u32), kind });
        now = tick;
    }
    events.push(TrackEvent { delta: u28::new(0), kind: TrackEventKind::Meta(MetaMessage::EndOfTrack) });
    events
}
