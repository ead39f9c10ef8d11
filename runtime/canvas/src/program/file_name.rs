//! What files are called that the canvas writes.

/// Longest part of a title that is taken into a name, in characters.
const LONGEST: usize = 40;

/// The title of a performance as the beginning of a file's name: letters, digits, `-`, `_` and spaces.
pub(super) fn file_name(title: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "-_ ".contains(c) { c } else { '-' };
    let name: String = title.trim().chars().map(plain).take(LONGEST).collect();
    if name.is_empty() { "lilt".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_names_a_file_in_its_folder() {
        let long = "x".repeat(90);
        for (title, want) in
            [("set", "set"), ("", "lilt"), ("../a/b", "---a-b"), ("Größe 2", "Größe 2"), (&long, &long[..40])]
        {
            assert_eq!(file_name(title), want);
        }
    }
}
