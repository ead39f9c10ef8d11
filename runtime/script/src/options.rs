//! Reading what a script gives to a binding: strictly, with a message that says
//! what was expected.

use lilt_score::{Beat, Pitch};
use mlua::{Table, Value};

use crate::fault::{Fault, listed};
use crate::state::opened;

/// How a value is called in a message: `a number`, `nothing`.
pub(crate) fn described(value: &Value) -> String {
    match value {
        Value::Nil => "nothing".to_owned(),
        Value::Boolean(true) => "true".to_owned(),
        Value::Boolean(false) => "false".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            let text = text.to_string_lossy();
            if text.chars().count() > 40 { "a text".to_owned() } else { format!("the text \"{text}\"") }
        }
        Value::Table(_) => "a table".to_owned(),
        Value::Function(_) => "a function".to_owned(),
        Value::UserData(data) => match data.type_name() {
            Ok(name) => format!("a {}", name.to_string_lossy()),
            Err(_) => "a value of Lilt".to_owned(),
        },
        other => format!("a {}", other.type_name()),
    }
}

/// How a plain value is written, to find it in the script.
pub(crate) fn written_as(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string_lossy()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Boolean(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// The word of the script that a value was written as where it was given to `what`, to point at.
fn mark(fault: Fault, what: &str, value: &Value) -> Fault {
    let fault = fault.of(what);
    match value {
        Value::String(text) => fault.text(text.to_string_lossy()),
        value => match written_as(value) {
            Some(word) => fault.word(word),
            None => match value {
                Value::Table(_) => fault.given("{"),
                Value::Function(_) => fault.given("function"),
                _ => fault.given(""),
            },
        },
    }
}

/// `what` expected something else.
pub(crate) fn expected(what: &str, expectation: &str, value: &Value) -> Fault {
    let fault = Fault::new(format!("`{what}` expects {expectation}, got {}", described(value)));
    if matches!(value, Value::Nil) { fault.name(what) } else { mark(fault, what, value) }
}

/// That `what`, which takes `takes`, was given nothing more than that: `more` stands behind the first `from`
/// arguments. `help` says what else may be meant, if anything.
///
/// # Errors
/// When there is more.
pub(crate) fn nothing_more(
    what: &str,
    takes: &str,
    from: usize,
    more: &[Value],
    help: &str,
) -> Result<(), Fault> {
    let Some((at, surplus)) = more.iter().enumerate().find(|(_, value)| !value.is_nil()) else {
        return Ok(());
    };
    let fault = Fault::new(format!("`{what}` takes {takes}, and got {} too", described(surplus)));
    let fault = match (surplus, written_as(surplus)) {
        (Value::String(text), _) => fault.text(text.to_string_lossy()).argument(what, from + at),
        (_, Some(word)) => fault.word(word).argument(what, from + at),
        (_, None) => fault.name(what),
    };
    Err(if help.is_empty() { fault } else { fault.help(help) })
}

/// A finite number.
///
/// # Errors
/// When it is another kind of value, or not finite.
pub(crate) fn number(what: &str, value: &Value) -> Result<f64, Fault> {
    let number = match value {
        Value::Integer(number) => *number as f64,
        Value::Number(number) => *number,
        Value::String(text) => {
            let meant = crate::amount::meant(what, &text.to_string_lossy());
            return Err(meant.unwrap_or_else(|| expected(what, "a number", value)));
        }
        _ => return Err(expected(what, "a number", value)),
    };
    if number.is_finite() {
        Ok(number)
    } else {
        Err(Fault::new(format!("`{what}` expects a number, got {number}")).name(what))
    }
}

/// A number within a range, both ends included.
///
/// # Errors
/// When it is outside.
pub(crate) fn number_in(what: &str, value: &Value, least: f64, most: f64) -> Result<f64, Fault> {
    let number = number(what, value)?;
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(mark(
            Fault::new(format!("`{what}` is {number}: write a number from {least} to {most}")),
            what,
            value,
        ))
    }
}

/// A whole number within a range, both ends included.
///
/// # Errors
/// When it is outside, or not whole.
pub(crate) fn whole_in(what: &str, value: &Value, least: i64, most: i64) -> Result<i64, Fault> {
    let number = number(what, value)?;
    if number.fract() == 0.0 && (least as f64..=most as f64).contains(&number) {
        Ok(number as i64)
    } else {
        Err(mark(
            Fault::new(format!("`{what}` is {number}: write a whole number from {least} to {most}")),
            what,
            value,
        ))
    }
}

/// A number of beats: a number, or a text such as `"3/2"`.
///
/// # Errors
/// When it is neither, or beyond ±10⁹.
pub(crate) fn beats(what: &str, value: &Value) -> Result<Beat, Fault> {
    if let Value::String(text) = value {
        return text
            .to_string_lossy()
            .parse()
            .map_err(|error| mark(Fault::new(format!("`{what}`: {error}")), what, value));
    }
    let number = number(what, value)?;
    Beat::approximate(number)
        .ok_or_else(|| mark(Fault::new(format!("`{what}` is {number}: too many beats")), what, value))
}

/// A pitch: a MIDI number or a name.
///
/// # Errors
/// When it is neither.
pub(crate) fn pitch(what: &str, value: &Value) -> Result<Pitch, Fault> {
    let parsed = match value {
        Value::String(text) => text.to_string_lossy().parse(),
        Value::Integer(_) | Value::Number(_) => Pitch::new(match value {
            Value::Integer(number) => *number as f64,
            Value::Number(number) => *number,
            _ => f64::NAN,
        }),
        _ => return Err(expected(what, "a pitch, as in 60 or \"c4\"", value)),
    };
    parsed.map_err(|error: lilt_score::PitchError| mark(Fault::new(error.to_string()), what, value))
}

/// A text.
///
/// # Errors
/// When it is another kind of value.
pub(crate) fn text(what: &str, value: &Value) -> Result<String, Fault> {
    match value {
        Value::String(text) => Ok(text.to_string_lossy()),
        _ => Err(expected(what, "a text in quotes", value)),
    }
}

/// A table, or `None` for nothing.
///
/// # Errors
/// When it is another kind of value.
pub(crate) fn table(what: &str, value: &Value) -> Result<Option<Table>, Fault> {
    match value {
        Value::Nil => Ok(None),
        Value::Table(table) => Ok(Some(opened(table))),
        _ => Err(expected(what, "a table of options, as in { bars = 4 }", value)),
    }
}

/// The values of the options called `known`, in that order; what was not written is nil.
///
/// # Errors
/// When the table has any other key.
pub(crate) fn options<const N: usize>(
    what: &str,
    table: Option<Table>,
    known: [&str; N],
) -> mlua::Result<[Value; N]> {
    let mut read = options_among(what, table, &known)?.into_iter();
    Ok(std::array::from_fn(|_| read.next().unwrap_or(Value::Nil)))
}

/// As [`options`], for options that are known only while the program runs.
///
/// # Errors
/// When the table has any other key.
pub(crate) fn options_among(what: &str, table: Option<Table>, known: &[&str]) -> mlua::Result<Vec<Value>> {
    let mut values = vec![Value::Nil; known.len()];
    let Some(table) = table else { return Ok(values) };
    for pair in table.pairs::<Value, Value>() {
        let (key, value) = pair?;
        let name = match &key {
            Value::String(name) => name.to_string_lossy(),
            _ => {
                let help = format!("its options are {}", listed(known));
                return Err(Fault::new(format!(
                    "`{what}` expects options with names, got {}",
                    described(&value)
                ))
                .name(what)
                .help(help)
                .into());
            }
        };
        match known.iter().position(|known| *known == name) {
            Some(i) => values[i] = value,
            None => {
                let fault = Fault::new(format!("`{what}` has no option `{name}`")).name(&name);
                return Err(match lilt_score::nearest(&name, known.iter().copied()) {
                    Some(near) => fault.help(format!("did you mean `{near}`?")),
                    None if known.is_empty() => fault.help("it has no options"),
                    None => fault.help(format!("its options are {}", listed(known))),
                }
                .into());
            }
        }
    }
    Ok(values)
}
