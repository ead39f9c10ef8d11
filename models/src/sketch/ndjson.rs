//! Quick, Draw!'s files: a drawing a line, in JSON, with strokes of `[x…], [y…]` and, where they are raw, `[t…]`
//! (github.com/googlecreativelab/quickdraw-dataset).

use serde::Deserialize;

use super::moves::Line;

/// A drawing of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// What was to be drawn.
    pub word: String,
    /// Its key, or nothing where the line has none.
    pub key: String,
    /// Whether the game knew it; drawings that do not say count as known.
    pub recognized: bool,
    /// Its strokes, in the units of the screen on which it was drawn.
    pub lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    word: String,
    #[serde(default)]
    key_id: String,
    #[serde(default = "yes")]
    recognized: bool,
    drawing: Vec<Vec<Vec<f32>>>,
}

fn yes() -> bool {
    true
}

/// Reads one line.
///
/// # Errors
/// Why it is no drawing, in words.
pub fn read_line(line: &str) -> Result<Drawn, String> {
    let entry: Entry = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let mut lines = Vec::with_capacity(entry.drawing.len());
    for stroke in &entry.drawing {
        let [x, y, ..] = stroke.as_slice() else {
            return Err("a stroke has no list of y".to_owned());
        };
        if x.len() != y.len() {
            return Err(format!("a stroke has {} x and {} y", x.len(), y.len()));
        }
        lines.push(x.iter().zip(y).map(|(&x, &y)| [x, y]).collect());
    }
    Ok(Drawn { word: entry.word, key: entry.key_id, recognized: entry.recognized, lines })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_drawing() {
        let line = r#"{"word":"cat","countrycode":"VE","recognized":false,"key_id":"59","drawing":[[[1,2],[3,4],[0,9]],[[5],[6]]]}"#;
        let drawn = read_line(line).unwrap();
        assert_eq!((drawn.word.as_str(), drawn.key.as_str(), drawn.recognized), ("cat", "59", false));
        assert_eq!(drawn.lines, [vec![[1.0, 3.0], [2.0, 4.0]], vec![[5.0, 6.0]]]);
    }

    #[test]
    fn what_is_no_drawing_says_why() {
        for (line, reason) in [
            (r#"{"word":"cat"}"#, "missing field `drawing` at line 1 column 14"),
            (r#"{"drawing":[[[1,2],[3]]]}"#, "a stroke has 2 x and 1 y"),
            (r#"{"drawing":[[[1,2]]]}"#, "a stroke has no list of y"),
        ] {
            assert_eq!(read_line(line).unwrap_err(), reason);
        }
    }
}
