//! What ends a command without success, and the exit status it gets.

use std::fmt;
use std::process::ExitCode;

/// Why a command did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The script is wrong; the text is the whole diagnostic, already drawn.
    Script(String),
    /// The words, a file or a device are wrong.
    Use(String),
}

impl Failure {
    /// A failure of use, from anything that can be shown.
    pub fn of_use(error: impl fmt::Display) -> Failure {
        Failure::Use(error.to_string())
    }

    /// 1 where the script is wrong, 2 where the use is.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Script(_) => ExitCode::from(1),
            Failure::Use(_) => ExitCode::from(2),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Script(text) => f.write_str(text.trim_end()),
            Failure::Use(text) => write!(f, "lilt: {text}"),
        }
    }
}
