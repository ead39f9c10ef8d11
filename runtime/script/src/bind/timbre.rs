//! `model "timbre"`: a space of sounds, whose places are instruments.

use std::sync::Arc;

use lilt_inference::{Heard, TimbreSpace};
use lilt_score::{Pattern, Seed, Sound, TimbrePlace};
use mlua::{Function, Lua, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value, Variadic};

use crate::bind::{no_method, value_of};
use crate::context::context;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::lift::{Numbers, numbers};
use crate::options::{described, expected, nothing_more, number_in, options_among, table, text, whole_in};
use crate::sounds::NamedSound;

pub(super) const DOCS: &[&str] = &[
    "timbre:at(sound, other, way)
A place in the space of sounds, for play(…):on(…): that of a sound, or one on the way between two. Each note is played where its place is when it begins. The sounds are those of General MIDI and some of our own, such as moo, wind, engine and glass; `timbre:names()` lists them.
@param sound its name, as in \"trombone\", or a place; a word of the name will do, as in \"bell\"
@param other where the way leads
@param way how far it has come, 0 to 1; a text, a signal or a function moves it. 0.5 when left out
@example local t = model \"timbre\" play(\"lead\", notes \"c3 e3 g3 e3\"):on(t:at(\"trombone\", \"flute\", sine(4)))",
    "timbre:names()
The names of all sounds that have a place: a list.
@example print(#model(\"timbre\"):names())",
    "timbre:sample(options)
A place that nobody named, by chance.
@param seed another number, another place; 0 when left out
@example play(\"found\", notes \"c4 g3\"):on(model(\"timbre\"):sample { seed = 4 })",
    "timbre:interpolate(from, to, options)
The straight way from one place to another: a list of places, both ends included.
@param from a sound's name, or a place
@param to a sound's name, or a place
@param steps how many places, 2 to 64; 5 when left out
@example local way = model(\"timbre\"):interpolate(\"moo\", \"trombone\", { steps = 3 }) play(\"half\", notes \"c3\"):on(way[2])",
    "timbre:tilt(reward, options)
The same space, leant toward what a function likes: `sample` of it draws 64 places, and one of them by how much the function likes what is heard there. A sound says its brightness(), in octaves over the pitch; noise(), 0 to 1; attack(), in seconds; loudness(), in decibels; and decay(), the decibels by which it falls in a second.
@param reward a function of a sound that gives a number
@param strength how much it leans; 1 when left out, 0 not at all
@example local strange = model(\"timbre\"):tilt(function(sound) return 3 * sound:noise() - sound:brightness() end) play(\"found\", notes \"c4 g3\"):on(strange:sample { seed = 4 })",
    "place:onset(seconds)
The same place without the beginning of each note: what rings after it.
@param seconds how much is left out, 0 to 4
@example play(\"tails\", notes \"c4 g4\"):on(model(\"timbre\"):at(\"bell\"):onset(0.4))",
];

/// Its name among the models.
pub(super) const NAME: &str = "timbre";

/// Places on a way: so many and no more are told apart, so that notes that come back to one are not made anew.
const STEPS: usize = 64;

/// Places that are drawn where the space leans.
const DRAWN: u64 = 64;

/// The space as a script holds it.
#[derive(Clone)]
pub(super) struct SpaceValue(Arc<dyn TimbreSpace>);

/// The space leant toward what a function likes.
struct LeantValue {
    space: SpaceValue,
    reward: Function,
    strength: f64,
}

/// What a reward hears.
struct HeardValue(Heard);

/// A place as a script holds it, or places over time.
#[derive(Clone)]
pub(crate) struct PlaceValue {
    places: Arc<[TimbrePlace]>,
    /// Which of them when, from 0 to 1; none where there is one.
    way: Option<Numbers>,
    print: u64,
}

impl PlaceValue {
    fn still(place: TimbrePlace) -> PlaceValue {
        let print = print_of(&place);
        PlaceValue { places: [place].into(), way: None, print }
    }

    /// Equal for equal places that move alike.
    pub fn print(&self) -> u64 {
        self.print
    }

    /// What sounds when.
    pub fn sounds(&self) -> Pattern<NamedSound> {
        let named: Vec<NamedSound> = self
            .places
            .iter()
            .map(|place| NamedSound { sound: Sound::Timbre(place.clone()), number: None })
            .collect();
        let last = named.len() - 1;
        // A number that is none stays at the beginning.
        let at = move |way: f64| named[(way.clamp(0.0, 1.0) * last as f64).round() as usize].clone();
        match &self.way {
            None => Pattern::steady(at(0.0)),
            Some(way) => way.pattern.map(at),
        }
    }

    /// The one place that it is.
    fn one(&self, what: &str) -> Result<TimbrePlace, Fault> {
        match (&self.way, self.places.first()) {
            (None, Some(place)) => Ok(place.clone()),
            _ => Err(Fault::new("a place that moves is no end of a way")
                .name(what)
                .help("say the two sounds themselves, and what moves last, as in t:at(\"flute\", \"bell\", sine(4))")),
        }
    }

    /// Each of its places changed alike.
    fn each(&self, change: impl Fn(&TimbrePlace) -> TimbrePlace, print: Fingerprint) -> PlaceValue {
        let places = self.places.iter().map(change).collect();
        PlaceValue { places, way: self.way.clone(), print: print.number(self.print).value() }
    }
}

fn print_of(place: &TimbrePlace) -> u64 {
    let print = Fingerprint::of("place").text(place.decoder().identity()).real(place.onset().into());
    place.at().iter().fold(print, |print, x| print.number(x.to_bits().into())).value()
}

impl SpaceValue {
    /// The space, loaded where nobody has.
    pub(super) fn load(lua: &Lua, written: &Value) -> mlua::Result<SpaceValue> {
        options_among("model", table("model", written)?, &[])?;
        let space = context(lua)?.timbres().map_err(|error| Fault::from(error).text(NAME))?;
        Ok(SpaceValue(space))
    }

    fn place(&self, name: &str, at: Arc<[f32]>) -> TimbrePlace {
        TimbrePlace::new(Arc::clone(&self.0).decoder(), name, at)
    }

    /// A sound's name or a place, as a script says it to `what` as its argument `number`.
    fn read(&self, what: &str, value: &Value) -> Result<TimbrePlace, Fault> {
        if let Some(place) = value_of::<PlaceValue>(value) {
            return place.one(what);
        }
        if !matches!(value, Value::String(_)) {
            return Err(expected(what, "a sound's name, as in \"trombone\", or a place", value));
        }
        let name = text(what, value)?;
        let at = self
            .0
            .named(&name)
            .map_err(|help| Fault::new(format!("the space has no sound `{name}`")).text(&name).help(help))?;
        Ok(self.place(&name, at))
    }

    fn at(&self, lua: &Lua, sound: &Value, other: &Value, way: &Value) -> Result<PlaceValue, Fault> {
        let from = self.read("at", sound)?;
        if other.is_nil() {
            return Ok(PlaceValue::still(from));
        }
        let to = self.read("at", other)?;
        let way = match way {
            Value::Nil => Numbers::steady(0.5),
            Value::Integer(_) | Value::Number(_) => Numbers::steady(number_in("at", way, 0.0, 1.0)?),
            way => numbers(lua, "at", way)?,
        };
        if let Some(way) = way.pattern.steady_value() {
            return Ok(PlaceValue::still(from.towards(&to, *way as f32)));
        }
        let print = Fingerprint::of("way").number(print_of(&from)).number(print_of(&to)).number(way.print);
        let places = (0..=STEPS).map(|step| from.towards(&to, step as f32 / STEPS as f32)).collect();
        Ok(PlaceValue { places, way: Some(way), print: print.value() })
    }
}

impl UserData for SpaceValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "timbre");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method(
            "at",
            |lua, this, (sound, other, way, more): (Value, Value, Value, Variadic<Value>)| {
                nothing_more("at", "a sound, another, and how far the way has come", 3, &more, "")?;
                Ok(this.at(lua, &sound, &other, &way)?)
            },
        );
        methods.add_method("names", |_, this, ()| Ok(this.0.names().to_vec()));
        methods.add_method("sample", |_, this, written: Value| {
            let seed = seed_of(&written)?;
            Ok(PlaceValue::still(this.place(&format!("place {seed}"), this.0.drawn(seed as u64))))
        });
        methods.add_method("tilt", |_, this, (reward, written): (Value, Value)| {
            let Value::Function(reward) = reward else {
                return Err(expected("tilt", "a function of a sound", &reward).into());
            };
            let values = options_among("tilt", table("tilt", &written)?, &["strength"])?;
            let strength = match values.first() {
                None | Some(Value::Nil) => 1.0,
                Some(strength) => number_in("strength", strength, 0.0, 100.0)?,
            };
            Ok(LeantValue { space: this.clone(), reward, strength })
        });
        methods.add_method("interpolate", |lua, this, (from, to, written): (Value, Value, Value)| {
            let (from, to) = (this.read("interpolate", &from)?, this.read("interpolate", &to)?);
            let values = options_among("interpolate", table("interpolate", &written)?, &["steps"])?;
            let steps = match values.first() {
                None | Some(Value::Nil) => 5,
                Some(steps) => whole_in("steps", steps, 2, 64)?,
            };
            let list: Table = lua.create_table()?;
            for step in 0..steps {
                let share = step as f32 / (steps - 1) as f32;
                list.raw_push(PlaceValue::still(from.towards(&to, share)))?;
            }
            Ok(list)
        });
        methods.add_meta_method(MetaMethod::ToString, |_, _, ()| Ok("model \"timbre\"".to_owned()));
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            Err(no_method("timbre", DOCS, [], &key).into())
        });
    }
}

impl LeantValue {
    /// One of [`DRAWN`] places, each as likely as e to the strength times its reward (Rubin 1987, sampling by importance
    /// and resampling).
    fn sample(&self, seed: u64) -> mlua::Result<TimbrePlace> {
        let root = Seed(seed);
        let mut best: Option<(f64, Arc<[f32]>)> = None;
        for number in 0..DRAWN {
            let own = root.child_number(number);
            let at = self.space.0.drawn(own.0);
            let told: Value = self.reward.call(HeardValue(self.space.0.heard(&at)))?;
            let worth = match told {
                Value::Integer(worth) => worth as f64,
                Value::Number(worth) if worth.is_finite() => worth,
                other => {
                    let fault = format!(
                        "the function of `tilt` must return a number, but it returned {}",
                        described(&other)
                    );
                    return Err(Fault::new(fault).name("tilt").into());
                }
            };
            // The largest of these is drawn with just that likelihood (Gumbel 1954). 2⁵³ numbers between 0 and 1, neither
            // of them itself.
            let even = ((own.child("gumbel").0 >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
            let rank = self.strength * worth - (-even.ln()).ln();
            if best.as_ref().is_none_or(|(most, _)| rank > *most) {
                best = Some((rank, at));
            }
        }
        let at = best.map_or_else(|| self.space.0.drawn(seed), |(_, at)| at);
        Ok(self.space.place(&format!("place {seed}, leant"), at))
    }
}

impl UserData for LeantValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "timbre");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("sample", |_, this, written: Value| {
            Ok(PlaceValue::still(this.sample(seed_of(&written)? as u64)?))
        });
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            let fault = no_method("timbre that leans", &[], ["sample"], &key);
            Err(fault.into())
        });
    }
}

impl UserData for HeardValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "sound");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("brightness", |_, this, ()| Ok(this.0.brightness));
        methods.add_method("noise", |_, this, ()| Ok(this.0.noise));
        methods.add_method("attack", |_, this, ()| Ok(this.0.attack));
        methods.add_method("loudness", |_, this, ()| Ok(this.0.loudness));
        methods.add_method("decay", |_, this, ()| Ok(this.0.decay));
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            let known = ["brightness", "noise", "attack", "loudness", "decay"];
            Err(no_method("sound", &[], known, &key).into())
        });
    }
}

/// The seed that options say, or 0.
fn seed_of(written: &Value) -> mlua::Result<i64> {
    let values = options_among("sample", table("sample", written)?, &["seed"])?;
    Ok(match values.first() {
        None | Some(Value::Nil) => 0,
        Some(seed) => whole_in("seed", seed, -(1 << 53), 1 << 53)?,
    })
}

impl UserData for PlaceValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "place");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("onset", |_, this, (seconds, more): (Value, Variadic<Value>)| {
            nothing_more("onset", "seconds", 1, &more, "")?;
            let seconds = number_in("onset", &seconds, 0.0, 4.0)?;
            let print = Fingerprint::of("onset").real(seconds);
            Ok(this.each(|place| place.clone().with_onset(seconds as f32), print))
        });
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| {
            Ok(this.places.first().map_or_else(String::new, |place| place.name().to_string()))
        });
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            Err(no_method("place", DOCS, [], &key).into())
        });
    }
}
