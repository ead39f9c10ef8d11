//! A lesson: an example, and what its first comment says about it.

use thiserror::Error;

/// What is wrong with the head of an example.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("examples/{name}.lua: {what}")]
pub struct HeadError {
    name: &'static str,
    what: String,
}

/// An exchange of two pieces of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What is to be replaced; it stands once in the script.
    pub old: String,
    /// What comes in its place.
    pub new: String,
}

/// One example. Its head is a comment in paragraphs:
///
/// ```lua
/// -- 1. A first note.
/// -- You hear: one note in every bar.
/// -- Change: `"c4"` to `"c4 e4 g4"`; then …
/// -- Break: `"c4"` to `"h4"`. Lilt says: `h4` is no note
/// ```
///
/// `First:` may stand before, and `You see:` in place of `You hear:`. The first exchange of `Change` is done by
/// a test, and that of `Break`, after which Lilt says just what the head tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    name: &'static str,
    text: &'static str,
    number: u32,
    title: String,
    first: Option<String>,
    hears: String,
    change: (String, Exchange),
    breaks: (String, Exchange),
    says: String,
}

/// The words that begin the paragraphs of a head.
const PARAGRAPHS: [&str; 5] = ["First:", "You hear:", "You see:", "Change:", "Break:"];
/// How many bytes of a summary a line takes.
const LINE: usize = 90;
/// What stands before the message in the last paragraph.
const SAYS: &str = "Lilt says: ";

impl Lesson {
    /// Reads the head of the script `text` in the file `NAME.lua`.
    ///
    /// # Errors
    /// What is missing in it.
    pub fn read(name: &'static str, text: &'static str) -> Result<Lesson, HeadError> {
        let wrong = |what: &str| HeadError { name, what: what.to_string() };
        let mut lines = text.lines().map_while(|line| line.strip_prefix("--"));
        let title = lines.next().map(str::trim).and_then(|line| line.split_once(". "));
        let (number, title) = title.ok_or_else(|| wrong("its first line is a number and a title"))?;
        let number = number.parse().map_err(|_| wrong("its first line begins with its number"))?;
        let paragraphs = paragraphs(lines);
        let paragraph =
            |begins: &str| paragraphs.iter().find_map(|(word, text)| (*word == begins).then(|| text.clone()));
        let hears = paragraph("You hear:").or_else(|| paragraph("You see:"));
        let change = paragraph("Change:").ok_or_else(|| wrong("nothing is said after `Change:`"))?;
        let breaks = paragraph("Break:").ok_or_else(|| wrong("nothing is said after `Break:`"))?;
        let (doing, says) =
            breaks.split_once(SAYS).ok_or_else(|| wrong("`Break:` does not end in what Lilt says"))?;
        let changes = exchange(&change).ok_or_else(|| wrong("`Change:` begins with `old` to `new`"))?;
        let breaking = exchange(doing).ok_or_else(|| wrong("`Break:` begins with `old` to `new`"))?;
        Ok(Lesson {
            name,
            text,
            number,
            title: title.trim_end_matches('.').to_string(),
            first: paragraph("First:"),
            hears: hears.ok_or_else(|| wrong("nothing is said after `You hear:`"))?,
            breaks: (doing.trim().to_string(), breaking),
            says: says.trim().to_string(),
            change: (change, changes),
        })
    }

    /// The name of its file without `.lua`, as in `01-first-note`.
    pub fn file_name(&self) -> &'static str {
        self.name
    }

    /// Its name without its number, as in `first-note`.
    pub fn name(&self) -> &'static str {
        self.name.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('-')
    }

    /// The script.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Its place in the course, from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Its title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What is to be done before it plays.
    pub fn first(&self) -> Option<&str> {
        self.first.as_deref()
    }

    /// What it sounds like, or looks like.
    pub fn hears(&self) -> &str {
        &self.hears
    }

    /// The same in a line: its first sentence, or as many of its clauses as a line takes.
    pub fn summary(&self) -> &str {
        let end = [". ", "; ", ": "].iter().filter_map(|end| self.hears.find(end)).min();
        let sentence = self.hears[..end.unwrap_or(self.hears.len())].trim_end_matches('.');
        let clauses = sentence.match_indices(", ").map(|(at, _)| at).take_while(|at| *at <= LINE);
        match clauses.last().filter(|_| sentence.len() > LINE) {
            Some(end) => &sentence[..end],
            None => sentence,
        }
    }

    /// What to change.
    pub fn change(&self) -> &str {
        &self.change.0
    }

    /// What breaks it.
    pub fn breaks(&self) -> &str {
        &self.breaks.0
    }

    /// What Lilt says when it is broken so.
    pub fn says(&self) -> &str {
        &self.says
    }

    /// The script after the first exchange of [`Lesson::change`].
    pub fn changed(&self) -> String {
        self.with(&self.change.1)
    }

    /// The script after the exchange of [`Lesson::breaks`].
    #[cfg(test)]
    pub fn broken(&self) -> String {
        self.with(&self.breaks.1)
    }

    /// Whether the canvas shows more than notes.
    pub fn draws(&self) -> bool {
        self.body().contains("draw(")
    }

    /// Whether a performer means this lesson.
    pub fn answers_to(&self, wanted: &str) -> bool {
        let wanted = wanted.trim().trim_end_matches(".lua");
        let number = wanted.parse().is_ok_and(|number: u32| number == self.number);
        number || [self.name, self.name(), self.title()].iter().any(|name| name.eq_ignore_ascii_case(wanted))
    }

    /// The script without its head.
    fn body(&self) -> &'static str {
        let head = self.text.split_inclusive('\n').take_while(|line| line.starts_with("--"));
        &self.text[head.map(str::len).sum()..]
    }

    /// How often the old pieces of the two exchanges stand in the script; its head does not count.
    #[cfg(test)]
    pub fn places(&self) -> [usize; 2] {
        [&self.change.1, &self.breaks.1].map(|exchange| self.body().matches(&exchange.old).count())
    }

    fn with(&self, Exchange { old, new }: &Exchange) -> String {
        let body = self.body();
        let head = &self.text[..self.text.len() - body.len()];
        format!("{head}{}", body.replacen(old, new, 1))
    }
}

/// The paragraphs of a head, each with the word that begins it. Lines that are set in stand alone.
fn paragraphs<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(&'static str, String)> {
    let mut found: Vec<(&'static str, String)> = Vec::new();
    for line in lines {
        let text = line.strip_prefix(' ').unwrap_or(line);
        let begins = PARAGRAPHS.into_iter().find(|word| text.starts_with(word));
        match (begins, found.last_mut()) {
            (Some(word), _) => found.push((word, text[word.len()..].trim().to_string())),
            (None, Some((_, paragraph))) => {
                paragraph.push(if text.starts_with(' ') { '\n' } else { ' ' });
                paragraph.push_str(text.trim_end());
            }
            // Between the title and the first paragraph nothing is expected.
            (None, None) => {}
        }
    }
    found
}

/// The first two pieces in backquotes, with ` to ` between them.
fn exchange(text: &str) -> Option<Exchange> {
    let (_, rest) = text.split_once('`')?;
    let (old, rest) = rest.split_once('`')?;
    let (new, _) = rest.strip_prefix(" to `")?.split_once('`')?;
    Some(Exchange { old: old.to_string(), new: new.to_string() })
}
