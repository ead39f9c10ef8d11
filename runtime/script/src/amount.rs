//! Texts that mean a number and are none: `50%`, `800hz`, `-6dB`, and what Tidal and Strudel join by colons.

use std::ops::Range;

use crate::fault::Fault;

/// Units that people write behind a number, and how many of what is meant each is.
const UNITS: [(&str, f64); 8] = [
    ("khz", 1_000.0),
    ("hz", 1.0),
    ("k", 1_000.0),
    ("bpm", 1.0),
    ("st", 1.0),
    ("semitones", 1.0),
    ("beats", 1.0),
    ("x", 1.0),
];

/// What is told of a text given to `what`, which wants numbers, where one of its words means a number that is
/// written otherwise here.
pub(crate) fn meant(what: &str, text: &str) -> Option<Fault> {
    let (at, help) = percent(text).or_else(|| words(text).find_map(|word| instead(what, text, word)))?;
    let written = &text[at.clone()];
    let told = match written.contains(':') {
        true => format!("`{written}` is several numbers, and `{what}` takes one at a time"),
        false => format!("`{written}` is no number"),
    };
    Some(Fault::new(told).within(text, at).of(what).help(help))
}

/// A number of percent, and what to write for it.
fn percent(text: &str) -> Option<(Range<usize>, String)> {
    text.match_indices('%').find_map(|(sign, _)| {
        let before = text[..sign].trim_end();
        let from = before
            .rfind(|c: char| !in_number(c))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let number: f64 = before[from..].parse().ok().filter(|number: &f64| number.is_finite())?;
        Some((from..sign + 1, format!("write {}", shown(number / 100.0))))
    })
}

/// The words of a text, by their bytes.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let apart = |c: char| !(in_number(c) || c.is_ascii_alphabetic() || c == ':');
    text.split(apart).filter(|word| !word.is_empty()).map(|word| {
        let from = word.as_ptr() as usize - text.as_ptr() as usize;
        from..from + word.len()
    })
}

fn in_number(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '.' | '-' | '+')
}

/// A word that means a number, and what to write for it.
fn instead(what: &str, text: &str, at: Range<usize>) -> Option<(Range<usize>, String)> {
    let word = &text[at.clone()];
    if word.contains(':') {
        let parts: Vec<&str> = word.split(':').collect();
        let numbers = parts.iter().all(|part| part.parse().is_ok_and(f64::is_finite));
        return (numbers && parts.len() > 1).then(|| (at, apart(what, &parts)));
    }
    let unit = word.find(|c: char| c.is_ascii_alphabetic())?;
    let number: f64 = word[..unit].parse().ok().filter(|number: &f64| number.is_finite())?;
    let help = match word[unit..].to_ascii_lowercase().as_str() {
        "db" => format!("write {}: {number} dB is so many times as loud", shown(10f64.powf(number / 20.0))),
        "ms" | "s" | "sec" => format!("write the number alone; lilt doc {what} says what it counts"),
        known => {
            let (_, times) = UNITS.into_iter().find(|(unit, _)| *unit == known)?;
            format!("write {}", shown(number * times))
        }
    };
    Some((at, help))
}

/// What to write for numbers joined by colons, which Tidal and Strudel give to several controls.
fn apart(what: &str, parts: &[&str]) -> String {
    let others: &[&str] = match what {
        "delay" => &["delaytime", "delayfeedback"],
        "reverb" | "room" => &["size"],
        "lowpass" | "lpf" | "highpass" | "hpf" | "bandpass" | "bpf" | "cutoff" => &["resonance"],
        _ => &[],
    };
    let names = [what].into_iter().chain(others.iter().copied());
    if parts.len() > others.len() + 1 {
        let (first, many) = (parts[0], parts.len() - 1);
        return format!("write :{what}({first}) for the first, and the other {many} with words of their own");
    }
    // Elsewhere it goes beyond 1.
    let within = |name: &str, part: &str| match part.parse::<f64>() {
        Ok(far) if name == "resonance" && far > 1.0 => "0.5".to_owned(),
        _ => plain(part),
    };
    let said: Vec<String> =
        names.zip(parts).map(|(name, part)| format!(":{name}({})", within(name, part))).collect();
    format!("write {}", said.concat())
}

/// A number as Lua reads it: `.5` with its zero.
fn plain(number: &str) -> String {
    number.parse().map_or_else(|_| number.to_owned(), shown)
}

fn shown(number: f64) -> String {
    ((number * 1e3).round() / 1e3).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Mark;

    #[test]
    fn what_means_a_number_says_which() {
        for (what, text, word, help) in [
            ("gain", "50%", "50%", "write 0.5"),
            ("gain", "1 12.5 % 0.3", "12.5 %", "write 0.125"),
            ("gain", "[.5 30%]*2", "30%", "write 0.3"),
            ("lowpass", "800hz", "800hz", "write 800"),
            ("lowpass", "<1 1.2kHz>", "1.2kHz", "write 1200"),
            ("gain", "-6dB", "-6dB", "write 0.501: -6 dB is so many times as loud"),
            ("attack", "10ms", "10ms", "write the number alone; lilt doc attack says what it counts"),
            ("delay", ".5:.125:.8", ".5:.125:.8", "write :delay(0.5):delaytime(0.125):delayfeedback(0.8)"),
            ("room", "0.5:2", "0.5:2", "write :room(0.5):size(2)"),
            (
                "gain",
                "1:2:3",
                "1:2:3",
                "write :gain(1) for the first, and the other 2 with words of their own",
            ),
        ] {
            let fault = meant(what, text).unwrap_or_else(|| panic!("{text}"));
            let Mark::Text(_, at) = &fault.mark else { panic!("{text}") };
            assert_eq!((&text[at.clone()], fault.help.as_deref()), (word, Some(help)), "{text}");
        }
        for text in ["", "1 2", "bd sd", "{1 2}%4", "%", "1 .. 3", "c4", "x:3", "1é%"] {
            assert_eq!(meant("gain", text), None, "{text}");
        }
    }
}
