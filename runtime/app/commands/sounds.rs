//! `lilt doc sounds`: the recorded sounds that there are.

use std::fmt::Write;

use lilt_samples::{Bank, Sound, Source};
use lilt_score::Pitch;

/// How many names stand on a line where nothing is known of them but their number.
const A_LINE: usize = 8;

/// All names of a bank with how many sounds each has, and what is known of them.
pub fn page(bank: &Bank) -> String {
    let mut page = "Recorded sounds, for sound \"…\" and lilt play; behind a colon stands which of them, as in breaks:2.\n".to_owned();
    let (mut own, mut starter) = (Vec::new(), Vec::new());
    for (name, count) in bank.names() {
        let Ok(sounds) = bank.sounds(name) else { continue };
        match sounds[0].source {
            Source::File(_) => own.push((name, count, sounds)),
            Source::Starter(_) => starter.push((name, count, sounds)),
        }
    }
    if !own.is_empty() {
        page.push_str("\nIn folders of your own:\n");
        for (name, count, sounds) in own.iter().filter(|(.., sounds)| pitches(sounds).is_some()) {
            let _ = write!(page, "\n  {name:<14} {count:>4}  {}", pitches(sounds).unwrap_or_default());
        }
        let plain: Vec<String> = own
            .iter()
            .filter(|(.., sounds)| pitches(sounds).is_none())
            .map(|(name, count, _)| format!("{name}({count})"))
            .collect();
        for names in plain.chunks(A_LINE) {
            let _ = write!(page, "\n  {}", names.join("  "));
        }
        page.push('\n');
    }
    page.push_str("\nWith Lilt come:\n");
    for (name, count, sounds) in starter {
        let kind = bank.about(name).unwrap_or_default();
        let pitch = pitches(sounds).map(|pitch| format!("; {pitch}")).unwrap_or_default();
        let _ = write!(page, "\n  {name:<14} {count:>4}  {kind}{pitch}");
    }
    let aliases: Vec<&str> = bank.aliases().map(|(alias, _)| alias).collect();
    if !aliases.is_empty() {
        let _ = write!(page, "\n\n{} are known too.", aliases.join(", "));
    }
    for warning in bank.warnings() {
        let _ = write!(page, "\n\n{warning}");
    }
    page
}

/// The pitches at which sounds were recorded, in words, where the bank knows any.
fn pitches(sounds: &[Sound]) -> Option<String> {
    let known = || sounds.iter().filter_map(|sound| sound.pitch);
    let (low, high) = (known().reduce(f64::min)?, known().reduce(f64::max)?);
    let name = |midi: f64| Pitch::new(midi).map_or_else(|_| midi.to_string(), |pitch| pitch.to_string());
    Some(match low == high {
        true => format!("recorded at {}", name(low)),
        false => format!("recorded from {} to {}", name(low), name(high)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_samples::Root;

    #[test]
    fn what_comes_with_lilt_is_listed_with_what_it_is() {
        let page = page(&Bank::new([Root::Starter]));
        for line in [
            "  808bd             3  bass drum of a drum machine",
            "  bass              4  basses; recorded at c2",
            "  breaks            4  a bar of drums each, at 120, 135, 150 and 170 beats a minute",
        ] {
            assert!(page.lines().any(|told| told == line), "{line}\n{page}");
        }
        assert!(page.ends_with("sn, kick, snare, clap, hat are known too."), "{page}");
    }
}
