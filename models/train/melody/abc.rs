//! Clips as ABC, for eyes and ears.

use lilt_score::{Beat, Clip};

/// Names of the pitch classes, every accidental written out.
const NAMES: [&str; 12] = ["=C", "^C", "=D", "_E", "=E", "=F", "^F", "=G", "_A", "=A", "_B", "=B"];

/// A clip of one voice on 16ths, four bars a line. A length of 1 is a 16th; what rings over a bar line
/// is written before it.
pub fn line(clip: &Clip) -> String {
    let mut text = String::new();
    let (mut now, bar) = (Beat::ZERO, Beat::whole(4));
    let mut write = |name: String, from: Beat, to: Beat| {
        if to > from {
            text += &name;
            text += &((to - from) * bar).to_string();
            let (before, after) = (from.floor_div(bar), to.floor_div(bar));
            if after > before {
                text += if after % 4 == 0 { "|\n" } else { "| " };
            }
        }
    };
    for note in clip.notes() {
        write("z".to_owned(), now, note.start);
        let key = note.tone.key();
        let octave = i32::from(key) / 12 - 5;
        let mark = if octave < 0 { "," } else { "'" }.repeat(octave.unsigned_abs() as usize);
        write(format!("{}{mark}", NAMES[usize::from(key % 12)]), note.start, note.end());
        now = note.end();
    }
    write("z".to_owned(), now, clip.length());
    text
}
