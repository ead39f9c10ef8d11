//! Documentation of the language: what `lilt doc` prints and an editor shows. It
//! stands beside each binding, and in a comment above each function of the
//! standard library, in one form:
//!
//! ```lua
//! --- tempo(bpm)
//! --- Sets the tempo; the music glides to it.
//! --- @param bpm quarter notes a minute, 20 to 999
//! --- @example tempo(112)
//! ```

use serde::Serialize;

/// One function or method of the language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doc {
    /// As it is called: `tempo`, `clip:transpose`, `reward.calm`.
    pub name: String,
    /// Other names that the same answers to: `room`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// With its parameters: `tempo(bpm)`.
    pub signature: String,
    /// What it does.
    pub summary: String,
    /// Name and meaning of each parameter or option.
    pub params: Vec<(String, String)>,
    /// A line or more that works as it stands.
    pub example: String,
}

impl Doc {
    /// True when this is what somebody means who asks for `name`: the whole name, or
    /// the method alone.
    pub fn answers_to(&self, name: &str) -> bool {
        self.name == name
            || self.name.rsplit([':', '.']).next() == Some(name)
            || self.aliases.iter().any(|alias| alias == name)
    }

    /// Reads one block: signature, summary, `@param`s, `@example`.
    pub(crate) fn parse(block: &str) -> Option<Doc> {
        let mut lines = block.trim().lines().map(str::trim_end);
        let signature = lines.next()?.trim().to_owned();
        let name = signature.split([' ', '(', '{', '"']).next()?.to_owned();
        let mut doc = Doc {
            name,
            signature,
            aliases: vec![],
            summary: String::new(),
            params: vec![],
            example: String::new(),
        };
        let mut example = false;
        for line in lines {
            if let Some(param) = line.trim_start().strip_prefix("@param ") {
                let (name, meaning) = param.trim().split_once(' ').unwrap_or((param.trim(), ""));
                doc.params.push((name.to_owned(), meaning.trim().to_owned()));
            } else if let Some(first) = line.trim_start().strip_prefix("@example") {
                example = true;
                doc.example = first.trim().to_owned();
            } else if example {
                let separator = if doc.example.is_empty() { "" } else { "\n" };
                doc.example += &format!("{separator}{line}");
            } else if let (Some((_, meaning)), true) = (doc.params.last_mut(), line.starts_with("  ")) {
                *meaning = format!("{meaning} {}", line.trim());
            } else {
                let separator = if doc.summary.is_empty() { "" } else { " " };
                doc.summary += &format!("{separator}{}", line.trim());
            }
        }
        Some(doc)
    }

    /// The blocks of `---` comments of a Lua module.
    pub(crate) fn of_module(text: &str) -> Vec<Doc> {
        let mut docs = Vec::new();
        let mut block = String::new();
        for line in text.lines().chain([""]) {
            match line.strip_prefix("---") {
                Some(words) => {
                    block += words.strip_prefix(' ').unwrap_or(words);
                    block.push('\n');
                }
                None => {
                    docs.extend(Doc::parse(&block));
                    block.clear();
                }
            }
        }
        docs
    }
}

/// Everything a script can call, sorted by name.
pub(crate) fn all() -> Vec<Doc> {
    let bindings = crate::bind::docs().into_iter().filter_map(Doc::parse);
    let modules = crate::require::standard_modules();
    let mut docs: Vec<Doc> = bindings
        .chain(crate::bind::music_docs())
        .chain(crate::bind::look_docs())
        .chain(modules.iter().flat_map(|(_, text)| Doc::of_module(text)))
        .collect();
    docs.sort_by(|a, b| a.name.cmp(&b.name));
    docs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_becomes_documentation() {
        let module = "-- A module.\n\n--- euclid(hits, steps)\n--- Spreads hits\n--- evenly.\n--- @param hits how many\n---   of them\n--- @param steps among\n--- @example\n--- euclid(3, 8)\n--- euclid(5, 8)\nlocal function euclid() end\n";
        let doc = Doc {
            name: "euclid".to_owned(),
            aliases: Vec::new(),
            signature: "euclid(hits, steps)".to_owned(),
            summary: "Spreads hits evenly.".to_owned(),
            params: vec![
                ("hits".to_owned(), "how many of them".to_owned()),
                ("steps".to_owned(), "among".to_owned()),
            ],
            example: "euclid(3, 8)\neuclid(5, 8)".to_owned(),
        };
        assert_eq!(Doc::of_module(module), [doc]);
    }
}
