//! Which of the saved files concern the performance.

use std::path::{Path, PathBuf};

/// The files that a performance is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// The script, by the path that its watch was started with.
    pub script: PathBuf,
    /// Names from the script's folder, such as `mine.lua` and `tunes/reel.abc`, of what the script requires, reads
    /// or looks for in vain.
    pub required: Vec<String>,
}

/// What a file is to the performance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// It is the script.
    Script,
    /// The script requires or reads it, or would if it were there.
    Required,
}

impl Watched {
    /// What the file `path` is to the performance; nothing where it is any other file. A script
    /// that requires itself is the script.
    pub fn concerns(&self, path: &Path) -> Option<Concern> {
        if path == self.script {
            return Some(Concern::Script);
        }
        self.required.iter().any(|required| path.ends_with(required)).then_some(Concern::Required)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_script_and_what_it_requires_concern() {
        let watched = Watched {
            script: PathBuf::from("/set/live.lua"),
            required: ["mine.lua", "missing.lua", "tunes/reel.abc"].map(str::to_string).to_vec(),
        };
        let table = [
            ("/set/live.lua", Some(Concern::Script)),
            // Of the same name in the folder of a link's target: another file.
            ("/other/live.lua", None),
            ("/set/mine.lua", Some(Concern::Required)),
            ("/set/missing.lua", Some(Concern::Required)),
            ("/other/mine.lua", Some(Concern::Required)),
            ("/set/tunes/reel.abc", Some(Concern::Required)),
            ("/set/other/reel.abc", None),
            ("/set/reel.abc", None),
            ("/set/mine.luau", None),
            ("/set/other.lua", None),
            ("/", None),
        ];
        for (path, concern) in table {
            assert_eq!(watched.concerns(Path::new(path)), concern, "{path}");
        }
    }
}
