//! The documented words of the language, as the app hands them to the language server.

/// What a documented word is, which says where it can stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WordKind {
    /// A function or value with a global name, such as `play` or `reward.no_straight_lines`.
    Function,
    /// A method, written after a colon; named `leaps` or, to say whose it is, `clip:leaps`.
    Method,
    /// A module of the standard library, the argument of `require`.
    Module,
    /// A model, the argument of `model`.
    Model,
    /// An instrument, the argument of `synth`.
    Synth,
    /// A file of music beside the script, the argument of `read`.
    File,
    /// A drum sound, a word in the text of `drums`.
    Drum,
    /// The name of recorded sounds, a word in the text of `sound`.
    Sound,
}

/// One documented word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocEntry {
    /// The word as a script writes it.
    pub name: String,
    /// What it is.
    pub kind: WordKind,
    /// How it is called, such as `play(name, pattern)`.
    pub signature: String,
    /// What it does, in Markdown.
    pub summary: String,
    /// A script that shows it; may be empty.
    pub example: String,
}

impl DocEntry {
    /// The name after the dot or colon that says whose it is.
    pub fn short_name(&self) -> &str {
        self.name.rsplit(['.', ':']).next().unwrap_or(&self.name)
    }

    /// The documentation as an editor shows it, in Markdown.
    pub fn markdown(&self) -> String {
        let mut shown = format!("```lua\n{}\n```\n{}", self.signature, self.summary);
        if !self.example.trim().is_empty() {
            shown.push_str(&format!("\n\n```lua\n{}\n```", self.example.trim()));
        }
        shown
    }
}
