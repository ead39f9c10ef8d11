//! A file of tunes, and how one of them is found.

use super::fields::field;
use super::reader::{self, Header};
use super::text::{decode, lines};
use super::{AbcError, Tune};
use crate::nearest;

/// A book of tunes, in the order of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Book {
    /// Each tune, or why it cannot be read.
    pub tunes: Vec<Result<Tune, AbcError>>,
}

/// Why a book has no such tune.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BookError {
    /// There is no tune at all.
    #[error(
        "there is no tune in it: each begins with a line like `X:1`, and its header ends with one like `K:G`"
    )]
    NoTunes,
    /// No tune has the number.
    #[error("there is no tune {asked} in this book: its numbers are {numbers}")]
    NoNumber {
        /// The number that was asked for.
        asked: u32,
        /// Those that there are.
        numbers: String,
    },
    /// No tune has the title.
    #[error("there is no tune `{asked}` in this book: {instead}")]
    NoTitle {
        /// The title that was asked for.
        asked: String,
        /// A near one, or what there is.
        instead: String,
    },
    /// The tune is there, and cannot be read.
    #[error(transparent)]
    Unreadable(#[from] AbcError),
}

impl Book {
    /// Reads the bytes of a file, in whatever characters it is written (see [`decode`]).
    pub fn of_bytes(bytes: &[u8]) -> Book {
        Book::read(&decode(bytes))
    }

    /// Reads a book. A tune begins with an `X:` field and ends at an empty line or the next `X:`; one without `X:`
    /// begins with another field of its header, and has a `K:`. Metre, unit length and tempo before the first tune
    /// hold for all. What stands between tunes is passed over.
    pub fn read(text: &str) -> Book {
        let pages = Pages::of(text);
        let header = Header::of_file(&pages.header);
        Book { tunes: pages.tunes.iter().map(|lines| reader::read(lines, &header, None)).collect() }
    }

    /// The tune of that number: that of its `X:` field, or in a book without such numbers its place from 1.
    ///
    /// # Errors
    /// See [`BookError`].
    pub fn number(&self, asked: u32) -> Result<&Tune, BookError> {
        let numbers: Vec<u32> = self.tunes.iter().filter_map(number).collect();
        let found = if numbers.is_empty() {
            (asked as usize).checked_sub(1).and_then(|index| self.tunes.get(index))
        } else {
            self.tunes.iter().find(|tune| number(tune) == Some(asked))
        };
        match (found, numbers.iter().min(), numbers.iter().max()) {
            (Some(tune), ..) => readable(tune),
            _ if self.tunes.is_empty() => Err(BookError::NoTunes),
            (None, Some(least), Some(most)) if least < most => {
                Err(BookError::NoNumber { asked, numbers: format!("from {least} to {most}") })
            }
            (None, Some(only), _) => Err(BookError::NoNumber { asked, numbers: format!("{only} alone") }),
            (None, None, _) => Err(BookError::NoNumber {
                asked,
                numbers: format!("1 to {}, by their places", self.tunes.len()),
            }),
        }
    }

    /// The tune of that title, the first if there are several. Case, accents of punctuation and the place of an
    /// article (`The Kesh`, `Kesh, The`) do not count; a part of a title is enough where only one has it.
    ///
    /// # Errors
    /// See [`BookError`].
    pub fn title(&self, asked: &str) -> Result<&Tune, BookError> {
        if self.tunes.is_empty() {
            return Err(BookError::NoTunes);
        }
        let wanted = plain(asked);
        let titles: Vec<(String, &str, usize)> = self
            .tunes
            .iter()
            .enumerate()
            .flat_map(|(index, tune)| titles(tune).map(move |title| (plain(title), title, index)))
            .collect();
        if let Some((_, _, index)) = titles.iter().find(|(title, ..)| *title == wanted) {
            return readable(&self.tunes[*index]);
        }
        let mut parts = titles.iter().filter(|(title, ..)| !wanted.is_empty() && title.contains(&wanted));
        if let (Some((_, _, index)), None) = (parts.next(), parts.next()) {
            return readable(&self.tunes[*index]);
        }
        let several: Vec<&str> =
            titles.iter().filter(|(t, ..)| !wanted.is_empty() && t.contains(&wanted)).map(|t| t.1).collect();
        let near = nearest(&wanted, titles.iter().map(|(title, ..)| title.as_str()));
        let near = titles.iter().find(|(title, ..)| Some(title.as_str()) == near).map(|(_, title, _)| *title);
        let instead = match (several.as_slice(), near, titles.first(), titles.last()) {
            ([one, another, ..], ..) => {
                format!("several have that in their title, such as `{one}` and `{another}`")
            }
            (_, Some(near), ..) => format!("did you mean `{near}`?"),
            (_, _, Some((_, first, _)), Some((_, last, _))) if titles.len() > 1 => {
                format!("it has {} tunes, from `{first}` to `{last}`", self.tunes.len())
            }
            (_, _, Some((_, only, _)), _) => format!("its only one is `{only}`"),
            _ => "its tunes have no titles; ask for a number".to_owned(),
        };
        Err(BookError::NoTitle { asked: asked.to_owned(), instead })
    }

    /// The tune of a number, if the text is one, or of a title.
    ///
    /// # Errors
    /// See [`BookError`].
    pub fn find(&self, asked: &str) -> Result<&Tune, BookError> {
        match asked.trim().parse() {
            Ok(number) => self.number(number),
            Err(_) => self.title(asked),
        }
    }

    /// The first tune.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn first(&self) -> Result<&Tune, BookError> {
        self.tunes.first().map_or(Err(BookError::NoTunes), readable)
    }
}

/// Reads one tune, as it stands in a script: the first of a book or, where there is no `K:`, music in C with what
/// fields it has; without any, in 4/4 and eighths.
///
/// # Errors
/// When it cannot be read.
pub fn read_tune(text: &str) -> Result<Tune, AbcError> {
    if let Some(tune) = Book::read(text).tunes.into_iter().next() {
        return tune;
    }
    let lines: Vec<(usize, &str)> = lines(text).filter(|(_, line)| !line.trim().is_empty()).collect();
    reader::read(&lines, &Header::default(), Some("C"))
}

fn readable(tune: &Result<Tune, AbcError>) -> Result<&Tune, BookError> {
    tune.as_ref().map_err(|error| error.clone().into())
}

fn number(tune: &Result<Tune, AbcError>) -> Option<u32> {
    tune.as_ref().map_or_else(|error| error.number, |tune| tune.number)
}

fn titles(tune: &Result<Tune, AbcError>) -> impl Iterator<Item = &str> {
    let (first, others) = match tune {
        Ok(tune) => (&tune.title, tune.other_titles.as_slice()),
        Err(error) => (&error.title, [].as_slice()),
    };
    std::iter::once(first.as_str()).chain(others.iter().map(String::as_str)).filter(|title| !title.is_empty())
}

/// A title by its words alone, the article at the front.
fn plain(title: &str) -> String {
    let words: Vec<String> = title
        .to_lowercase()
        .split(|c: char| c.is_whitespace() || c == ',' || c == '-')
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect())
        .filter(|word: &String| !word.is_empty())
        .collect();
    match words.split_last() {
        Some((article, rest)) if title.contains(',') && matches!(article.as_str(), "the" | "a" | "an") => {
            format!("{article} {}", rest.join(" "))
        }
        _ => words.join(" "),
    }
}

/// The lines of a file, dealt out to its tunes.
#[derive(Default)]
struct Pages<'a> {
    /// Fields before the first tune.
    header: Vec<(usize, &'a str)>,
    tunes: Vec<Vec<(usize, &'a str)>>,
}

impl<'a> Pages<'a> {
    fn of(text: &'a str) -> Pages<'a> {
        let mut pages = Pages::default();
        let mut page: Vec<(usize, &str)> = Vec::new();
        let mut has_key = false;
        // An empty line stands between a header and what follows.
        let mut gap = false;
        // Text for the printer, which may hold anything.
        let mut hidden = false;
        for (number, line) in lines(text) {
            let trimmed = line.trim();
            let found = field(line);
            let is_x = matches!(found, Some(('X', _)));
            if hidden && !is_x {
                hidden = !trimmed.starts_with("%%end");
                continue;
            }
            hidden = trimmed.starts_with("%%begin");
            if hidden {
                continue;
            }
            if is_x
                || (trimmed.is_empty() && has_key)
                || (gap && found.is_none() && !trimmed.is_empty() && !trimmed.starts_with('%'))
            {
                pages.end(&mut page, has_key);
                has_key = false;
            }
            gap = trimmed.is_empty();
            // A tune without `X:` begins with another field; what else stands between tunes is for readers of books.
            if trimmed.is_empty() || (page.is_empty() && found.is_none()) {
                continue;
            }
            has_key |= matches!(found, Some(('K', _)));
            page.push((number, line));
        }
        pages.end(&mut page, has_key);
        pages
    }

    fn end(&mut self, page: &mut Vec<(usize, &'a str)>, has_key: bool) {
        let page = std::mem::take(page);
        let numbered = page.first().is_some_and(|(_, line)| matches!(field(line), Some(('X', _))));
        if numbered || has_key {
            self.tunes.push(page);
        } else if self.tunes.is_empty() {
            self.header.extend(page);
        }
    }
}
