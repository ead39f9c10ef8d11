//! The chunks of a MIDI file, found even where some are cut, wrongly measured, or have junk between them.

use super::{Damage, SmfError};

/// A file as its tracks' bytes.
#[derive(Debug, PartialEq)]
pub(super) struct Chunks<'a> {
    /// 0 is one track, 1 tracks at the same time, 2 tracks one after the other.
    pub(super) format: u16,
    /// The time of the header as it is written.
    pub(super) division: [u8; 2],
    pub(super) tracks: Vec<&'a [u8]>,
    pub(super) damage: Damage,
}

/// Most tracks that a header can tell.
const MOST_TRACKS: usize = u16::MAX as usize;

/// Splits a file, a RIFF file of kind RMID (`.rmi`) too.
pub(super) fn split(bytes: &[u8]) -> Result<Chunks<'_>, SmfError> {
    let start = find(bytes, b"MThd", 0).ok_or_else(|| no_midi(bytes))?;
    let riff = bytes.starts_with(b"RIFF");
    let mut damage = Damage { lost: if riff { 0 } else { start }, ..Damage::default() };
    let bytes = &bytes[start..];
    let Some(&[f0, f1, n0, n1, d0, d1]) = bytes.get(8..14) else {
        return Err(SmfError::Damaged("its header is cut off".into()));
    };
    let declared = usize::from(u16::from_be_bytes([n0, n1]));
    let mut tracks = Vec::new();
    // The format may grow: a header may be longer, but not by much.
    let mut at = 8 + length(bytes, 0).filter(|length| (6..1024).contains(length)).unwrap_or(6);
    while at < bytes.len() && tracks.len() < MOST_TRACKS {
        if name(bytes, at) == Some(b"MTrk") {
            let (body, next) = track(bytes, at, &mut damage);
            tracks.push(body);
            at = next;
        } else if tracks.len() >= declared {
            // What follows the last track is no music.
            break;
        } else if let Some(next) = foreign(bytes, at) {
            at = next;
        } else {
            let next = find(bytes, b"MTrk", at).unwrap_or(bytes.len());
            damage.lost += next - at;
            damage.places += 1;
            at = next;
        }
    }
    damage.missing_tracks = declared.saturating_sub(tracks.len());
    if tracks.is_empty() && declared > 0 {
        return Err(SmfError::Damaged("it has no track".into()));
    }
    Ok(Chunks { format: u16::from_be_bytes([f0, f1]), division: [d0, d1], tracks, damage })
}

/// The body of the track at `at`, and where the next chunk may begin.
fn track<'a>(bytes: &'a [u8], at: usize, damage: &mut Damage) -> (&'a [u8], usize) {
    let start = (at + 8).min(bytes.len());
    let told = length(bytes, at).and_then(|length| start.checked_add(length));
    if let Some(end) = told.filter(|&end| end <= bytes.len()) {
        let follows =
            end == bytes.len() || name(bytes, end) == Some(b"MTrk") || foreign(bytes, end).is_some();
        if follows || bytes[start..end].ends_with(&[0xFF, 0x2F, 0]) {
            return (&bytes[start..end], end);
        }
    }
    // The length is wrong: the track goes on to the next.
    damage.places += 1;
    let next = find(bytes, b"MTrk", start);
    let end = next.unwrap_or(bytes.len());
    if next.is_none() && !bytes[start..].ends_with(&[0xFF, 0x2F, 0]) {
        // It is cut off, be it between two events. A length that no file has says nothing of how much is missing.
        damage.lost += told.filter(|told| *told < 1 << 26).map_or(1, |told| told.saturating_sub(end).max(1));
    }
    (&bytes[start..end], end)
}

/// Where a chunk of a program's own (`XFIH`) ends; none where there is no such chunk.
fn foreign(bytes: &[u8], at: usize) -> Option<usize> {
    let named = name(bytes, at)?.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b' ');
    let end = (at + 8).checked_add(length(bytes, at)?)?;
    let follows = end == bytes.len() || name(bytes, end) == Some(b"MTrk");
    (named && follows).then_some(end)
}

fn name(bytes: &[u8], at: usize) -> Option<&[u8; 4]> {
    bytes.get(at..at + 4)?.try_into().ok()
}

/// The length that the chunk at `at` tells.
fn length(bytes: &[u8], at: usize) -> Option<usize> {
    let told: [u8; 4] = bytes.get(at + 4..at + 8)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(told)).ok()
}

fn find(bytes: &[u8], wanted: &[u8; 4], from: usize) -> Option<usize> {
    bytes.get(from..)?.windows(4).position(|window| window == wanted).map(|at| from + at)
}

/// What bytes are that are no MIDI file.
fn no_midi(bytes: &[u8]) -> SmfError {
    let beginning = &bytes[..bytes.len().min(4_096)];
    // The same letters in UTF-16.
    let letters: Vec<u8> = beginning.iter().copied().filter(|byte| *byte != 0).collect();
    let has = |words: &[u8]| letters.windows(words.len()).any(|window| window == words);
    if has(b"<score-partwise") || has(b"<score-timewise") {
        SmfError::MusicXml
    } else if beginning.starts_with(b"PK\x03\x04") {
        SmfError::PackedScore
    } else {
        SmfError::Damaged("it does not begin with `MThd`".into())
    }
}
