//! What a function of time has answered, by the beat.
//!
//! A beat is heard once. When a function is asked about it again, that is the host's doing and no part of the
//! music: a stretch of the plan was interrupted, or is looked at before it is accepted. So a beat keeps its
//! first answer. That holds for a function that counts in `state` too: it counts beats then and not how often
//! the host looked, and what is rendered is what was heard. What an evaluation writes into `state` is another
//! matter: the performer changes it in order to hear it, so all answers from before are forgotten then.

use std::collections::{HashMap, VecDeque};

use lilt_score::Beat;
use mlua::{Lua, Value};

/// Most answers of one function: 32 bars of a control.
const MOST: usize = 1_024;

/// Longest text that is remembered, in bytes.
const LONGEST: usize = 1_024;

/// The answers of one function.
#[derive(Default)]
pub(crate) struct Remembered {
    /// What `state` was when they were given.
    epoch: u64,
    answers: HashMap<Beat, Plain>,
    /// The oldest first.
    order: VecDeque<Beat>,
}

/// An answer that is the same whoever holds it.
enum Plain {
    Nil,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(Box<[u8]>),
}

impl Remembered {
    /// What was answered for `beat` in this epoch of `state`.
    pub fn recall(&mut self, lua: &Lua, epoch: u64, beat: Beat) -> Option<Value> {
        if self.epoch != epoch {
            *self = Remembered { epoch, ..Remembered::default() };
        }
        Some(match self.answers.get(&beat)? {
            Plain::Nil => Value::Nil,
            Plain::Boolean(flag) => Value::Boolean(*flag),
            Plain::Integer(number) => Value::Integer(*number),
            Plain::Number(number) => Value::Number(*number),
            // Without memory for it the function is asked, which says so.
            Plain::Text(text) => Value::String(lua.create_string(text).ok()?),
        })
    }

    /// Remembers a plain answer for `beat`, and in the place of the oldest when there are too many.
    pub fn remember(&mut self, beat: Beat, answer: &Value) {
        let plain = match answer {
            Value::Nil => Plain::Nil,
            Value::Boolean(flag) => Plain::Boolean(*flag),
            Value::Integer(number) => Plain::Integer(*number),
            Value::Number(number) => Plain::Number(*number),
            Value::String(text) if text.as_bytes().len() <= LONGEST => {
                Plain::Text((&*text.as_bytes()).into())
            }
            // A clip or a drawing may still be changing, and is not small.
            _ => return,
        };
        if self.answers.insert(beat, plain).is_none() {
            self.order.push_back(beat);
        }
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_forgets_with_the_epoch() {
        let lua = Lua::new();
        let mut known = Remembered::default();
        for n in 0..3_000 {
            assert!(known.recall(&lua, 1, Beat::whole(n)).is_none());
            known.remember(Beat::whole(n), &Value::Number(n as f64));
        }
        assert_eq!((known.answers.len(), known.order.len()), (MOST, MOST));
        assert_eq!(known.recall(&lua, 1, Beat::whole(2_999)), Some(Value::Number(2_999.0)));
        assert_eq!(known.recall(&lua, 1, Beat::ZERO), None);
        assert_eq!(known.recall(&lua, 2, Beat::whole(2_999)), None);
    }

    #[test]
    fn only_what_is_plain_is_remembered() {
        let lua = Lua::new();
        let mut known = Remembered::default();
        let text = |length| lua.create_string("a".repeat(length)).map(Value::String).expect("a text");
        let table = Value::Table(lua.create_table().expect("a table"));
        let cases = [(text(LONGEST), true), (text(LONGEST + 1), false), (table, false), (Value::Nil, true)];
        for (n, (value, kept)) in (0..).zip(cases) {
            known.remember(Beat::whole(n), &value);
            assert_eq!(known.recall(&lua, 0, Beat::whole(n)), kept.then_some(value), "{n}");
        }
    }
}
