//! The verbs of music, a file for each family. To add one, add an entry.

mod bars;
#[cfg(test)]
mod carets;
mod chance;
mod condition;
mod controls;
#[cfg(test)]
mod laws;
mod layer;
mod numbers;
mod pitch;
mod rhythm;
mod slices;
mod time;
mod together;

use lilt_score::Control;

use crate::verb::Verb;

/// Every verb, family by family.
pub(crate) fn all() -> impl Iterator<Item = &'static Verb> {
    let families = [
        time::VERBS,
        bars::VERBS,
        rhythm::VERBS,
        together::VERBS,
        condition::VERBS,
        layer::VERBS,
        chance::VERBS,
        pitch::VERBS,
        numbers::VERBS,
        slices::VERBS,
        controls::verbs(),
    ];
    families.into_iter().flatten()
}

/// The control of recorded sounds that a verb which cuts or stretches them sets, if it is one.
pub(crate) fn recorded(name: &str) -> Option<Control> {
    match name {
        "chop" | "striate" | "slice" | "splice" => Some(Control::BEGIN),
        "fit" | "loopAt" => Some(Control::BARS),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_one_verbs() {
        let mut names: Vec<&str> =
            all().flat_map(|verb| [verb.name].into_iter().chain(verb.aliases.iter().copied())).collect();
        names.sort_unstable();
        let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn every_verb_is_told_of() {
        for verb in all() {
            assert!(verb.summary.ends_with('.'), "{}: {}", verb.name, verb.summary);
            let named = verb.answers_to(verb.name) && verb.example.contains(verb.name);
            assert!(named, "the example of {} shows something else: {}", verb.name, verb.example);
            assert!(verb.params.iter().all(|param| !param.meaning.is_empty()), "{}", verb.name);
        }
    }
}
