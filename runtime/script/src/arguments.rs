//! Where what a call was given stands in a text.

use crate::tokens::{Kind, Token};
use crate::verbs;

/// What a value was given to: a call, by one of its names, or an option of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Argument {
    /// The name of what was called, or of the option.
    pub of: String,
    /// Which argument it is, from 0; of a method the first is the one in its brackets. `None` is any of them.
    pub index: Option<usize>,
    /// True where the plain function of that name takes music before these arguments.
    pub behind_music: bool,
}

impl Argument {
    /// What was given to `of`, in a box: it travels in results.
    pub fn of(of: &str, index: Option<usize>) -> Box<Argument> {
        Box::new(Argument { of: of.to_owned(), index, behind_music: false })
    }
}

/// Calls whose first argument is the name of a slot: a value that is not told by its number is behind it.
const NAMED: [&str; 3] = ["play", "draw", "loop"];

/// What was given so, in the order of the text; each call of the name and each option may be meant.
pub(crate) fn given<'a>(tokens: &'a [Token], text: &str, argument: &Argument) -> Vec<&'a [Token]> {
    let names = names(&argument.of);
    let named = NAMED.contains(&argument.of.as_str());
    let mut found = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        if token.kind != Kind::Word || !names.contains(&token.text(text)) {
            continue;
        }
        let method = i.checked_sub(1).is_some_and(|before| tokens[before].text(text) == ":");
        let shift = usize::from(argument.behind_music && !method);
        let rest = &tokens[i + 1..];
        match rest.first().map(|next| (next.kind, next.text(text))) {
            Some((Kind::Sign, "(")) => {
                for (at, slice) in split(&rest[1..], text, |sign| sign == ")").into_iter().enumerate() {
                    let wanted = match argument.index {
                        Some(index) => at == index + shift,
                        None => !named || at > 0,
                    };
                    if wanted && !slice.is_empty() {
                        found.push(slice);
                    }
                }
            }
            Some((Kind::Text, _)) if argument.index.is_none_or(|index| index + shift == 0) => {
                found.push(&rest[..1]);
            }
            Some((Kind::Sign, "{")) if argument.index.is_none_or(|index| index + shift == 0) => {
                let inside: usize =
                    split(&rest[1..], text, |sign| sign == "}").iter().map(|s| s.len() + 1).sum();
                found.push(&rest[..rest.len().min(inside + 1)]);
            }
            // An option; a name that is set is none, but what it is set to may be what is meant.
            Some((Kind::Sign, "=")) => {
                let ends = |sign: &str| matches!(sign, "}" | ")" | ";");
                let slices = split(&rest[1..], text, ends);
                let value = slices.first().copied().unwrap_or_default();
                let line = value.first().map_or(0, |first| first.line);
                let here = value.iter().take_while(|token| token.line == line).count();
                found.extend(Some(&value[..here]).filter(|value| !value.is_empty()));
            }
            _ => {}
        }
    }
    found.sort_by_key(|given| given[0].at.start);
    found
}

/// All tokens of what was given, in the order of the text.
pub(crate) fn words(given: &[&[Token]]) -> Vec<Token> {
    let mut tokens = given.concat();
    tokens.sort_by_key(|token| token.at.start);
    tokens.dedup();
    tokens
}

/// All names that what is called so answers to.
pub(crate) fn names(of: &str) -> Vec<&str> {
    let verb = verbs::all().find(|verb| verb.answers_to(of));
    let aliases =
        verb.into_iter().flat_map(|verb| [verb.name].into_iter().chain(verb.aliases.iter().copied()));
    let control = lilt_score::Control::named(of).into_iter();
    let controls =
        control.flat_map(|control| [control.name()].into_iter().chain(control.aliases().iter().copied()));
    let mut names = vec![of];
    names.extend(aliases.chain(controls));
    names
}

/// What stands between commas, up to the sign outside all brackets that ends it.
fn split<'a>(tokens: &'a [Token], text: &str, ends: impl Fn(&str) -> bool) -> Vec<&'a [Token]> {
    let (mut depth, mut from, mut slices) = (0_usize, 0, Vec::new());
    for (i, token) in tokens.iter().enumerate() {
        let sign = token.text(text);
        let opens = matches!(sign, "(" | "[" | "{" | "function" | "do" | "then" | "repeat");
        if token.kind == Kind::Text || token.kind == Kind::Number {
            continue;
        }
        if depth == 0 && (ends(sign) || sign == ",") {
            slices.push(&tokens[from..i]);
            from = i + 1;
            if sign != "," {
                return slices;
            }
        } else if opens {
            depth += 1;
        } else if matches!(sign, ")" | "]" | "}" | "end" | "until") {
            depth = depth.saturating_sub(1);
        } else if sign == "elseif" {
            // Its `then` opens no further block.
            depth = depth.saturating_sub(1);
        }
    }
    slices.push(&tokens[from..]);
    slices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::tokens;

    #[test]
    fn what_a_call_was_given_is_found() {
        let text = "play('a', 'a x'):fast('2'):gain(f(1, 2), 3) fast('4', 'c4') note(60, { length = 'x', pan = 1 }) only 'b'";
        let tokens = tokens(text);
        let found = |of: &str, index, behind_music| {
            let argument = Argument { of: of.to_owned(), index, behind_music };
            let given = given(&tokens, text, &argument);
            words(&given).iter().map(|token| token.text(text)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found("play", None, false), "'a x'");
        assert_eq!(found("play", Some(0), false), "'a'");
        assert_eq!(found("fast", Some(0), true), "'2' 'c4'");
        assert_eq!(found("gain", Some(0), true), "f ( 1 , 2 )");
        assert_eq!(found("gain", Some(1), true), "3");
        assert_eq!(found("length", None, false), "'x'");
        assert_eq!(found("only", Some(0), false), "'b'");
        assert_eq!(found("nothing", None, false), "");
        let text = "only { 'a', { 'b' } } clip { 60 }";
        let tokens = super::super::tokens::tokens(text);
        let given = given(&tokens, text, &Argument::of("only", Some(0)));
        assert_eq!(given.len(), 1);
        assert_eq!(given[0].last().map(|last| last.at.end), Some(21));
    }
}
