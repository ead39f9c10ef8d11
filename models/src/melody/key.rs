//! The key that music is in, when nobody says it: by how long each pitch class sounds.
//!
//! Of the 24 keys the one whose profile correlates best with the time that each pitch class sounds
//! (Krumhansl 1990, "Cognitive foundations of musical pitch", chapter 4).

use lilt_score::{Clip, Key, Mode};

use super::chords::Harmony;

/// How well each semitone above the tonic fits a major key (Krumhansl and Kessler 1982).
const MAJOR: [f64; 12] = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
/// A minor key.
const MINOR: [f64; 12] = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];

/// The key that a clip fits best; C major for silence.
pub fn of_clip(clip: &Clip) -> Key {
    find(&[clip], &Harmony::unknown())
}

/// The key that `clips` and `harmony` fit best; C major for silence.
pub fn find(clips: &[&Clip], harmony: &Harmony) -> Key {
    let mut time = [0.0; 12];
    for note in clips.iter().flat_map(|clip| clip.notes()) {
        if let Some(pitch) = note.tone.pitch() {
            time[(pitch.midi().round() as i64).rem_euclid(12) as usize] += note.duration.to_f64();
        }
    }
    // A note of a chord counts as much as a 16th of the melody.
    for (root, quality) in harmony.named() {
        for interval in quality.intervals() {
            time[usize::from((root + interval) % 12)] += 0.25;
        }
    }
    best(&time)
}

fn best(time: &[f64; 12]) -> Key {
    let mut found = (Key::C_MAJOR, 0.0);
    for (mode, profile) in [(Mode::Major, MAJOR), (Mode::Minor, MINOR)] {
        for tonic in 0..12u8 {
            let fit = correlation(time, &profile, tonic.into());
            if fit > found.1 {
                found = (Key::new(tonic, mode), fit);
            }
        }
    }
    found.0
}

/// Pearson's correlation of `time` with a profile that stands on `tonic`; 0 for even times.
fn correlation(time: &[f64; 12], profile: &[f64; 12], tonic: usize) -> f64 {
    let mean = |values: &[f64; 12]| values.iter().sum::<f64>() / 12.0;
    let (mean_time, mean_profile) = (mean(time), mean(profile));
    let (mut both, mut times, mut profiles) = (0.0, 0.0, 0.0);
    for above in 0..12 {
        let (x, y) = (time[(tonic + above) % 12] - mean_time, profile[above] - mean_profile);
        both += x * y;
        times += x * x;
        profiles += y * y;
    }
    if times > 0.0 { both / (times * profiles).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::{Beat, Note, Pitch, Tone, Velocity};

    #[test]
    fn keys_are_found() {
        let clip = |pitches: &[u8]| {
            let note = |(at, &pitch): (usize, &u8)| Note {
                start: Beat::whole(at as i64),
                duration: Beat::ONE,
                tone: Tone::Pitch(Pitch::from_key(pitch)),
                velocity: Velocity::DEFAULT,
            };
            Clip::new(pitches.iter().enumerate().map(note).collect(), Beat::whole(16)).unwrap()
        };
        let none = Harmony::unknown();
        for (pitches, key) in [
            (vec![60, 62, 64, 65, 67, 69, 71, 72], "C major"),
            (vec![69, 71, 72, 74, 76, 77, 76, 72, 69, 68, 69], "A minor"),
            (vec![67, 69, 71, 72, 74, 76, 78, 79], "G major"),
            (vec![], "C major"),
        ] {
            assert_eq!(find(&[&clip(&pitches)], &none).to_string(), key, "{pitches:?}");
        }
        let chords = Harmony::parse("Bb Eb F Bb").unwrap();
        assert_eq!(find(&[], &chords).to_string(), "Bb major");
        let chords = Harmony::parse("Em Am B7 Em").unwrap();
        assert_eq!(
            find(&[&clip(&[64, 66, 67, 71, 67, 66, 64, 64, 59, 64, 64])], &chords).to_string(),
            "E minor"
        );
    }
}
