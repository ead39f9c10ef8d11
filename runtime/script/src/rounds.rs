//! What is wrong in the rounds of loops, which an evaluation does not run: names that nothing has, sounds and
//! pitches that there are not, a round without a sleep. It is told before the loop plays, wherever in a round it
//! stands.

use std::collections::HashSet;

use lilt_score::Pitch;
use mlua::Table;

use crate::bind::struck;
use crate::fault::Fault;
use crate::looping::no_sleep;
use crate::tokens::{Kind, Token, function_body, is_keyword};
use crate::vm::Vm;

/// The first mistake in the rounds that are written in a text, with its line. `environment` is what the text has set.
pub(crate) fn mistake(vm: &Vm, environment: &Table, text: &str, tokens: &[Token]) -> Option<(u32, Fault)> {
    let words = Words { text, tokens };
    let own = words.declared();
    let in_loops = (0..tokens.len()).find_map(|at| words.mistake_of_loop(at, &own, vm, environment));
    in_loops.or_else(|| (0..tokens.len()).find_map(|at| words.mistake_of_call(at, &own, vm)))
}

/// The words of a text.
struct Words<'a> {
    text: &'a str,
    tokens: &'a [Token],
}

impl<'a> Words<'a> {
    fn word(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| token.text(self.text))
    }

    /// Whether a name stands there that is no field of something.
    fn is_name(&self, at: usize) -> bool {
        let field = at.checked_sub(1).is_some_and(|before| matches!(self.word(before), "." | ":"));
        let name = self.tokens.get(at).is_some_and(|token| token.kind == Kind::Word);
        name && !field && !is_keyword(self.word(at)) && self.word(at) != "continue"
    }

    fn is_text(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Text)
    }

    /// All names that the text declares or sets somewhere.
    fn declared(&self) -> HashSet<&'a str> {
        let mut names = HashSet::from(["self"]);
        for at in 0..self.tokens.len() {
            match self.word(at) {
                "local" | "function" | "for" if self.tokens[at].kind == Kind::Word => {
                    let ends = |word: &str| matches!(word, "=" | "in" | ")" | "do" | "");
                    let listed = (at + 1..self.tokens.len()).take_while(|at| !ends(self.word(*at)));
                    let line = self.tokens[at].line;
                    // What is declared without a value ends with its line.
                    let here =
                        listed.take_while(|at| self.tokens[*at].line == line || self.word(at - 1) == ",");
                    names.extend(here.filter(|at| self.is_name(*at)).map(|at| self.word(at)));
                }
                "=" | "+=" | "-=" | "*=" | "/=" | "..=" => {
                    // All names of the list that is set, from the last to the first.
                    let mut end = at;
                    while end > 0 && self.is_name(end - 1) {
                        names.insert(self.word(end - 1));
                        if end < 2 || self.word(end - 2) != "," {
                            break;
                        }
                        end -= 2;
                    }
                }
                _ => {}
            }
        }
        names
    }

    fn mistake_of_loop(
        &self,
        at: usize,
        own: &HashSet<&str>,
        vm: &Vm,
        environment: &Table,
    ) -> Option<(u32, Fault)> {
        let is_loop = self.word(at) == "loop"
            && self.is_name(at)
            && !own.contains("loop")
            && self.word(at + 1) == "("
            && self.is_text(at + 2)
            && self.word(at + 3) == ","
            && self.word(at + 4) == "function";
        if !is_loop {
            return None;
        }
        let body = function_body(self.tokens, self.text, at + 4);
        for at in body.clone().filter(|at| self.is_name(*at)) {
            let (word, token) = (self.word(at), &self.tokens[at]);
            if own.contains(word) {
                continue;
            }
            if let Some(fault) = vm.unknown(environment, word) {
                return Some((token.line, fault.at(token.at.clone())));
            }
        }
        // A function of the script may sleep.
        let may_sleep = |at: usize| {
            self.is_name(at) && (own.contains(self.word(at)) || matches!(self.word(at), "sleep" | "sync"))
        };
        if body.clone().any(may_sleep) {
            return None;
        }
        let name = &self.tokens[at + 2];
        let meant = String::from_utf8(name.meaning(self.text)?.0).ok()?;
        Some((name.line, no_sleep(&meant).at(name.at.clone())))
    }

    /// Where something is struck that there is not; only loops strike, in whatever function it stands.
    fn mistake_of_call(&self, at: usize, own: &HashSet<&str>, vm: &Vm) -> Option<(u32, Fault)> {
        let word = self.word(at);
        if !matches!(word, "hit" | "note") || !self.is_name(at) || own.contains(word) {
            return None;
        }
        let (given, name) = self.literal(at)?;
        Some((given.line, of_literal(vm, word, &name)?.at(given.at.clone())))
    }

    /// The text that a call is given alone or before options, and what it means.
    fn literal(&self, call: usize) -> Option<(&'a Token, String)> {
        let at = if self.word(call + 1) == "(" { call + 2 } else { call + 1 };
        let ends = at == call + 1 || matches!(self.word(at + 1), ")" | ",");
        let token = self.tokens.get(at).filter(|_| ends && self.is_text(at))?;
        Some((token, String::from_utf8(token.meaning(self.text)?.0).ok()?))
    }
}

/// What is wrong with a text that `word` is given.
fn of_literal(vm: &Vm, word: &str, name: &str) -> Option<Fault> {
    match word {
        "hit" => struck(&vm.context, name).err(),
        // What is none at all is told of where a pattern may be meant.
        "note" if !name.contains(char::is_whitespace) => {
            name.parse::<Pitch>().err().map(|error| Fault::new(error.to_string()))
        }
        _ => None,
    }
}
