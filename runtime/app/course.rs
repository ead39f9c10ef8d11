//! The course: the examples in the order of a teacher, as they were when Lilt was built.

mod lesson;
#[cfg(test)]
mod tests;
mod walk;

use include_dir::{Dir, include_dir};
use lilt_score::nearest;

use crate::failure::Failure;

pub use lesson::Lesson;
pub use walk::{Doing, Seen, Walk};

/// The scripts in `examples` by their names, a folder's worth: a new one is a line here.
macro_rules! scripts {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/", $name, ".lua"))),)*]
    };
}

/// Name and text of every script.
const SCRIPTS: &[(&str, &str)] = scripts![
    "01-first-note"
    "02-beat"
    "03-a-melody-in-one-line"
    "04-recorded-sounds"
    "05-instruments-and-their-knobs"
    "06-turning-a-phrase"
    "07-chords-and-bass"
    "08-chords-by-name"
    "09-chance"
    "10-loops"
    "11-a-song-with-parts"
    "12-effects"
    "13-three-against-four"
    "14-bar-by-bar"
    "15-draw"
    "16-a-tune-that-nobody-wrote"
    "17-call-and-answer"
    "18-a-drummers-feel"
    "19-a-chorale-from-a-hummed-tune"
    "20-your-own-notes"
    "21-a-morph-that-a-sine-moves"
    "22-a-piano-that-breathes"
    "23-an-endless-stream"
    "24-a-model-that-leans"
    "25-a-rule-for-every-note"
    "26-a-model-of-your-own"
    "27-a-full-set"
    "28-ten-minutes"
    "29-techno"
    "30-house"
    "31-jungle"
    "32-ambient"
    "33-dub"
    "34-minimalism"
    "35-idm"
    "36-reel"
    "37-chorale"
    "38-jazz"
    "39-trap"
    "40-gamelan"
    "41-drums-that-bend-lines"
    "42-a-duet-with-your-hand"
    "43-a-sheep-on-every-bar"
    "44-bicycles-without-straight-lines"
    "45-a-sheep-becomes-a-bus"
    "46-what-is-it"
    "47-your-hand-learned"
    "48-a-map-to-click"
    "49-call-and-answer"
    "50-knobs-that-bend-a-filter"
    "51-the-brain-of-superdirt"
    "52-a-drummer-that-joins"
    "53-a-chorale-under-a-hummed-line"
    "54-a-set-that-learns"
    "55-chords-that-follow-you"
    "56-a-trombone-becomes-a-flute"
];

/// The tunes that some scripts read or learn from.
static TUNES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/tunes");
/// The folder of the tunes, beside the scripts.
const TUNES_FOLDER: &str = "tunes";
/// What a script says that needs it: a file of it is read, or a model learns from all.
const NEED_TUNES: [&str; 2] = ["tunes/", "--data tunes"];

/// The lessons, in their order.
pub struct Course {
    lessons: Vec<Lesson>,
}

impl Course {
    /// Reads the heads of all scripts.
    ///
    /// # Errors
    /// When a head does not say what a lesson needs.
    pub fn open() -> Result<Course, Failure> {
        let read = |&(name, text): &(&'static str, &'static str)| Lesson::read(name, text);
        let lessons = SCRIPTS.iter().map(read).collect::<Result<_, _>>().map_err(Failure::of_use)?;
        Ok(Course { lessons })
    }

    /// All of them.
    pub fn lessons(&self) -> &[Lesson] {
        &self.lessons
    }

    /// Where in the course a lesson lies: by its number, its file's name with or without number and `.lua`, or
    /// its title.
    ///
    /// # Errors
    /// When there is none: with the nearest name.
    pub fn place(&self, wanted: &str) -> Result<usize, Failure> {
        let found = self.lessons.iter().position(|lesson| lesson.answers_to(wanted));
        found.ok_or_else(|| {
            let near = nearest(wanted, self.lessons.iter().map(Lesson::name));
            let near = near.map_or(String::new(), |near| format!(": did you mean `{near}`?"));
            Failure::Use(format!("no example is called `{wanted}`{near} (`lilt examples` lists them all)"))
        })
    }
}

/// Paths and contents of what a script needs beside it, the paths relative to the script.
pub fn needs(lesson: &Lesson) -> Vec<(String, &'static [u8])> {
    if !NEED_TUNES.iter().any(|words| lesson.text().contains(words)) {
        return Vec::new();
    }
    let tunes = TUNES.files();
    tunes.map(|file| (format!("{TUNES_FOLDER}/{}", file.path().display()), file.contents())).collect()
}
