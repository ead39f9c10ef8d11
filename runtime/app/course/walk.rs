//! A walk through the course: what is said to somebody who listens, changes and breaks lesson after lesson.
//!
//! It decides alone; the script's file, the host that plays it and the terminal are `lilt tour`'s.

use lilt_editor::protocol::{Status, text_mark};

use super::{Course, Lesson};

/// What the host plays, as far as the walk looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Stands for the newest text.
    pub text: Option<String>,
    /// What is wrong with it.
    pub error: Option<String>,
    /// The slots that play.
    pub slots: Vec<String>,
}

impl Seen {
    /// What a status of the host tells.
    pub fn of(status: &Status) -> Seen {
        Seen {
            text: status.text.clone(),
            error: status.last_error.as_ref().map(|error| error.message.clone()),
            slots: status.slots.iter().map(|slot| slot.name.clone()).collect(),
        }
    }
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// The lesson at this place of the course.
    Lesson(usize),
    /// The same lesson: what was typed means nothing.
    Stay,
    /// No more.
    End,
}

/// Somebody in the course.
pub struct Walk<'a> {
    course: &'a Course,
    place: usize,
    /// The text that was looked at last, and whether it was wrong.
    last: (String, bool),
    /// Whether a change of this lesson was heard.
    changed: bool,
    /// Whether this lesson was broken.
    broken: bool,
}

impl<'a> Walk<'a> {
    /// At the beginning of a lesson, by its place in the course, whose script says `text`.
    pub fn at(course: &'a Course, place: usize, text: &str) -> Walk<'a> {
        Walk { course, place, last: (text_mark(text), false), changed: false, broken: false }
    }

    /// The lesson.
    fn lesson(&self) -> &'a Lesson {
        &self.course.lessons()[self.place]
    }

    /// What is said when the lesson begins, whose script is `path`.
    pub fn welcome(&self, path: &str) -> Vec<String> {
        let lesson = self.lesson();
        let mut said = vec![
            format!("{} of {} · {}", self.place + 1, self.course.lessons().len(), lesson.title()),
            format!("You hear: {}", lesson.hears()),
        ];
        said.extend(lesson.first().map(|first| format!("First: {first}")));
        said.push(format!("Open {path} in an editor and change {}", lesson.change()));
        said.push(
            "Save, and listen. (Enter goes on, `b` and Enter back, a number there, `q` ends.)".to_string(),
        );
        said
    }

    /// What is said about a status of the host; nothing when it plays the text of before.
    pub fn see(&mut self, seen: &Seen) -> Vec<String> {
        let Some(text) = &seen.text else { return Vec::new() };
        let now = (text.clone(), seen.error.is_some());
        if self.last == now {
            return Vec::new();
        }
        let (_, was_wrong) = std::mem::replace(&mut self.last, now);
        match &seen.error {
            Some(error) => self.wrong(error, &seen.slots),
            None if was_wrong => vec![format!("Whole again, and nobody missed a beat. {}", self.onward())],
            None => self.heard(text),
        }
    }

    fn heard(&mut self, text: &str) -> Vec<String> {
        let lesson = self.lesson();
        let mut said = Vec::new();
        if *text == text_mark(&lesson.changed()) {
            said.push("That is the change, and you hear it from the next bar on.".to_string());
        } else if *text == text_mark(lesson.text()) {
            said.push("As it was at first.".to_string());
        } else {
            said.push("A change of your own, and you hear it from the next bar on.".to_string());
        }
        if !std::mem::replace(&mut self.changed, true) && !self.broken {
            said.push(format!("When you like, break it: {}", lesson.breaks()));
        }
        said
    }

    fn wrong(&mut self, error: &str, slots: &[String]) -> Vec<String> {
        let as_told = error == self.lesson().says();
        self.broken |= as_told;
        let music = match slots {
            [] => "Nothing plays yet.".to_string(),
            slots => format!("The music goes on: {}.", slots.join(", ")),
        };
        match as_told {
            true => vec![format!("Broken, as promised. {music} Put it back when you like.")],
            false => vec![format!("That broke it in a way of your own. {music} Mend it, or take it back.")],
        }
    }

    fn onward(&self) -> String {
        match self.course.lessons().get(self.place + 1) {
            Some(next) if self.broken => format!("Enter goes on to {}, {}.", next.number(), next.title()),
            Some(_) => String::new(),
            None => "That was the last lesson: the rest is yours.".to_string(),
        }
    }

    /// Where a line that was typed leads.
    pub fn typed(&self, line: &str) -> Doing {
        let last = self.course.lessons().len() - 1;
        match line.trim() {
            "" if self.place == last => Doing::End,
            "" => Doing::Lesson(self.place + 1),
            "b" | "back" => Doing::Lesson(self.place.saturating_sub(1)),
            "q" | "quit" => Doing::End,
            name => self.course.place(name).map_or(Doing::Stay, Doing::Lesson),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str, error: Option<&str>) -> Seen {
        Seen {
            text: Some(text_mark(text)),
            error: error.map(str::to_string),
            slots: vec!["hello".to_string()],
        }
    }

    #[test]
    fn a_lesson_is_heard_changed_broken_and_mended() {
        let course = Course::open().expect("a course");
        let lesson = &course.lessons()[0];
        let mut walk = Walk::at(&course, 0, lesson.text());
        assert_eq!(walk.see(&seen(lesson.text(), None)), [""; 0], "it begins");
        assert_eq!(walk.see(&seen(lesson.text(), None)), [""; 0], "and plays on");
        let changed = walk.see(&seen(&lesson.changed(), None));
        assert_eq!(changed[0], "That is the change, and you hear it from the next bar on.");
        assert_eq!(changed[1], format!("When you like, break it: {}", lesson.breaks()));
        assert_eq!(
            walk.see(&seen("play(", Some("something else"))),
            ["That broke it in a way of your own. The music goes on: hello. Mend it, or take it back."]
        );
        assert_eq!(
            walk.see(&seen(&lesson.broken(), Some(lesson.says()))),
            ["Broken, as promised. The music goes on: hello. Put it back when you like."]
        );
        let next = &course.lessons()[1];
        assert_eq!(
            walk.see(&seen(lesson.text(), None)),
            [format!(
                "Whole again, and nobody missed a beat. Enter goes on to {}, {}.",
                next.number(),
                next.title()
            )]
        );
        assert_eq!(
            walk.see(&seen("-- mine", None)),
            ["A change of your own, and you hear it from the next bar on."]
        );
    }

    #[test]
    fn what_is_typed_leads_somewhere() {
        let course = Course::open().expect("a course");
        let last = course.lessons().len() - 1;
        let walk = Walk::at(&course, 1, "");
        for (typed, doing) in [
            ("", Doing::Lesson(2)),
            ("b", Doing::Lesson(0)),
            ("q\n", Doing::End),
            ("1", Doing::Lesson(0)),
            ("beat", Doing::Lesson(1)),
            ("bear", Doing::Stay),
            ("999", Doing::Stay),
        ] {
            assert_eq!(walk.typed(typed), doing, "{typed:?}");
        }
        assert_eq!(Walk::at(&course, 0, "").typed("back"), Doing::Lesson(0));
        assert_eq!(Walk::at(&course, last, "").typed(""), Doing::End);
    }
}
