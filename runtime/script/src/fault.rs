//! What a binding raises when a script uses it wrongly, before its place is known.

use std::fmt;
use std::ops::Range;

use crate::arguments::Argument;

/// What the message is about, so that its place in the text can be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The line as a whole.
    Line,
    /// A value that is written as one word: a number, true, false, or a text.
    Word(String),
    /// A name: a global, an option, a method.
    Name(String),
    /// A name where it stands on the running line, or else that line.
    Here(String),
    /// The first of these signs or words that stands on the running line, or else that line.
    Among(&'static [&'static str]),
    /// All that was given as the argument; where several may be meant one that begins with this word.
    Given(&'static str),
    /// The only name that is called on the running line, or else that line.
    Call,
    /// Some bytes of the file.
    At(Range<usize>),
    /// A string of the script, and the bytes of it that are wrong.
    Text(String, Range<usize>),
}

/// Most names that are listed where none is near: more than that nobody reads.
const MOST_LISTED: usize = 60;

/// A wrong use of the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// What it is about.
    pub mark: Mark,
    /// What that was given to, where it is known: the same word may stand elsewhere.
    pub argument: Option<Box<Argument>>,
    /// Which of several that are as near it is.
    pub turn: usize,
}

impl Fault {
    /// A fault of the line that is running.
    pub fn new(message: impl Into<String>) -> Fault {
        Fault { message: message.into(), help: None, mark: Mark::Line, argument: None, turn: 0 }
    }

    /// With what to write instead.
    pub fn help(mut self, help: impl Into<String>) -> Fault {
        self.help = Some(help.into());
        self
    }

    /// About a name near that line: where it is called or set rather than where it is read.
    pub fn name(mut self, name: impl Into<String>) -> Fault {
        self.mark = Mark::Name(name.into());
        self
    }

    /// About a value near that line that is written as one word.
    pub fn word(mut self, word: impl Into<String>) -> Fault {
        self.mark = Mark::Word(word.into());
        self
    }

    /// About a name where it stands on that very line, or else about the line.
    pub fn here(mut self, word: impl Into<String>) -> Fault {
        self.mark = Mark::Here(word.into());
        self
    }

    /// About what was given as the argument that it is of, all of it; where several may be meant one that begins
    /// with this word, if that is not empty.
    pub fn given(mut self, begins: &'static str) -> Fault {
        self.mark = Mark::Given(begins);
        self
    }

    /// About the first of these signs or words on that line.
    pub fn among(mut self, words: &'static [&'static str]) -> Fault {
        self.mark = Mark::Among(words);
        self
    }

    /// About what is called on that line.
    pub fn call(mut self) -> Fault {
        self.mark = Mark::Call;
        self
    }

    /// About a name near that line, where it is about nothing more particular.
    pub fn or_word(self, word: &str) -> Fault {
        if self.mark == Mark::Line { self.name(word) } else { self }
    }

    /// About something that was given to what is called `of`, or to the option of that name, unless that is
    /// known already.
    pub fn of(mut self, of: &str) -> Fault {
        self.argument.get_or_insert_with(|| Argument::of(of, None));
        self
    }

    /// About the argument `index` of a call of `of`, from 0.
    pub fn argument(mut self, of: &str, index: usize) -> Fault {
        self.argument = Some(Argument::of(of, Some(index)));
        self
    }

    /// About the argument `index` of the verb `of`, unless something more particular is known of it.
    pub fn of_verb(mut self, of: &str, index: usize) -> Fault {
        if self.argument.as_ref().is_none_or(|known| known.of == of && known.index.is_none()) {
            self.argument = Some(Box::new(Argument { behind_music: true, ..*Argument::of(of, Some(index)) }));
        }
        self
    }

    /// About that one of several that are as near, from 0.
    pub fn turn(mut self, turn: usize) -> Fault {
        self.turn = turn;
        self
    }

    /// About some bytes of the file.
    pub fn at(mut self, bytes: Range<usize>) -> Fault {
        self.mark = Mark::At(bytes);
        self
    }

    /// About a whole string on that line.
    pub fn text(self, text: impl Into<String>) -> Fault {
        let text = text.into();
        let whole = 0..text.len();
        self.within(text, whole)
    }

    /// About some bytes of a string on that line.
    pub fn within(mut self, text: impl Into<String>, at: Range<usize>) -> Fault {
        self.mark = Mark::Text(text.into(), at);
        self
    }

    /// With the nearest of `known` as help, or the list of all when none is near: of very many the first.
    pub fn nearest<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Fault {
        let known: Vec<&str> = known.into_iter().collect();
        let help = match lilt_score::nearest(word, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => match known.len().checked_sub(MOST_LISTED).filter(|more| *more > 0) {
                None => format!("there is {}", listed(&known)),
                Some(more) => format!("there is {} and {more} more", known[..MOST_LISTED].join(", ")),
            },
        };
        self.help(help)
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for mlua::Error {
    fn from(fault: Fault) -> mlua::Error {
        mlua::Error::external(fault)
    }
}

impl From<lilt_score::ClipError> for Fault {
    fn from(error: lilt_score::ClipError) -> Fault {
        Fault::new(error.to_string())
    }
}

impl From<lilt_inference::ModelError> for Fault {
    fn from(error: lilt_inference::ModelError) -> Fault {
        use lilt_inference::ModelError;
        match error {
            ModelError::Unsupported { model, verb, can } => {
                Fault::new(format!("`{model}` cannot {verb}")).help(format!("it can {}", listed(&can)))
            }
            ModelError::Medium { wanted, given } => {
                let (wanted_piece, given) = (wanted.piece(), given.piece());
                Fault::new(format!("this is a {given}, where only a {wanted_piece} will do"))
                    .help(format!("give it {wanted}"))
            }
            other => Fault::new(other.to_string()),
        }
    }
}
