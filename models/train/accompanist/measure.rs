//! What the card says: how well chords that are foreseen fit melodies that were held out.

use lilt_inference::{Accompanist, Foreseeing, Foreseen, HeardNote};
use lilt_models::accompanist::harmony::{Chord, Kind};
use lilt_models::accompanist::model::HmmAccompanist;
use lilt_models::melody::passage::Song;
use lilt_models::melody::vocabulary::{Color, Home};
use serde::{Deserialize, Serialize};

use super::Golden;
use super::counts::{halves, heard};
use crate::melody::corpus::Corpus;
use crate::recipe::rounded;

/// The bars that begin before anything can be foreseen, which nothing is compared in.
const HEARD_FIRST: usize = 1;

/// Of what was held out.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measures {
    /// Songs that chose the weighing.
    valid: Shares,
    /// Songs that chose nothing.
    test: Shares,
}

/// Shares of strong beats, the first and the third of a bar, whose melody note is one of the chord's; from the second
/// bar of each passage on.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    /// Strong beats on which the melody sounds.
    beats: usize,
    /// Under the song's own chords.
    own: f64,
    /// Under chords of half a bar that were foreseen a beat before they sound.
    foreseen: f64,
    /// Under chords of a whole bar that were foreseen a beat before they sound.
    foreseen_bars: f64,
    /// Under chords of half a bar that were foreseen by who is told the key.
    foreseen_in_key: f64,
    /// Under I V vi IV in the song's own key, bar by bar.
    fixed: f64,
    /// Under the tonic triad of that key all the time, or the relative minor's where the song is in minor.
    tonic: f64,
    /// Half bars whose foreseen chord has the root and the third of the song's own.
    same: f64,
    /// Half bars whose chord that was foreseen by who is told the key has.
    same_in_key: f64,
    /// Half bars whose chord in I V vi IV has.
    same_fixed: f64,
}

impl Measures {
    /// Measures what was held out.
    pub fn of(accompanist: &HmmAccompanist, corpus: &Corpus) -> Measures {
        Measures {
            valid: Shares::of(accompanist, &corpus.valid),
            test: Shares::of(accompanist, &corpus.test),
        }
    }
}

/// The accompanist that chooses chords for the melody that is likely to come over them by as much as songs of the
/// validation set ask for: where chord tones and chords that are the song's own are most together.
pub fn fitted(accompanist: &HmmAccompanist, valid: &[Song]) -> HmmAccompanist {
    let tried = [0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5].map(|fits| {
        let tried = accompanist.weighing(|weighing| weighing.fits = fits);
        let told = Shares::of(&tried, valid);
        eprintln!(
            "fits {fits}: {} of strong beats, {} bar by bar, {} chords the song's own",
            told.foreseen, told.foreseen_bars, told.same
        );
        (told.foreseen + told.foreseen_bars + told.same, tried)
    });
    let best = tried.into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or_else(|| accompanist.clone(), |(_, best)| best)
}

/// A chord as it is compared: by root and third.
fn like(a: Chord, b: Chord) -> bool {
    let minor = |chord: Chord| matches!(chord.kind(), Kind::Minor | Kind::Diminished);
    a.root() == b.root() && minor(a) == minor(b)
}

/// The chord that was foreseen.
fn chord(foreseen: Option<Foreseen>) -> Option<Chord> {
    let foreseen = foreseen?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == foreseen.kind)?;
    Some(Chord::new(foreseen.root, kind))
}

/// The chords of each half bar that are foreseen a beat before they sound, each for `lasts` half bars.
fn foreseen(
    accompanist: &HmmAccompanist,
    notes: &[HeardNote],
    halves: usize,
    lasts: u64,
    home: Option<u8>,
) -> Vec<Option<Chord>> {
    let mut chords = Vec::new();
    while chords.len() < halves {
        let at = chords.len() as u64;
        let of = Foreseeing { half: 2.0, at, lasts, until: 2.0 * at as f64 - 1.0, home };
        let found = chord(accompanist.foresee(notes, of));
        chords.extend(std::iter::repeat_n(found, lasts as usize));
    }
    chords
}

/// I V vi IV over a home note, bar by bar.
fn fixed(home: u8, halves: usize) -> Vec<Option<Chord>> {
    let way = [(0, Kind::Major), (7, Kind::Major), (9, Kind::Minor), (5, Kind::Major)];
    let at = |half: usize| {
        let (root, kind) = way[half / 2 % way.len()];
        Some(Chord::new(root, kind).up(home))
    };
    (0..halves).map(at).collect()
}

/// The triad that is home.
fn tonic(home: Home) -> Chord {
    match home.color {
        Color::Minor => Chord::new(home.tonic + 9, Kind::Minor),
        Color::Major | Color::Unknown => Chord::new(home.tonic, Kind::Major),
    }
}

impl Shares {
    fn of(accompanist: &HmmAccompanist, songs: &[Song]) -> Shares {
        let (mut beats, mut compared) = (0, 0);
        let (mut fits, mut same) = ([0; 6], [0; 3]);
        for passage in songs.iter().flat_map(|song| &song.passages) {
            let (notes, own) = (heard(passage), halves(passage));
            let ways = [
                own.clone(),
                foreseen(accompanist, &notes, own.len(), 1, None),
                foreseen(accompanist, &notes, own.len(), 2, None),
                foreseen(accompanist, &notes, own.len(), 1, Some(passage.home.tonic)),
                fixed(passage.home.tonic, own.len()),
                vec![Some(tonic(passage.home)); own.len()],
            ];
            for half in 2 * HEARD_FIRST..own.len() {
                if let Some(own) = own[half] {
                    compared += 1;
                    for (count, way) in same.iter_mut().zip([&ways[1], &ways[3], &ways[4]]) {
                        *count += usize::from(way[half].is_some_and(|chord| like(chord, own)));
                    }
                }
                let Some(key) = sounding(&notes, 2.0 * half as f64) else { continue };
                beats += 1;
                for (count, way) in fits.iter_mut().zip(&ways) {
                    *count += usize::from(way[half].is_some_and(|chord| chord.contains(key % 12)));
                }
            }
        }
        let share = |count: usize, of: usize| rounded(count as f64 / of.max(1) as f64);
        let [own, foreseen, foreseen_bars, foreseen_in_key, fixed, tonic] =
            fits.map(|count| share(count, beats));
        let [same, same_in_key, same_fixed] = same.map(|count| share(count, compared));
        Shares {
            beats,
            own,
            foreseen,
            foreseen_bars,
            foreseen_in_key,
            fixed,
            tonic,
            same,
            same_in_key,
            same_fixed,
        }
    }
}

/// The note that sounds on a beat.
fn sounding(notes: &[HeardNote], beat: f64) -> Option<u8> {
    notes.iter().find(|note| note.start <= beat && note.end > beat).map(|note| note.key)
}

/// What is foreseen under a tune in C that anybody knows: two bars up and down the triads of C, F and G.
pub fn golden(accompanist: &HmmAccompanist) -> Golden {
    let keys = [60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60];
    let notes: Vec<HeardNote> = keys
        .iter()
        .enumerate()
        .map(|(at, &key)| HeardNote { start: at as f64, end: at as f64 + 1.0, key })
        .collect();
    let name = |chord: Chord| {
        let root = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];
        format!("{}{}", root[usize::from(chord.root())], chord.kind().name())
    };
    let chords = foreseen(accompanist, &notes, 10, 1, None).into_iter().skip(2);
    Golden { chords: chords.map(|chord| chord.map_or("none".to_owned(), name)).collect() }
}
