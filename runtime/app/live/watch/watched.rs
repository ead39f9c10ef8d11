//! Which of the saved files concern the performance.

use std::path::{Path, PathBuf};

/// The files that a performance is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// The script, by the path that its watch was started with.
    pub script: PathBuf,
    /// File names, such as `mine.lua`, of what the script requires or looks for in vain.
    pub required: Vec<String>,
}

/// What a file is to the performance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// It is the script.
    Script,
    /// The script requires it, or would if it were there.
    Required,
}

impl Watched {
    /// What the file `path` is to the performance; nothing where it is any other file. A script
    /// that requires itself is the script.
    pub fn concerns(&self, path: &Path) -> Option<Concern> {
        if path == self.script {
            return Some(Concern::Script);
        }
        let name = path.file_name()?.to_str()?;
        self.required.iter().any(|required| required == name).then_some(Concern::Required)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_script_and_what_it_requires_concern() {
        let watched = Watched {
            script: PathBuf::from("/set/live.lua"),
            required: vec!["mine.lua".to_string(), "missing.lua".to_string()],
        };
        let table = [
            ("/set/live.lua", Some(Concern::Script)),
            // Of the same name in the folder of a link's target: another file.
            ("/other/live.lua", None),
            ("/set/mine.lua", Some(Concern::Required)),
            ("/set/missing.lua", Some(Concern::Required)),
            ("/other/mine.lua", Some(Concern::Required)),
            ("/set/mine.luau", None),
            ("/set/other.lua", None),
            ("/", None),
        ];
        for (path, concern) in table {
            assert_eq!(watched.concerns(Path::new(path)), concern, "{path}");
        }
    }
}
