//! The looks of drawings: as methods of a slot that draws, and as options of `draw`.

use lilt_score::{Blend, Control, PALETTE, Rgb};
use mlua::{Lua, UserDataMethods, Value, Variadic};

use crate::bind::slot::SlotValue;
use crate::doc::Doc;
use crate::fault::Fault;
use crate::lift::{self, Numbers};
use crate::options::expected;
use crate::verb::tell_of_range;

/// The documentation of every look.
pub(crate) fn docs() -> Vec<Doc> {
    Control::looks().map(doc).collect()
}

fn doc(look: Control) -> Doc {
    let name = look.name();
    let (low, high) = look.range().into_inner();
    let takes = match look {
        Control::LOOK_COLOUR => {
            let names = PALETTE.map(|(name, _)| name).join(", ");
            format!(
                "a text: {names}, a name of CSS such as tomato, or #rrggbb; several follow each other, as in \"sky <rose amber>\""
            )
        }
        Control::LOOK_BLEND => {
            let names = Blend::ALL.map(|(name, _)| name).join(", ");
            format!("a text: {names}; several follow each other")
        }
        _ => format!("{low} to {high}: a number, a text of numbers, a signal or a function of the beat"),
    };
    Doc {
        name: format!("drawing:{name}"),
        aliases: look.aliases().iter().map(|alias| (*alias).to_owned()).collect(),
        signature: format!("drawing:{name}(amount)"),
        summary: format!("Of a slot that draws; an option of draw too. {}", look.meaning()),
        params: vec![("amount".to_owned(), takes)],
        example: example(look),
    }
}

/// A script in which the look is seen.
fn example(look: Control) -> String {
    let (amount, with) = match look {
        Control::LOOK_X | Control::LOOK_Y => ("sine", ""),
        Control::LOOK_SIZE => ("\"1 .5\"", ""),
        Control::LOOK_ROTATE => ("saw(16)", ""),
        Control::LOOK_COLOUR => ("\"<sky rose>\"", ""),
        Control::LOOK_HUE => ("sine / 4", ""),
        Control::LOOK_WIDTH => ("\"1 3\"", ""),
        Control::LOOK_TRAIL => ("2", ":rotate(saw(16))"),
        Control::LOOK_HOLD => ("1", ":fade(1)"),
        Control::LOOK_FADE => ("2", ""),
        Control::LOOK_GRID => ("\"<1 2 3>\"", ""),
        Control::LOOK_RING | Control::LOOK_KALEIDOSCOPE => ("6", ":x(0.7):size(0.4)"),
        Control::LOOK_LAYER => ("1", ""),
        Control::LOOK_BLEND => ("\"add\"", ":ring(5)"),
        _ => ("sine(8)", ""),
    };
    format!("draw(\"star\", polygon {{ corners = 5 }}):{}({amount}){with}", look.name())
}

/// Every name of every look.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    Control::looks().flat_map(|look| [look.name()].into_iter().chain(look.aliases().iter().copied()))
}

/// Adds a method for each look. Of a slot that plays, what shares its name with one says what it says of music.
pub(super) fn add_methods<M: UserDataMethods<SlotValue>>(methods: &mut M) {
    for name in names() {
        methods.add_method(name, move |lua, this, written: Variadic<Value>| {
            if this.draws(lua, name)? {
                return set(lua, this, name, written.first().unwrap_or(&Value::Nil));
            }
            this.said_of_music(lua, name, &written).unwrap_or_else(|| {
                let fault = Fault::new(format!("`{name}` is a look of drawings, and this slot plays"));
                Err(fault.name(name).help("write it behind draw").into())
            })
        });
    }
}

/// Sets a look of a slot that draws.
///
/// # Errors
/// When the value is none that the look can have.
pub(super) fn set(lua: &Lua, slot: &SlotValue, name: &'static str, value: &Value) -> mlua::Result<SlotValue> {
    let look = Control::look(name).ok_or_else(|| Fault::new(format!("there is no look `{name}`")))?;
    let numbers = read(lua, look, name, value)?;
    slot.set(lua, name, |slot| {
        slot.strip.retain(|(known, _)| *known != look);
        slot.strip.push((look, numbers));
        Ok(())
    })
}

fn read(lua: &Lua, look: Control, name: &str, value: &Value) -> mlua::Result<Numbers> {
    match look {
        Control::LOOK_COLOUR => {
            let words = "write sky, amber, mint, rose, iris, lemon, ember, dusk, moss, lilac, a name of CSS such as tomato, or #rrggbb";
            Ok(named(lua, name, value, |word| {
                let read = word.parse::<Rgb>().map(|rgb| f64::from(rgb.number()));
                read.map_err(|error| {
                    let fault = Fault::new(error.to_string()).text(word).of(name);
                    match lilt_score::nearest(word, PALETTE.iter().map(|(name, _)| *name)) {
                        Some(near) => fault.help(format!("did you mean `{near}`?")),
                        None => fault.help(words),
                    }
                })
            })?)
        }
        Control::LOOK_BLEND => Ok(named(lua, name, value, |word| {
            Blend::number_of(word).map(|number| number as f64).ok_or_else(|| {
                let fault = Fault::new(format!("there is no blend `{word}`")).text(word).of(name);
                fault.nearest(word, Blend::ALL.map(|(name, _)| name))
            })
        })?),
        _ => {
            let mut numbers = lift::numbers(lua, name, value)?;
            let (low, high) = look.range().into_inner();
            tell_of_range(lua, name, (low, high), value, &numbers, |fault| fault)?;
            if let Some(number) = numbers.pattern.steady_value().copied() {
                numbers = Numbers::steady(number.clamp(low, high));
            }
            Ok(numbers)
        }
    }
}

/// A text of names as the numbers that `read` has for them: one name, or several in mini-notation.
fn named(
    lua: &Lua,
    what: &str,
    value: &Value,
    read: impl Fn(&str) -> Result<f64, Fault>,
) -> Result<Numbers, Fault> {
    let Value::String(text) = value else {
        let example = if what == "blend" { "\"add\"" } else { "\"sky\"" };
        return Err(expected(what, &format!("a text of names, as in {example}"), value));
    };
    let text = text.to_string_lossy();
    let alone = !text.contains(|letter: char| letter.is_whitespace() || "<>[]{}|~*/,".contains(letter));
    if alone {
        return read(&text).map(Numbers::steady);
    }
    if text.contains('#') {
        let fault = Fault::new("a text of several colours knows names alone").text(&text).of(what);
        return Err(fault.help("write names, as in \"sky <rose amber>\", or one #rrggbb alone"));
    }
    let (words, which, print) = lift::words(lua, what, &text)?;
    let numbers = words.iter().map(|word| read(word)).collect::<Result<Vec<f64>, Fault>>()?;
    let pattern = which.map(move |which| numbers.get(which as usize).copied().unwrap_or(0.0));
    Ok(Numbers::moving(pattern, print))
}
