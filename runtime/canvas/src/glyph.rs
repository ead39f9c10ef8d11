//! The letters of the canvas, drawn with the pen: the same picture on every machine,
//! and no font to find.
//!
//! A glyph is written as pen strokes, one a word. A stroke is a list of points, each
//! a column `0..=9` and a row: `d` is the baseline, `j` the height of small letters,
//! `m` the height of capitals, `a` the depth of descenders, one unit a letter. A
//! point with a small row letter is where the pen passes; with a capital row letter
//! it is the control point of a quadratic curve, and between two such points the pen
//! passes through their middle, as in TrueType outlines.

/// Height of a capital in units of the glyph grid.
const CAPITAL: f64 = 9.0;
/// Space between two letters, in units of the glyph grid.
const SPACING: f64 = 2.5;
/// Line segments that stand for one curve.
const SEGMENTS: usize = 5;

/// A pen stroke: its points, x rightwards and y downwards.
pub type PenStroke = Vec<[f64; 2]>;

/// Width of a line of text whose capitals are `size` high, in the unit of `size`.
pub fn text_width(text: &str, size: f64) -> f64 {
    let units: f64 = text.chars().map(|c| Glyph::of(c).width + SPACING).sum();
    (units - SPACING).max(0.0) * size / CAPITAL
}

/// The text, or its beginning and an ellipsis where it is wider than `room`; empty
/// where not even that fits.
pub fn fitted(text: &str, size: f64, room: f64) -> String {
    if text_width(text, size) <= room {
        return text.to_owned();
    }
    let mut characters: Vec<char> = text.chars().collect();
    while characters.pop().is_some() {
        let shorter: String = characters.iter().collect::<String>().trim_end().to_owned() + "…";
        if text_width(&shorter, size) <= room {
            return shorter;
        }
    }
    String::new()
}

/// The pen strokes of a line of text. `(x, y)` is the left end of the baseline, and
/// `size` the height of a capital, all in the same unit.
pub fn text_strokes(text: &str, x: f64, y: f64, size: f64) -> Vec<PenStroke> {
    let unit = size / CAPITAL;
    let mut left = x;
    let mut strokes = Vec::new();
    for character in text.chars() {
        let glyph = Glyph::of(character);
        for stroke in glyph.strokes {
            strokes.push(stroke.into_iter().map(|[u, v]| [left + u * unit, y - v * unit]).collect());
        }
        left += (glyph.width + SPACING) * unit;
    }
    strokes
}

/// One letter in grid units, y upwards from the baseline.
struct Glyph {
    width: f64,
    strokes: Vec<PenStroke>,
}

impl Glyph {
    /// The glyph of a character: its own, its base letter's with an accent, or a box.
    fn of(character: char) -> Glyph {
        if let Some(path) = path_of(character) {
            return Glyph::parse(path, 0.0);
        }
        let Some((base, accent)) = accented(character) else {
            return Glyph::parse(BOX, 0.0);
        };
        let mut glyph = Glyph::parse(path_of(base).unwrap_or(BOX), 0.0);
        // An accent is drawn for a small letter 4 wide, and lifted over a capital.
        let lift = if base.is_uppercase() { 2.5 } else { 0.0 };
        for mut stroke in Glyph::parse(accent, lift).strokes {
            for point in &mut stroke {
                point[0] += glyph.width / 2.0 - 2.0;
            }
            glyph.strokes.push(stroke);
        }
        glyph
    }

    fn parse(path: &str, lift: f64) -> Glyph {
        let strokes: Vec<PenStroke> =
            path.split(' ').filter(|s| !s.is_empty()).map(|stroke| pen_stroke(stroke, lift)).collect();
        let widest = strokes.iter().flatten().fold(0.0, |w: f64, point| w.max(point[0]));
        let width = if strokes.is_empty() { 2.5 } else { widest };
        Glyph { width, strokes }
    }
}

/// Follows one pen stroke of the notation.
fn pen_stroke(path: &str, lift: f64) -> PenStroke {
    let bytes = path.as_bytes();
    let points = bytes.chunks_exact(2).map(|pair| {
        let row = pair[1].to_ascii_lowercase();
        let at = [f64::from(pair[0]) - f64::from(b'0'), f64::from(row) - f64::from(b'd') + lift];
        (at, pair[1].is_ascii_uppercase())
    });
    let mut pen: PenStroke = Vec::new();
    let mut control: Option<[f64; 2]> = None;
    for (at, curved) in points {
        match (control, curved) {
            (None, false) => pen.push(at),
            (None, true) => control = Some(at),
            (Some(bend), false) => {
                curve(&mut pen, bend, at);
                control = None;
            }
            (Some(bend), true) => {
                curve(&mut pen, bend, [(bend[0] + at[0]) / 2.0, (bend[1] + at[1]) / 2.0]);
                control = Some(at);
            }
        }
    }
    pen
}

/// Draws the quadratic curve from the pen's place to `end`.
fn curve(pen: &mut PenStroke, bend: [f64; 2], end: [f64; 2]) {
    let Some(&start) = pen.last() else {
        pen.push(end);
        return;
    };
    for step in 1..=SEGMENTS {
        let t = step as f64 / SEGMENTS as f64;
        let blend = |axis: usize| {
            (1.0 - t) * (1.0 - t) * start[axis] + 2.0 * t * (1.0 - t) * bend[axis] + t * t * end[axis]
        };
        pen.push([blend(0), blend(1)]);
    }
}

/// Stands for a character that has no glyph.
const BOX: &str = "0d0m5m5d0d";

/// A letter with an accent as its base letter and the accent's strokes.
fn accented(character: char) -> Option<(char, &'static str)> {
    const ACCENTS: [(&str, &str, &str); 7] = [
        ("áéíóúýćńśźÁÉÍÓÚÝ", "aeiouycnszAEIOUY", "2k3m"),
        ("àèìòùÀÈÌÒÙ", "aeiouAEIOU", "2k1m"),
        ("âêîôûŵÂÊÎÔÛ", "aeiouwAEIOU", "1k2m3k"),
        ("äëïöüÿÄËÏÖÜ", "aeiouyAEIOU", "1k1l 3k3l"),
        ("ãñõÃÑÕ", "anoANO", "0k0L1l2l3l3L4l"),
        ("åůÅ", "auA", "2m1m1k3k3m2m"),
        ("çşÇ", "csC", "2d2c1b"),
    ];
    ACCENTS.iter().find_map(|(letters, bases, accent)| {
        let place = letters.chars().position(|letter| letter == character)?;
        Some((bases.chars().nth(place)?, *accent))
    })
}

/// The strokes of a character, in the notation of this module.
fn path_of(character: char) -> Option<&'static str> {
    Some(match character {
        ' ' | '\u{a0}' => "",
        'A' => "0d3m6d 1g5g",
        'B' => "0d0m3m5M5I3i 0i3i6I6D3d0d",
        'C' => "6k6M3m0M0D3d6D6f",
        'D' => "0d0m2m6M6D2d0d",
        'E' => "5m0m0d5d 0i4i",
        'F' => "5m0m0d 0i4i",
        'G' => "6k6M3m0M0D3d6D6h3h",
        'H' => "0d0m 6d6m 0i6i",
        'I' => "0d0m",
        'J' => "4m4g4D2d0D0f",
        'K' => "0d0m 5m0h 2j5d",
        'L' => "0m0d5d",
        'M' => "0d0m3g6m6d",
        'N' => "0d0m6d6m",
        'O' => "3m6M6D3d0D0M3m",
        'P' => "0d0m3m6M6H3h0h",
        'Q' => "3m6M6D3d0D0M3m 4f6d",
        'R' => "0d0m3m6M6H3h0h 3h6d",
        'S' => "6k6M3m0M0I3i6I6D3d0D0f",
        'T' => "0m6m 3m3d",
        'U' => "0m0g0D3d6D6g6m",
        'V' => "0m3d6m",
        'W' => "0m2d4m6d8m",
        'X' => "0m6d 6m0d",
        'Y' => "0m3i6m 3i3d",
        'Z' => "0m6m0d6d",
        'a' => "4j4d 4g4J2j0J0D2d4D4g",
        'b' => "0m0d 0g0J2j4J4D2d0D0g",
        'c' => "4i4J2j0J0D2d4D4e",
        'd' => "4m4d 4g4J2j0J0D2d4D4g",
        'e' => "0g4g4J2j0J0D2d4D4e",
        'f' => "3m1M1j1d 0j3j",
        'g' => "4j4b4A2a0A0b 4g4J2j0J0D2d4D4g",
        'h' => "0m0d 0g0J2j4J4g4d",
        'i' => "0j0d 0l0m",
        'j' => "2j2b2A0a 2l2m",
        'k' => "0m0d 4j0f 1g4d",
        'l' => "0m0f0D2d",
        'm' => "0j0d 0h0J2j3J3h3d 3h3J5j6J6h6d",
        'n' => "0j0d 0g0J2j4J4g4d",
        'o' => "2j4J4D2d0D0J2j",
        'p' => "0j0a 0g0J2j4J4D2d0D0g",
        'q' => "4j4a 4g4J2j0J0D2d4D4g",
        'r' => "0j0d 0g0J2j3j",
        's' => "4i4J2j0J0G2g4G4D2d0D0e",
        't' => "1l1f1D3d 0j3j",
        'u' => "0j0g0D2d4D4g 4j4d",
        'v' => "0j2d4j",
        'w' => "0j1d3i5d6j",
        'x' => "0j4d 4j0d",
        'y' => "0j2d 4j1a0a",
        'z' => "0j4j0d4d",
        '0' => "2m3m5M5k5f5D3d2d0D0f0k0M2m",
        '1' => "1k3m3d 1d5d",
        '2' => "0k0M2m3m5M5k5I0d5d",
        '3' => "0m5m2i3i5I5g5D3d2d0D0f",
        '4' => "4d4m0f5f",
        '5' => "5m0m0i3i5I5g5D3d2d0D0f",
        '6' => "5k5M3m2m0M0k0f0D2d3d5D5f5g5I3i2i0I0g",
        '7' => "0m5m2d",
        '8' => "2i0I0k0M2m3m5M5k5I3i2i0I0g0f0D2d3d5D5f5g5I3i",
        '9' => "0f0D2d3d5D5f5k5M3m2m0M0k0j0H2h3h5H5j",
        '.' => "0d0e",
        ',' => "1e0b",
        ':' => "0d0e 0i0j",
        ';' => "1e0b 1i1j",
        '!' => "0m0g 0d0e",
        '?' => "0k0M2m4M4k4I2h2g 2d2e",
        '\'' | '’' | '‘' => "0m0k",
        '"' | '“' | '”' => "0m0k 2m2k",
        '`' => "0m1k",
        '(' => "2n0K0E2b",
        ')' => "0n2K2E0b",
        '[' => "2n0n0b2b",
        ']' => "0n2n2b0b",
        '{' => "3n1N1k1H0h1H1e1B3b",
        '}' => "0n2N2k2H3h2H2e2B0b",
        '<' => "4k0h4e",
        '>' => "0k4h0e",
        '/' => "0c4n",
        '\\' => "0n4c",
        '|' => "0n0b",
        '-' | '−' | '\u{2010}' | '\u{2011}' => "0h3h",
        '–' => "0h5h",
        '—' => "0h8h",
        '_' => "0c5c",
        '+' => "0h4h 2j2f",
        '=' => "0i4i 0g4g",
        '*' => "2k2g 0j4h 0h4j",
        '#' | '♯' => "1d2m 4d5m 0j6j 0g6g",
        '♭' => "0m0d 0g0I2h2F0d",
        '$' => "6k6M3m0M0I3i6I6D3d0D0f 3n3c",
        '%' => "1m2M2K1k0K0M1m 5g6G6D5d4D4G5g 6m0d",
        '&' => "6d1k1M3m4M4j0H0D2d5D6h",
        '@' => "5h5I4i2I2F4f5F5h 5i5f6F7f8F8h8M4m0M0D4d6d",
        '^' => "0k2m4k",
        '~' => "0h0I1i2I2G3g4G4i",
        '·' | '•' => "0h0i",
        '…' => "0d0e 2d2e 4d4e",
        '→' => "0h6h 4j6h4f",
        '×' => "0j4f 4j0f",
        'ß' => "0d0k0M2m4M4k2i4H4D2d",
        'ø' => "2j4J4D2d0D0J2j 0d4j",
        'Ø' => "3m6M6D3d0D0M3m 0d6m",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_printable_character_has_its_own_glyph_on_the_grid() {
        let mut seen = std::collections::HashMap::new();
        for character in ' '..='~' {
            let path = path_of(character).unwrap_or_else(|| panic!("{character:?} has no glyph"));
            let well_formed = |stroke: &str| {
                stroke.len().is_multiple_of(2)
                    && stroke.as_bytes().chunks(2).all(|pair| {
                        pair[0].is_ascii_digit() && (b'a'..=b'n').contains(&pair[1].to_ascii_lowercase())
                    })
                    // The pen touches down and lifts where it passes.
                    && stroke.as_bytes()[1].is_ascii_lowercase()
                    && stroke.as_bytes()[stroke.len() - 1].is_ascii_lowercase()
            };
            assert!(path.split(' ').filter(|s| !s.is_empty()).all(well_formed), "{character:?}: {path}");
            if let Some(other) = seen.insert(path, character) {
                panic!("{character:?} looks like {other:?}");
            }
        }
    }

    #[test]
    fn letters_with_accents_keep_their_base() {
        for (character, base) in [('é', 'e'), ('Ü', 'U'), ('ñ', 'n'), ('ç', 'c')] {
            let with = Glyph::of(character);
            let without = Glyph::of(base);
            assert_eq!(with.width, without.width, "{character}");
            assert_eq!(with.strokes[..without.strokes.len()], without.strokes[..], "{character}");
            assert!(with.strokes.len() > without.strokes.len(), "{character}");
        }
        assert_eq!(Glyph::of('語').strokes, Glyph::parse(BOX, 0.0).strokes);
    }

    #[test]
    fn text_is_cut_to_its_room() {
        let room = text_width("a long na…", 10.0);
        for (text, room, want) in [
            ("lead", 100.0, "lead"),
            ("a long name", room, "a long na…"),
            ("a long name", 2.0, ""),
            ("", 0.0, ""),
        ] {
            assert_eq!(fitted(text, 10.0, room), want);
        }
    }

    #[test]
    fn strokes_stay_within_the_width_and_the_height() {
        let text = "Lilt jgpqy";
        let strokes = text_strokes(text, 5.0, 50.0, 9.0);
        let right = 5.0 + text_width(text, 9.0);
        for [x, y] in strokes.into_iter().flatten() {
            assert!((5.0..=right + 1e-9).contains(&x), "{x}");
            assert!((41.0..=53.0).contains(&y), "{y}");
        }
    }
}
