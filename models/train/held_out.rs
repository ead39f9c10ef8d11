//! Which part of the data a piece belongs to: by its key alone, so that it stays there whatever else is in the folder.

use lilt_models::card::sha256;

/// A part of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// To learn from.
    Train,
    /// To choose weights by.
    Valid,
    /// To measure on.
    Test,
}

impl Part {
    /// The part of what has this key: of a hundred, so many to choose weights by and so many more to measure on, by the
    /// first 24 bits of the key's SHA-256.
    pub fn of(key: &str, [valid, test]: [u32; 2]) -> Part {
        let digits = sha256(key.as_bytes());
        let bits = digits
            .bytes()
            .take(6)
            .fold(0, |bits, digit| bits * 16 + char::from(digit).to_digit(16).unwrap_or(0));
        match bits % 100 {
            percent if percent < valid => Part::Valid,
            percent if percent < valid + test => Part::Test,
            _ => Part::Train,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_lies_where_its_hash_says() {
        // SHA-256 of "abc" begins with ba7816: 12,220,438, and 38 of a hundred.
        for (held_out, part) in
            [([39, 10], Part::Valid), ([38, 1], Part::Test), ([10, 28], Part::Train), ([0, 0], Part::Train)]
        {
            assert_eq!(Part::of("abc", held_out), part, "{held_out:?}");
        }
    }
}
