//! The values of the fields that tell time: metre, unit length, tempo.

use num_rational::Ratio;

use super::AbcErrorKind;
use crate::{Beat, Meter};

/// A field line's letter and value, indented or not. `d:|` is music, not a field.
pub(super) fn field(line: &str) -> Option<(char, &str)> {
    let mut chars = line.trim_start().chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    let value = chars.as_str().strip_prefix(':')?;
    if value.starts_with(['|', ':']) {
        return None;
    }
    Some((letter, value))
}

/// As much of a wrong value as a message takes.
pub(super) fn excerpt(value: &str) -> String {
    value.trim().chars().take(40).collect()
}

/// `C`, `C|`, `6/8`, `2+3/8`, `(2+2+3)/8`, `none`.
pub(super) fn parse_meter(value: &str) -> Result<Meter, AbcErrorKind> {
    let text = match value.trim() {
        "C" | "c" | "none" | "" => "4/4",
        "C|" | "c|" => "2/2",
        other => other,
    };
    text.split_once('/')
        .and_then(|(counts, unit)| sum(counts, unit))
        .ok_or(AbcErrorKind::Meter(excerpt(value)))
}

/// The metre of a bar that is counted in groups.
fn sum(counts: &str, unit: &str) -> Option<Meter> {
    let counts = counts.trim();
    let counts = counts.strip_prefix('(').map_or(Some(counts), |inner| inner.strip_suffix(')'))?;
    let groups = counts.split('+').map(|count| count.trim().parse::<u8>().ok().map(u32::from));
    let count = groups.sum::<Option<u32>>()?;
    Meter::new(u8::try_from(count).ok()?, unit.trim().parse().ok()?)
}

/// 6/8, 9/8 and 12/8, where three units make a beat.
pub(super) fn is_compound(meter: Meter) -> bool {
    meter.count().is_multiple_of(3) && meter.count() > 3 && meter.unit() >= 8
}

/// Length of a bar in quarter-note beats.
pub(super) fn bar_length(meter: Meter) -> Ratio<i64> {
    Ratio::new(4 * i64::from(meter.count()), i64::from(meter.unit()))
}

/// The unit length in quarter-note beats without an `L:` field: in a metre below 3/4 16ths, else 8ths (ABC 2.1
/// §3.1.7).
pub(super) fn usual_length(meter: Meter) -> Ratio<i64> {
    if meter.bar() < Beat::whole(3) { Ratio::new(1, 4) } else { Ratio::new(1, 2) }
}

/// `1/8`, in quarter-note beats.
pub(super) fn parse_length(value: &str) -> Result<Ratio<i64>, AbcErrorKind> {
    let wrong = || AbcErrorKind::Length(excerpt(value));
    let (numerator, denominator) = value.split_once('/').unwrap_or((value, "1"));
    let numerator: u8 = numerator.trim().parse().map_err(|_| wrong())?;
    let denominator: u8 = denominator.trim().parse().map_err(|_| wrong())?;
    if numerator == 0 || numerator > 4 || !denominator.is_power_of_two() {
        return Err(wrong());
    }
    Ok(Ratio::new(4 * i64::from(numerator), i64::from(denominator)))
}

/// Quarter-note beats a minute of a `Q:` field (ABC 2.1 §3.1.8 and §10.1): `1/4=120`, `"Allegro" 3/8=80`,
/// `1/4 3/8=40`; in unit lengths `C=120`, `C3=40` and `120`. None when it is a word, or out of reach.
pub(super) fn parse_tempo(value: &str, unit: Ratio<i64>) -> Option<f64> {
    // Every other piece between quotation marks is a word.
    let plain: String = value.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let (lengths, speed) = match plain.split_once('=') {
        Some((lengths, speed)) => (lengths, speed),
        None => ("C", plain.as_str()),
    };
    let speed: f64 = speed.split_whitespace().next()?.parse().ok()?;
    let unit = *unit.numer() as f64 / *unit.denom() as f64;
    let mut beats = 0.0;
    for length in lengths.split_whitespace() {
        beats += match length.strip_prefix(['C', 'c']) {
            Some("") => unit,
            Some(units) => unit * f64::from(units.parse::<u8>().ok()?),
            None => {
                let (numerator, denominator) = length.split_once('/')?;
                let denominator = denominator.parse::<u8>().ok().filter(|denominator| *denominator > 0)?;
                4.0 * f64::from(numerator.parse::<u8>().ok()?) / f64::from(denominator)
            }
        };
    }
    Some(beats * speed).filter(|bpm| (1.0..=2_000.0).contains(bpm))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metres() {
        for (value, expected) in [
            ("6/8", "6/8"),
            (" C ", "4/4"),
            ("C|", "2/2"),
            ("none", "4/4"),
            ("2+3/8", "5/8"),
            ("(2+2+3)/8", "7/8"),
            ("( 3 + 2 ) / 4", "5/4"),
            ("12/16", "12/16"),
        ] {
            assert_eq!(parse_meter(value).map(|meter| meter.to_string()), Ok(expected.to_owned()), "{value}");
        }
        for value in ["5", "2+/8", "(2+3/8", "0/4", "300/8", "4/5", "99+99/8"] {
            assert_eq!(parse_meter(value), Err(AbcErrorKind::Meter(value.to_owned())), "{value}");
        }
    }

    #[test]
    fn tempos() {
        for (value, expected) in [
            ("1/4=120", Some(120.0)),
            ("3/8=80", Some(120.0)),
            ("\"Allegro\" 1/4=132", Some(132.0)),
            ("1/2=60 \"Slowly\"", Some(120.0)),
            ("1/4 3/8 1/4 3/8=40", Some(200.0)),
            // Unit lengths, here 8ths.
            ("200", Some(100.0)),
            ("C=200", Some(100.0)),
            ("C3=80", Some(120.0)),
            ("\"Andante\"", None),
            ("", None),
            ("1/0=100", None),
            ("1/4=1e9", None),
            ("1/4=NaN", None),
        ] {
            assert_eq!(parse_tempo(value, Ratio::new(1, 2)), expected, "{value}");
        }
    }
}
