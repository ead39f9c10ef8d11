//! `env`: a signal that follows what another slot strikes.

use std::cell::{OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use lilt_score::{Beat, Controls, Event, Pattern, Query, QueryError, Span, Tone, Velocity};
use mlua::{Function, IntoLua, Lua, Table, Value};

use crate::bind::slot::{SlotValue, slot_name};
use crate::bind::value_of;
use crate::context::context;
use crate::fingerprint::Fingerprint;
use crate::following::DeclaredFollow;
use crate::music::Music;
use crate::options::{number_in, options, table, text};

pub(super) const DOCS: &[&str] = &["env(slot, options)
A signal that follows what another slot strikes: it jumps to 1 where a note begins, lower where it is struck softly, and falls back to 0. It is known from the plan and not from the sound, so what is rendered moves as what is played. With two texts or numbers it is envelope.
@param slot its name, or what play(…) gave
@param attack beats from the strike to the peak, 0 to 4; 0 when left out
@param decay beats from the peak down to 0, 1/16 to 16; 1/2 when left out
@param sound only what this drum or sound strikes, as in \"bd\"
@example play(\"beat\", drums \"bd*2 [~ sd], hh*4\")
draw(\"ring\", circle {}):size(env(\"beat\", { sound = \"bd\" }) / 2 + 0.5)"];

/// Bars of strikes that are remembered for each signal.
const REMEMBERED: usize = 8;

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    let envelope: Function = base.raw_get("envelope")?;
    let env = lua.create_function(move |lua, (first, second): (Value, Value)| {
        let numbers = matches!(&first, Value::String(text) if {
            let text = text.to_string_lossy();
            !text.trim().is_empty() && text.split_whitespace().all(|word| word.parse::<f64>().is_ok())
        });
        if numbers || !matches!(second, Value::Nil | Value::Table(_)) {
            return envelope.call::<Value>((first, second));
        }
        follow(lua, &first, &second)?.into_lua(lua)
    })?;
    base.raw_set("env", env)
}

fn follow(lua: &Lua, slot: &Value, written: &Value) -> mlua::Result<Music> {
    let name: Arc<str> = match value_of::<SlotValue>(slot) {
        Some(slot) => slot.name().into(),
        None => slot_name("env", slot)?.into(),
    };
    let [attack, decay, sound] = options("env", table("env", written)?, ["attack", "decay", "sound"])?;
    let read = |name: &str, value: &Value, least: f64, most: f64, unsaid: f64| match value {
        Value::Nil => Ok(unsaid),
        value => number_in(name, value, least, most),
    };
    let shape = Shape {
        attack: read("attack", &attack, 0.0, 4.0, 0.0)?,
        decay: read("decay", &decay, 1.0 / 16.0, 16.0, 0.5)?,
        sound: if sound.is_nil() { None } else { Some(text("sound", &sound)?) },
    };
    let print = Fingerprint::of("env").text(&name).real(shape.attack).real(shape.decay);
    let print = print.text(shape.sound.as_deref().unwrap_or(""));
    let followed = Rc::new(OnceCell::new());
    let context = context(lua)?;
    let place = context.origin(lua, "env")?.place;
    let declared = DeclaredFollow { name: Arc::clone(&name), followed: Rc::clone(&followed), place };
    context.session("env")?.declared.followed.push(declared);
    let follower = Follower { followed, shape, bars: RefCell::default() };
    let pattern = Pattern::try_new(move |query: Query| {
        let value = follower.at(query)?;
        Ok(vec![Event::flowing(query.span, Controls::number(value))])
    });
    let mut music = Music::signal(pattern, print);
    music.follows = vec![name];
    Ok(music)
}

/// How the signal rises and falls, and after what.
struct Shape {
    attack: f64,
    decay: f64,
    sound: Option<String>,
}

/// Which bar of which length, counted from where.
type Bar = (i64, Beat, Beat);
/// When something is struck, in beats, and how hard, `0..=1`.
type Strikes = Rc<[(f64, f64)]>;

/// Follows the music of a slot, once it is known.
struct Follower {
    followed: Rc<OnceCell<Pattern<Controls>>>,
    shape: Shape,
    bars: RefCell<VecDeque<(Bar, Strikes)>>,
}

impl Follower {
    /// Where the signal stands at the beginning of the span; 0 while nothing is known of the slot.
    fn at(&self, query: Query) -> Result<f64, QueryError> {
        let Some(music) = self.followed.get() else { return Ok(0.0) };
        let now = query.span.start;
        let reach = Beat::approximate(self.shape.attack + self.shape.decay).unwrap_or(Beat::ONE);
        let (first, last) = ((now - reach).floor_div(query.bar), now.floor_div(query.bar));
        let mut value: f64 = 0.0;
        for number in first..=last {
            let strikes = self.strikes(music, query, number)?;
            let heard = strikes.iter().map(|(start, force)| force * self.shape.after(now.to_f64() - start));
            value = heard.fold(value, f64::max);
        }
        Ok(value)
    }

    /// What is struck in a bar.
    fn strikes(&self, music: &Pattern<Controls>, query: Query, number: i64) -> Result<Strikes, QueryError> {
        let bar = (number, query.bar, query.origin);
        let known =
            self.bars.borrow().iter().find(|(known, _)| *known == bar).map(|(_, strikes)| strikes.clone());
        if let Some(known) = known {
            return Ok(known);
        }
        let start = query.bar * Beat::whole(number);
        let events = music.query(query.over(Span::new(start, start + query.bar)))?;
        let strikes: Strikes = events
            .iter()
            .filter(|event| self.shape.hears(&event.value))
            .filter_map(|event| Some((event.onset()?.to_f64(), force(&event.value))))
            .collect();
        let mut bars = self.bars.borrow_mut();
        if bars.len() == REMEMBERED {
            bars.pop_front();
        }
        bars.push_back((bar, Rc::clone(&strikes)));
        Ok(strikes)
    }
}

impl Shape {
    /// How much is left so many beats after a strike.
    fn after(&self, beats: f64) -> f64 {
        if beats < 0.0 {
            0.0
        } else if beats < self.attack {
            beats / self.attack
        } else {
            // As a struck thing rings: fast at first, and then slowly.
            (1.0 - (beats - self.attack) / self.decay).max(0.0).powi(2)
        }
    }

    /// True for what sounds, and is what it follows.
    fn hears(&self, controls: &Controls) -> bool {
        let sound = controls.sound.as_ref().map(|sound| sound.name());
        match (&self.sound, controls.tone) {
            (None, tone) => tone.is_some() || (sound.is_some() && controls.value().is_none()),
            (Some(wanted), Some(Tone::Drum(drum))) if drum.name() == wanted => true,
            (Some(wanted), _) => sound.is_some_and(|sound| sound == wanted.as_str()),
        }
    }
}

/// How hard a note is struck, and how loud it is, of what notes are when nothing is said.
fn force(controls: &Controls) -> f64 {
    let gain = controls.get(lilt_score::Control::GAIN).unwrap_or(1.0);
    (controls.struck().value() * gain / Velocity::DEFAULT.value()).clamp(0.0, 1.0)
}
