//! Timed notes to the bytes of a Standard MIDI File.

use midly::num::{u4, u7, u15, u24, u28};
use midly::{
    Format, Header, MetaMessage, MidiMessage, Smf, Timing, Track as Events, TrackEvent, TrackEventKind,
};

use super::Track;
use crate::{Beat, Meter, Note};

/// Ticks in a beat of the files that [`write()`] makes: 2⁴·3²·5·7.
pub const TICKS_PER_BEAT: u16 = 5040;

/// Microseconds in a minute.
const MINUTE: f64 = 60e6;
/// Longest time between two events that the format can tell, in ticks.
const LONGEST: i64 = (1 << 28) - 1;

/// An event and its tick.
type At<'a> = (i64, TrackEventKind<'a>);

/// The bytes of a file of `tracks`, all of which end with the bar in which the last note does.
///
/// A key that is struck again while it sounds ends where it begins again; of one that is struck twice at once, the
/// longer and the louder is heard. `tempos` are beats per minute from a beat on; a tempo out of the format's range
/// (3.6 to 60,000,000 bpm) goes to the nearest in it, one that is no number is left out.
pub fn write(tracks: &[Track], tempos: &[(Beat, f64)], meter: Meter) -> Vec<u8> {
    write_through(tracks, tempos, meter, Beat::ZERO)
}

/// As [`write()`], with tracks that end no earlier than the bar that `end` lies in or ends.
pub fn write_through(tracks: &[Track], tempos: &[(Beat, f64)], meter: Meter, end: Beat) -> Vec<u8> {
    let last = tracks.iter().flat_map(|track| &track.notes).map(Note::end).max().unwrap_or(Beat::ZERO);
    let end = tick(end.max(last).next_multiple(meter.bar()));
    let header = Header::new(Format::Parallel, Timing::Metrical(u15::from(TICKS_PER_BEAT)));
    let mut smf = Smf::new(header);
    smf.tracks.push(conducting(tempos, meter, end));
    smf.tracks.extend(tracks.iter().map(|track| events(track, end)));
    let mut bytes = Vec::new();
    smf.write(&mut bytes).expect("memory takes all bytes, and no track reaches 4 GiB");
    bytes
}

/// Last tick that is written: far beyond any music, and few enough pauses.
const LAST: i64 = 1 << 40;

/// The nearest tick to a beat; what is before the beginning moves to it.
fn tick(beat: Beat) -> i64 {
    (beat * Beat::whole(TICKS_PER_BEAT.into()) + Beat::new(1, 2)).floor().clamp(0, LAST)
}

/// Tempo and metre.
fn conducting(tempos: &[(Beat, f64)], meter: Meter, end: i64) -> Events<'static> {
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
    spaced(timed, end)
}

/// A key while it is held down.
#[derive(Debug, Clone, Copy)]
struct Held {
    key: u8,
    velocity: u8,
    start: i64,
    end: i64,
}

/// The notes of a track as keys that are held, none of them twice at a time, by their starts.
fn held(track: &Track) -> Vec<Held> {
    let mut notes: Vec<Held> = track
        .notes
        .iter()
        .map(|note| {
            let start = tick(note.start);
            // Shorter than a tick would end before it begins.
            let end = tick(note.end()).max(start + 1);
            Held { key: note.tone.key() & 127, velocity: note.velocity.midi(), start, end }
        })
        .collect();
    notes.sort_by_key(|note| note.start);
    let mut held: Vec<Held> = Vec::with_capacity(notes.len());
    // Where in the list each key was struck last.
    let mut last: [Option<usize>; 128] = [None; 128];
    for note in notes {
        let before = last[usize::from(note.key)].and_then(|at| held.get_mut(at));
        match before {
            Some(before) if before.start == note.start => {
                before.end = before.end.max(note.end);
                before.velocity = before.velocity.max(note.velocity);
                continue;
            }
            Some(before) => before.end = before.end.min(note.start),
            None => {}
        }
        last[usize::from(note.key)] = Some(held.len());
        held.push(note);
    }
    held
}

fn events(track: &Track, end: i64) -> Events<'_> {
    let channel = u4::new(track.channel.clamp(1, 16) - 1);
    let midi = |message| TrackEventKind::Midi { channel, message };
    let mut timed: Vec<At> = Vec::with_capacity(2 * track.notes.len() + track.controls.len());
    for control in &track.controls {
        let controller = u7::new(control.number & 127);
        let value = u7::new(control.value.min(127));
        timed.push((tick(control.at).min(end), midi(MidiMessage::Controller { controller, value })));
    }
    for Held { key, velocity, start, end } in held(track) {
        let key = u7::new(key);
        timed.push((start, midi(MidiMessage::NoteOn { key, vel: u7::new(velocity) })));
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
    spaced(std::iter::once(name).chain(program).chain(timed), end)
}

/// Ticks since the beginning to ticks since the event before, and the end of the track at `end` or behind the last
/// event.
fn spaced<'a>(timed: impl IntoIterator<Item = At<'a>>, end: i64) -> Events<'a> {
    let mut events = Events::new();
    let mut now = 0;
    let mut add = |tick: i64, kind: TrackEventKind<'a>| {
        while tick - now > LONGEST {
            // Texts without letters fill a pause longer than the format can tell.
            let filler = TrackEventKind::Meta(MetaMessage::Text(b""));
            events.push(TrackEvent { delta: u28::new(LONGEST as u32), kind: filler });
            now += LONGEST;
        }
        events.push(TrackEvent { delta: u28::new((tick - now).max(0) as u32), kind });
        now = now.max(tick);
    };
    for (tick, kind) in timed {
        add(tick, kind);
    }
    add(end, TrackEventKind::Meta(MetaMessage::EndOfTrack));
    events
}
