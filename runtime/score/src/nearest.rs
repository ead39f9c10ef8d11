//! The nearest right name to a wrong one, for "did you mean".

use strsim::damerau_levenshtein;

/// The candidate that differs least from `word`, if it differs little: by at most a
/// third of the letters of the longer one (at least one), counting each letter that is
/// added, dropped, changed or swapped with its neighbour. Case does not count. Of equals, the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            // Comparing is quadratic: what differs in length alone is not compared.
            let longer = length.max(candidate.chars().count());
            let shorter = length.min(candidate.chars().count());
            let most = (longer / 3).max(1);
            if longer - shorter > most {
                return None;
            }
            let distance = damerau_levenshtein(&word, &candidate.to_lowercase());
            (distance <= most && distance < longer).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names() {
        let names = ["tempo", "transpose", "bd", "sd", "strength", "a"];
        for (word, found) in [
            ("tmepo", Some("tempo")),
            ("Tempo", Some("tempo")),
            ("transpsoe", Some("transpose")),
            ("strenght", Some("strength")),
            ("bf", Some("bd")),
            ("xylophone", None),
            ("qq", None),
            ("b", Some("bd")),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(word, names), found, "{word}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), names), None);
    }
}
