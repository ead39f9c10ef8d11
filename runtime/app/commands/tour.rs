//! `lilt tour`: plays lesson after lesson, live, from scripts of the listener's own.

mod player;

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::thread;

use crossbeam::channel::{self, Receiver, Sender};

use crate::command_line::Tour;
use crate::commands::examples;
use crate::course::{Course, Doing, Lesson, Seen, Walk, needs};
use crate::failure::Failure;
use crate::folder::read_script;

use player::Player;

/// Widest line that the tour says, in characters.
const WIDTH: usize = 92;

/// What wakes the tour.
enum Happening {
    /// A line was typed; nothing when there are no more.
    Typed(Option<String>),
    /// The host of this number tells something; one that was left may still be heard.
    Host(u64, Told),
}

/// What a host tells.
enum Told {
    /// It says a line.
    Said(String),
    /// It plays something else.
    Seen(Seen),
    /// It has ended.
    Ended,
}

/// Walks through the course until it is over, or somebody has had enough.
pub fn tour(words: Tour) -> Result<(), Failure> {
    let course = Course::open()?;
    let mut place = words.lesson.as_deref().map_or(Ok(0), |lesson| course.place(lesson))?;
    let (happenings, happened) = channel::unbounded();
    listen(happenings.clone())?;
    if io::stdin().is_terminal() {
        say("Welcome. Lilt plays each lesson; you change its script in any editor, and save.");
    }
    let mut number = 0;
    loop {
        number += 1;
        let of = &course.lessons()[place];
        let script = own_script(of, &words.folder)?;
        let walk = Walk::at(&course, place, &read_script(&script).map_err(Failure::Use)?);
        let player = Player::start(number, &script, &words, of.draws(), happenings.clone())?;
        let next = lesson(walk, &script, number, &happened);
        player.stop();
        match next {
            Doing::Lesson(next) => place = next,
            Doing::Stay | Doing::End => break,
        }
    }
    say("The scripts are yours: `lilt live FILE` plays one of them.");
    Ok(())
}

/// One lesson, until something else is to be done.
fn lesson(mut walk: Walk, script: &Path, number: u64, happened: &Receiver<Happening>) -> Doing {
    println!();
    walk.welcome(&script.display().to_string()).iter().for_each(|line| say(line));
    for happening in happened {
        match happening {
            Happening::Typed(None) => return Doing::End,
            Happening::Typed(Some(line)) => match walk.typed(&line) {
                Doing::Stay => say("Enter goes on, `b` and Enter back, a number or a name there, `q` ends."),
                doing => return doing,
            },
            Happening::Host(of, _) if of != number => {}
            // What the host itself says is set in, so that the tour's own words stand out.
            Happening::Host(_, Told::Said(line)) => println!("    {line}"),
            Happening::Host(_, Told::Seen(seen)) => walk.see(&seen).iter().for_each(|line| say(line)),
            Happening::Host(_, Told::Ended) => {
                say("The host has ended by itself. Enter starts the next lesson, its number this one again.");
            }
        }
    }
    Doing::End
}

/// The listener's own script of the lesson: the one of before where there is one.
fn own_script(lesson: &Lesson, folder: &Path) -> Result<PathBuf, Failure> {
    let script = folder.join(format!("{}.lua", lesson.file_name()));
    match script.is_file() && needs(lesson).iter().all(|(path, _)| folder.join(path).is_file()) {
        true => Ok(script),
        false => examples::copy(lesson, folder),
    }
}

/// Reads what is typed, on a thread of its own.
fn listen(happenings: Sender<Happening>) -> Result<(), Failure> {
    let reading = thread::Builder::new().name("lilt typed".to_string()).spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if happenings.send(Happening::Typed(Some(line))).is_err() {
                return;
            }
        }
        // The tour may be over.
        let _over = happenings.send(Happening::Typed(None));
    });
    reading.map(drop).map_err(Failure::of_use)
}

/// Says a paragraph, in lines that fit.
fn say(text: &str) {
    for paragraph in text.lines() {
        wrapped(paragraph).iter().for_each(|line| println!("{line}"));
    }
    // A terminal that is gone hears nothing.
    let _gone = io::stdout().flush();
}

/// Words in lines of [`WIDTH`] characters at most, as far as a word fits.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is one from the beginning");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(word.to_string());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_lose_no_word() {
        let text = "a few words that are said again and again ".repeat(9);
        let lines = wrapped(&text);
        assert!(lines.len() > 3 && lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:?}");
        assert_eq!(lines.join(" "), text);
        assert_eq!(wrapped(""), [""]);
        let long = "x".repeat(2 * WIDTH);
        assert_eq!(wrapped(&format!("a {long} b")), ["a", &long, "b"]);
    }
}
