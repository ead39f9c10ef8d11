//! The recipe `melody` for a folder: tunes in 4/4 from ABC books, with their chord symbols, and the melody
//! of MIDI files, which tell no chords.

use std::collections::BTreeMap;

use lilt_inference::Model;
use lilt_score::abc::Tune;
use lilt_score::{Beat, Clip, Key, Meter, Note, Pitch, Tone, Velocity, smf};

use super::beats::{Bars, fits};
use super::folder::{Content, NO_MUSIC};
use super::folk::highest;
use super::kind::Kind;
use super::{File, Recipe};
use crate::card::{Weights, sha256};
use crate::folk::example::steady;
use crate::melody::attributes::directions;
use crate::melody::batches::Telling;
use crate::melody::chords::Chord;
use crate::melody::codec::encode;
use crate::melody::features::FEATURES;
use crate::melody::key;
use crate::melody::lesson::{Layout, MelodyLesson};
use crate::melody::model::MelodyModel;
use crate::melody::network::{Config, Network};
use crate::melody::passage::{Happening, Passage, Song, passages};
use crate::melody::step::MelodyStep;
use crate::melody::vocabulary::{Home, STEPS_PER_BEAT, TOKENS};
use crate::step::Kernel;
use crate::training::{self, Lesson, Tensors};

/// Largest share of notes that lie far from every 16th.
const OFF_GRID: f64 = 0.12;
/// Farthest a note may lie from its 16th, in 16ths.
const FAR: f64 = 0.36;

pub(super) struct Melody;

impl Kind for Melody {
    const RECIPE: Recipe = Recipe::Melody;
    const WANTED: &'static str = "melodies in 4/4 of four bars and more, as .abc or .mid";
    type Config = Config;
    type Piece = Song;

    fn pieces(file: &File) -> Vec<Result<Song, String>> {
        match &file.content {
            Content::Drawings(_) => vec![Err(NO_MUSIC.to_owned())],
            Content::Abc(book) => book
                .iter()
                .map(|tune| match tune {
                    Ok(tune) => of_tune(tune),
                    Err(reason) => Err(format!("not readable as ABC: {reason}")),
                })
                .collect(),
            Content::Midi(song) => vec![of_midi(song)],
        }
    }

    fn notes(song: &Song) -> usize {
        song.passages.iter().map(Passage::notes).sum()
    }

    fn fingerprint(song: &Song) -> Vec<u8> {
        let byte = |step: &Happening| match *step {
            Happening::Hold => 128,
            Happening::Rest => 129,
            Happening::Note(pitch) => pitch,
        };
        song.passages.iter().flat_map(|passage| passage.steps.iter().map(byte)).collect()
    }

    fn config(notes: usize) -> Config {
        let hidden = match notes {
            0..20_000 => 128,
            20_000..100_000 => 256,
            _ => 512,
        };
        Config {
            features: FEATURES,
            embed: 5 * hidden / 16,
            hidden,
            layers: 1,
            tokens: TOKENS,
            latent: hidden / 4,
            upper: hidden,
            plan: 32,
            letter: 24,
            encoder: hidden,
        }
    }

    fn tensors(config: &Config) -> Tensors {
        config.tensors()
    }

    fn stored(config: &Config) -> Tensors {
        config.stored()
    }

    /// With the directions of the attributes, as the songs have them.
    fn whole(
        config: &Config,
        mut weights: BTreeMap<String, Weights>,
        train: &[Song],
    ) -> Result<BTreeMap<String, Weights>, String> {
        let found = training::tensors(&weights)
            .and_then(|tensors| directions(&Network::new(*config, tensors)?, train));
        weights.extend(found.map_err(|error| error.to_string())?);
        Ok(weights)
    }

    fn lesson<'a>(config: &Config, train: &'a [Song], valid: &'a [Song]) -> impl Lesson + 'a {
        // Few songs fill few lanes.
        let songs = train.len().clamp(1, 16);
        let telling = Telling::Varied;
        let layout = Layout { songs, clips: 12, reconstructions: 96, beta: 0.03, dropout: 0.3, telling };
        MelodyLesson::new(*config, layout, train, valid)
    }

    fn model(
        name: &str,
        config: &Config,
        weights: &BTreeMap<String, Weights>,
    ) -> Result<Box<dyn Model>, String> {
        let step = MelodyStep::new(*config, weights, Kernel::detect()).map_err(|error| error.to_string())?;
        Ok(Box::new(MelodyModel::new(step, sha256(name.as_bytes()), String::new()).named(name)))
    }
}

/// A tune of a book.
fn of_tune(tune: &Tune) -> Result<Song, String> {
    if tune.meter_changes {
        return Err("the metre changes within the tune".to_owned());
    }
    fits(tune.meter)?;
    let durations = steady(tune).ok_or("bar lines do not fit the metre")?;
    // An upbeat ends the first bar.
    let pickup = tune.pickup();
    let mut now = if pickup.is_zero() { Beat::ZERO } else { Meter::COMMON.bar() - pickup };
    let (mut notes, mut chords) = (Vec::new(), Vec::new());
    let mut symbols = tune.chords.iter().peekable();
    for (note, duration) in tune.notes.iter().zip(durations) {
        while let Some((_, symbol)) = symbols.next_if(|(time, _)| *time <= note.start) {
            chords.push((now, Chord::named(symbol).unwrap_or(Chord::Unknown)));
        }
        if let Some(midi) = note.pitch {
            let tone = Tone::Pitch(Pitch::from_key(midi));
            notes.push(Note { start: now, duration, tone, velocity: Velocity::DEFAULT });
        }
        now += duration;
    }
    let bars = -(-now).floor_div(Meter::COMMON.bar());
    let clip =
        Clip::new(notes, Meter::COMMON.bar() * Beat::whole(bars)).map_err(|error| error.to_string())?;
    song(&clip, tune.key, &chords)
}

/// The highest track of a MIDI file, in the bars that all of its tracks are in and the key that it fits
/// best.
fn of_midi(song: &smf::Song) -> Result<Song, String> {
    let track = highest(song)?;
    let pitched = song.tracks.iter().filter(|track| track.channel != smf::DRUM_CHANNEL);
    let all: Vec<&Note> = pitched.flat_map(|track| &track.notes).collect();
    let melody: Vec<&Note> = track.notes.iter().collect();
    let clip = Bars::find(&all, song.meter)?.clip(&melody)?;
    self::song(&clip, key::of_clip(&clip), &[])
}

/// The song of a clip that begins with a bar, over chords that hold from their times on.
fn song(clip: &Clip, key: Key, chords: &[(Beat, Chord)]) -> Result<Song, String> {
    let sixteenth = |note: &Note| note.start.to_f64() * STEPS_PER_BEAT as f64;
    let far = |note: &&Note| (sixteenth(note) - sixteenth(note).round()).abs() > FAR;
    let off = clip.notes().iter().filter(far).count();
    if off as f64 > OFF_GRID * clip.notes().len() as f64 {
        return Err("its notes do not lie on sixteenths".to_owned());
    }
    let home = Home::of(key);
    let tokens = encode(clip, home).map_err(|error| error.to_string())?.tokens;
    let chord = |step: usize| {
        let now = Beat::new(step as i64, STEPS_PER_BEAT as i64);
        chords.iter().rev().find(|(time, _)| *time <= now).map_or(Chord::Unknown, |(_, chord)| *chord)
    };
    let chords: Vec<Chord> = (0..tokens.len()).map(chord).collect();
    let passages = passages(&Happening::of(&tokens, home), &chords, |_, _| home);
    if passages.is_empty() {
        return Err("no four bars with eight notes and no long rest".to_owned());
    }
    Ok(Song { passages })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::vocabulary::BAR;
    use lilt_score::abc::read_book;

    fn tune(text: &str) -> Result<Song, String> {
        of_tune(read_book(text)[0].as_ref().unwrap())
    }

    #[test]
    fn chord_symbols_of_a_tune_lie_under_its_notes() {
        let song = tune(
            "X:1\nM:4/4\nL:1/4\nK:G\nD|\"G\"GABc|\"Am\"d2\"what\"d2|\"D7\"d\"N\"d3|1G4|]\n\
             |:\"C\"cdef|g4:|\n",
        )
        .unwrap();
        let [passage] = song.passages.as_slice() else { panic!("{song:?}") };
        let at = |bar: usize, beat: usize| passage.chords[bar * BAR + 4 * beat];
        assert_eq!(at(0, 3), Chord::Unknown);
        assert_eq!([at(1, 0), at(1, 3)], [Chord::named("G").unwrap(); 2]);
        assert_eq!([at(2, 0), at(2, 2)], [Chord::named("Am").unwrap(), Chord::Unknown]);
        assert_eq!([at(3, 0), at(3, 1), at(4, 0)], [Chord::named("D7").unwrap(), Chord::None, Chord::None]);
        // A repeat brings its chords again.
        assert_eq!([at(5, 0), at(7, 0)], [Chord::named("C").unwrap(); 2]);
        assert_eq!(passage.steps.len(), 9 * BAR);
        assert_eq!(passage.steps[12], Happening::Note(62));
    }

    #[test]
    fn what_is_no_melody_says_why() {
        for (text, reason) in [
            ("M:3/4\nL:1/4\nK:C\nCDE|\n".to_owned(), "in 3/4, not in 4/4"),
            ("M:4/4\nL:1/4\nK:C\nC|\n".to_owned(), "no four bars with eight notes and no long rest"),
            (
                format!("M:4/4\nL:1/32\nK:C\n{}\n", ("CDEF".repeat(8) + "|").repeat(4)),
                "its notes do not lie on sixteenths",
            ),
        ] {
            assert_eq!(tune(&format!("X:1\n{text}")).unwrap_err(), reason);
        }
    }
}
