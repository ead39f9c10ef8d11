//! What a MIDI file holds, and how a part of it is asked for.

use std::fmt;

use super::{DRUM_CHANNEL, Track, drums};
use crate::{Beat, Clip, ClipError, Key, Meter, Note, Tone, nearest};

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Song {
    /// What the file calls the whole: the name of its first track, or nothing.
    pub title: String,
    /// One for each channel of each track that has notes; their notes are sorted by start, then key.
    pub tracks: Vec<Track>,
    /// Beats per minute from a beat on, sorted; none where the file tells none (120 is usual).
    pub tempos: Vec<(Beat, f64)>,
    /// The first metre that the file tells and Lilt knows.
    pub meter: Option<Meter>,
    /// All metres that Lilt knows, each with the beat from which it holds, sorted.
    pub meters: Vec<(Beat, Meter)>,
    /// The first key that the file tells.
    pub key: Option<Key>,
    /// When the last track is over, in beats.
    pub length: Beat,
    /// What was wrong with the file and was read past.
    pub damage: Damage,
}

/// What was wrong with a file that was read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Damage {
    /// Places at which something was wrong and was mended or passed over.
    pub places: usize,
    /// Bytes that made no sense and were passed over.
    pub lost: usize,
    /// Tracks that the header tells of and the file does not hold.
    pub missing_tracks: usize,
}

impl Damage {
    /// True for a file that is as it should be.
    pub fn is_none(self) -> bool {
        self == Damage::default()
    }

    /// True where music may be missing, and not only mended.
    pub fn is_loss(self) -> bool {
        self.lost > 0 || self.missing_tracks > 0
    }

    pub(super) fn add(&mut self, other: Damage) {
        self.places += other.places;
        self.lost += other.lost;
        self.missing_tracks += other.missing_tracks;
    }
}

/// `this MIDI file is damaged in 3 places: 17 bytes of it were lost and 2 tracks are missing, the rest is read`
impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted =
            |count: usize, one: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") };
        write!(f, "this MIDI file is damaged")?;
        if self.places > 0 {
            write!(f, " in {}", counted(self.places, "place"))?;
        }
        let lost = (self.lost > 0)
            .then(|| counted(self.lost, "byte") + if self.lost == 1 { " was lost" } else { " were lost" });
        let missing = (self.missing_tracks > 0).then(|| {
            counted(self.missing_tracks, "track")
                + if self.missing_tracks == 1 { " is missing" } else { " are missing" }
        });
        match (lost, missing) {
            (None, None) => f.write_str(": all of it could be mended"),
            (Some(one), None) | (None, Some(one)) => write!(f, ": {one}, the rest is read"),
            (Some(lost), Some(missing)) => write!(f, ": {lost} and {missing}, the rest is read"),
        }
    }
}

/// Why a file has no such part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoTrack {
    /// Nothing sounds in it at all.
    #[error("there is no note in this file")]
    Silent,
    /// No track of that name, or at that place.
    #[error("there is no track `{asked}` in this file: {instead}")]
    Name {
        /// What was asked for.
        asked: String,
        /// A near name, or what there is.
        instead: String,
    },
    /// Nothing on that channel.
    #[error("nothing plays on channel {asked} of this file: it has notes on {channels}")]
    Channel {
        /// The channel that was asked for, from 1.
        asked: u8,
        /// Those that have notes.
        channels: String,
    },
}

impl Song {
    /// The tracks of that name: case does not count, and a part of a name is enough where only one track has it. A
    /// number is a track's place from 1; `drums` is [`drums`](Song::drums) where no track is called so.
    ///
    /// # Errors
    /// See [`NoTrack`].
    pub fn find(&self, asked: &str) -> Result<Vec<&Track>, NoTrack> {
        if self.tracks.is_empty() {
            return Err(NoTrack::Silent);
        }
        let wanted = asked.trim().to_lowercase();
        let named = |matches: &dyn Fn(&str) -> bool| -> Vec<&Track> {
            self.tracks.iter().filter(|track| matches(&track.name.trim().to_lowercase())).collect()
        };
        let exact = named(&|name| name == wanted);
        if !exact.is_empty() {
            return Ok(exact);
        }
        let place = wanted.parse::<usize>().ok().and_then(|place| self.tracks.get(place.checked_sub(1)?));
        if let Some(track) = place {
            return Ok(vec![track]);
        }
        if wanted == "drums" && self.tracks.iter().any(|track| track.channel == DRUM_CHANNEL) {
            return self.drums();
        }
        let part = named(&|name| !wanted.is_empty() && name.contains(&wanted));
        if part.windows(2).all(|pair| pair[0].name == pair[1].name) && !part.is_empty() {
            return Ok(part);
        }
        let mut names: Vec<&str> = Vec::new();
        for track in &self.tracks {
            let name = track.name.trim();
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        let near = nearest(&wanted, names.iter().copied());
        let instead = match (near, names.len()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, 0) => {
                format!("its {} tracks have no names; ask for a number or a channel", self.tracks.len())
            }
            (None, count) => {
                let few: Vec<String> = names.iter().take(12).map(|name| format!("`{name}`")).collect();
                let more = if count > 12 { format!(" and {} more", count - 12) } else { String::new() };
                format!("it has {}{more}", few.join(", "))
            }
        };
        Err(NoTrack::Name { asked: asked.to_owned(), instead })
    }

    /// The tracks on a channel, from 1.
    ///
    /// # Errors
    /// When nothing plays there.
    pub fn on_channel(&self, asked: u8) -> Result<Vec<&Track>, NoTrack> {
        let found: Vec<&Track> = self.tracks.iter().filter(|track| track.channel == asked).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let mut channels: Vec<u8> = self.tracks.iter().map(|track| track.channel).collect();
        channels.sort_unstable();
        channels.dedup();
        if channels.is_empty() {
            return Err(NoTrack::Silent);
        }
        let channels = channels.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
        Err(NoTrack::Channel { asked, channels })
    }

    /// The tracks of the drums.
    ///
    /// # Errors
    /// When there are none.
    pub fn drums(&self) -> Result<Vec<&Track>, NoTrack> {
        self.on_channel(DRUM_CHANNEL)
    }

    /// The metre at the start, 4/4 where the file tells none.
    pub fn first_meter(&self) -> Meter {
        self.meter.unwrap_or_default()
    }

    /// Some of its tracks together as a clip of whole bars, as long as the file; drums play on the kit, each key by
    /// the drum that stands for it.
    ///
    /// # Errors
    /// When there are more notes, or more beats, than a clip may have.
    pub fn clip_of<'a>(&self, tracks: impl IntoIterator<Item = &'a Track>) -> Result<Clip, ClipError> {
        let notes: Vec<Note> = tracks.into_iter().flat_map(Track::sounding).collect();
        let bar = self.first_meter().bar();
        let last = notes.iter().map(|note| note.start).max().unwrap_or(Beat::ZERO);
        // The last note lies within the clip, whatever the file says of its length.
        let begun = bar * Beat::whole(last.floor_div(bar).saturating_add(1));
        // Programs let a track end some ticks late: a quarter of a beat after a bar line is meant to be there.
        let meant = self.length - Beat::new(1, 4);
        Clip::new(notes, meant.next_multiple(bar).max(begun))
    }

    /// All of it as a clip; see [`clip_of`](Song::clip_of).
    ///
    /// # Errors
    /// When there are more notes, or more beats, than a clip may have.
    pub fn clip(&self) -> Result<Clip, ClipError> {
        self.clip_of(&self.tracks)
    }
}

impl Track {
    /// Its notes as they sound: on the channel of the drums every one is a drum of the kit.
    pub fn sounding(&self) -> impl Iterator<Item = Note> + '_ {
        let drums = self.channel == DRUM_CHANNEL;
        self.notes.iter().map(move |note| match note.tone {
            Tone::Pitch(pitch) if drums => Note { tone: Tone::Drum(drums::of_key(pitch.key())), ..*note },
            _ => *note,
        })
    }
}
