//! Numbers outside what a verb or a control takes: what is written is told of where it is written, what moves is
//! looked at in its first bars.

use lilt_score::{Beat, Control, Pattern, Query, Span};
use mlua::{Lua, Value};

use super::Kind;
use crate::context::context;
use crate::fault::Fault;
use crate::lift::{self, Numbers};

/// Bars of a moving argument that are looked at for its largest value.
const LOOKED_AT: i64 = 16;

/// A bound as it is told: `1/64` rather than 0.015625.
pub(super) fn shown(number: f64) -> String {
    if number.fract() == 0.0 {
        return number.to_string();
    }
    Beat::approximate(number)
        .filter(|beat| beat.denominator() <= 1_024)
        .map_or(number.to_string(), |b| b.to_string())
}

/// A number that is written, where it must lie within its parameter's range; `mark` says where it is written.
pub(super) fn bounded(
    name: &str,
    number: f64,
    kind: Kind,
    mark: impl FnOnce(Fault) -> Fault,
) -> Result<f64, Fault> {
    let (Kind::Number { least, most } | Kind::Whole { least, most }) = kind else { return Ok(number) };
    let whole = matches!(kind, Kind::Whole { .. });
    if (least..=most).contains(&number) && (!whole || number.fract() == 0.0) {
        return Ok(number);
    }
    let a = if whole { "a whole number" } else { "a number" };
    let told = format!("`{name}` is {number}: write {a} from {} to {}", shown(least), shown(most));
    Err(mark(Fault::new(told)))
}

/// Tells of a number that moves out of its parameter's range: how far, and what it is taken as; `mark` says where
/// it is written.
///
/// # Errors
/// When no evaluation is under way.
pub(super) fn tell_of_bounds(
    lua: &Lua,
    name: &str,
    (far, near): (f64, f64),
    kind: Kind,
    mark: impl FnOnce(Fault) -> Fault,
) -> Result<(), Fault> {
    let (Kind::Number { least, most } | Kind::Whole { least, most }) = kind else { return Ok(()) };
    // A number between two whole ones is the lower of them.
    if (least..=most).contains(&far) {
        return Ok(());
    }
    let (least, most, near) = (shown(least), shown(most), shown(near));
    let far = (far * 1e3).round() / 1e3;
    let fault = Fault::new(format!("`{name}` comes to {far}, outside {least} to {most}: taken as {near}"));
    context(lua)?.notice(lua, name, mark(fault))
}

/// The values of a moving number over its first bars, where it answers.
pub(super) fn first_values(numbers: &Pattern<f64>) -> Vec<f64> {
    let bar = Beat::whole(4);
    // A signal answers with one value for each question.
    let bars = (0..LOOKED_AT).map(|i| Span::new(bar * Beat::whole(i), bar * Beat::whole(i + 1)));
    let events = bars.filter_map(|bar_of| numbers.query(Query::new(bar_of, bar)).ok());
    events.flatten().map(|event| event.value).collect()
}

/// Tells of numbers of the control `name` that are written outside its range, where they are played at its end: one that does
/// not move, or those of a text, each under its own caret. `of` says to what they were given.
///
/// # Errors
/// When no evaluation is under way.
pub(crate) fn tell_of_range(
    lua: &Lua,
    name: &str,
    (low, high): (f64, f64),
    written: &Value,
    numbers: &Numbers,
    of: impl Fn(Fault) -> Fault,
) -> Result<(), Fault> {
    let tell = |number: f64, mark: &dyn Fn(Fault) -> Fault| {
        if (low..=high).contains(&number) {
            return Ok(());
        }
        let near = number.clamp(low, high);
        let fault = Fault::new(format!("{name} {number} is outside {low} to {high}: played at {near}"));
        context(lua)?.notice(lua, name, of(mark(fault)))
    };
    match written {
        Value::String(text) => {
            let text = text.to_string_lossy();
            lift::written_numbers(&text)
                .into_iter()
                .try_for_each(|(number, at)| tell(number, &|fault| fault.within(&*text, at.clone())))
        }
        _ => match numbers.pattern.steady_value() {
            Some(number) => tell(*number, &|fault| fault.word(number.to_string())),
            // A function is asked only while the music plays.
            None if written.is_userdata() => {
                let outside = |number: &f64| !(low..=high).contains(number);
                match sampled(&numbers.pattern).into_iter().find(outside) {
                    Some(far) => tell((far * 1e3).round() / 1e3, &|fault| fault.given("")),
                    None => Ok(()),
                }
            }
            None => Ok(()),
        },
    }
}

/// What is told of a number outside its control's range that a function of the script wrote while the music is made.
pub(crate) fn clamped(what: &str, name: &str, control: Control, number: f64) -> Option<Fault> {
    let (low, high) = control.range().into_inner();
    if (low..=high).contains(&number) {
        return None;
    }
    let (near, number) = (number.clamp(low, high), (number * 1e3).round() / 1e3);
    let told = format!("`{name}` of `{what}` comes to {number}, outside {low} to {high}: played at {near}");
    Some(Fault::new(told).name(name))
}

/// Values of moving numbers here and there in their first bars, where they answer: steps of five eighths of a bar
/// come to every eighth of one.
pub(super) fn sampled(numbers: &Pattern<f64>) -> Vec<f64> {
    let (bar, cell) = (Beat::whole(4), Beat::new(1, 2));
    let starts = (0..LOOKED_AT * 2).map(|i| Beat::new(5 * i, 2));
    let cells = starts.map(|start| Span::new(start, start + cell));
    let events = cells.filter_map(|cell| numbers.query(Query::new(cell, bar)).ok());
    events.filter_map(|events| events.first().map(|event| event.value)).collect()
}
