//! Which beat an edit came in with, and which it should have.

use crate::table::part;

/// How long before a beat an edit must be made to come in with it, in microseconds.
pub const LEAD: f64 = 60e3;

/// Edits that came in later than they should have.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Beats {
    /// Edits that were made [`LEAD`] or more before a beat and came in after it.
    pub missed: usize,
    /// The longest time before a beat, in microseconds, that was not enough.
    pub longest_missed_lead: f64,
    /// Within how many microseconds of the beat half of the edits come in, where they do so worst: large
    /// where edits do not come in on beats.
    pub scatter: f64,
}

/// Neighbours on either side by which the beat is found. A clock that drifts or jumps is followed.
const NEIGHBOURS: usize = 10;

/// Judges edits, each a time of the edit and one at which it was heard, in microseconds, in their
/// order. The beat, `beat` microseconds long, is where the neighbours were heard.
pub fn judge(edits: &[(f64, f64)], beat: f64) -> Beats {
    let mut beats = Beats::default();
    let mut scatters = Vec::new();
    for (index, (made, heard)) in edits.iter().enumerate() {
        let from = index.saturating_sub(NEIGHBOURS);
        let near = &edits[from..edits.len().min(index + NEIGHBOURS + 1)];
        // From this one to the nearest beat of each neighbour, either way.
        let mut offsets: Vec<f64> = near
            .iter()
            .map(|(_, other)| {
                let distance = (other - heard).rem_euclid(beat);
                if distance > beat / 2.0 { distance - beat } else { distance }
            })
            .collect();
        offsets.sort_by(f64::total_cmp);
        let offset = offsets[offsets.len() / 2];
        let mut apart: Vec<f64> = offsets.iter().map(|other| (other - offset).abs()).collect();
        apart.sort_by(f64::total_cmp);
        scatters.push(apart[apart.len() / 2]);
        let on = heard + offset;
        // The first beat after the edit, and how long before it the edit was made. A hair is
        // left, since the beat was heard and not known.
        let waited = ((on - made) / beat).floor();
        if waited >= 1.0 {
            let lead = on - made - waited * beat;
            // Beats that were passed by: the first was `lead` away, each other one beat more.
            let missed_lead = lead + (waited - 1.0) * beat;
            beats.longest_missed_lead = beats.longest_missed_lead.max(missed_lead);
            beats.missed += usize::from(missed_lead >= LEAD);
        }
    }
    scatters.sort_by(f64::total_cmp);
    beats.scatter = part(&scatters, 0.95).unwrap_or(0.0);
    beats
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEAT: f64 = 500e3;

    /// Edits made at these milliseconds, heard at these beats, 7 ms after them.
    fn edits(rows: &[(f64, u32)]) -> Vec<(f64, f64)> {
        rows.iter().map(|(made, beat)| (made * 1e3, f64::from(*beat) * BEAT + 7e3)).collect()
    }

    #[test]
    fn an_edit_misses_the_beats_that_it_lets_pass() {
        let on_time = [(100.0, 1), (1200.0, 3), (2447.0, 5), (3020.0, 7)];
        let judged = judge(&edits(&on_time), BEAT);
        assert_eq!((judged.missed, judged.longest_missed_lead), (0, 0.0));
        assert!(judged.scatter < 1.0);
        // 37 ms before beat 2 by what is heard: too late to count.
        let late = [(100.0, 1), (970.0, 3), (2200.0, 5)];
        let judged = judge(&edits(&late), BEAT);
        assert_eq!(judged.missed, 0);
        assert!((judged.longest_missed_lead - 37e3).abs() < 1.0, "{judged:?}");
        // 107 ms before beat 2, and 107 ms before beat 3 and so 607 ms before beat 4.
        let missed = [(900.0, 3), (1400.0, 5), (2900.0, 6)];
        let judged = judge(&edits(&missed), BEAT);
        assert_eq!(judged.missed, 2);
        assert!((judged.longest_missed_lead - 607e3).abs() < 1.0, "{judged:?}");
    }

    #[test]
    fn what_comes_in_anywhere_is_seen() {
        let anywhere: Vec<(f64, f64)> = (0..50)
            .map(|i| (f64::from(i) * 2e6, f64::from(i) * 2e6 + f64::from(i * 37 % 50) * 10e3))
            .collect();
        assert!(judge(&anywhere, BEAT).scatter > 50e3);
    }
}
