//! `play`, `silence`, `solo`, and what can be said about a slot.

use lilt_score::{Control, Scope};
use lilt_sequencer::{Instrument, MOST_SLOTS, Output};
use mlua::{Lua, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value, Variadic};

use crate::bind::instrument::instrument;
use crate::bind::music::names;
use crate::bind::song::{read_meter, read_quantum};
use crate::bind::{PlaceValue, PresetValue, bus, ears, form, looks, no_method, osc, value_of};
use crate::context::{Session, context};
use crate::declared::{DeclaredPart, DeclaredSlot, Wish};
use crate::fault::Fault;
use crate::lift::{self, Numbers};
use crate::music::Music;
use crate::options::{expected, nothing_more, options, table, text, whole_in};
use crate::unheeded::silence;
use crate::verb::{is_always, tell_of_range};
use crate::verbs;

pub(super) const DOCS: &[&str] = &[
    "play(name, music, options)
Fills a slot with music, again and again. What it gives can be told how to sound: play(…):on(…):gain(…).
@param name of the slot, 1 to 64 letters; each slot once
@param music a clip, a pattern, a text in mini-notation, a pitch, or a function that takes the first beat of a bar and gives one of these
@param restart true to begin at its first note where it enters, as `slot:restart` does; false when left out
@param quantum where it may enter, as in `slot:quantum`; where the script says when left out
@example play(\"lead\", \"c4 e4 g4\"):on(synth \"pluck\"):reverb(0.3)",
    "silence(name)
Holds a slot silent; it keeps its place in the music.
@param name of a slot
@example play(\"lead\", \"c4\") silence \"lead\"",
    "solo(name)
Lets only this slot be heard, and others that are soloed.
@param name of a slot
@example play(\"lead\", \"c4\") solo \"lead\"",
    "slot:on(instrument)
Chooses what the notes sound on: an instrument, or recorded sounds, as in notation: \"<pluck bell>\", \"breaks:2\". A name that an instrument has too is the instrument, unless the sounds are your own; synth \"saw\" is always the instrument, \"saw:0\" always the sound.
@param instrument synth \"…\", an instrument of a SoundFont, or a name
@example play(\"low\", \"c2\"):on \"bass\"",
    "slot:midi(port, channel)
Sends the notes to a MIDI port instead of an instrument.
@param port a part of the port's name; a port of that name is opened when there is none
@param channel 1 to 16; 1 when left out
@example play(\"out\", \"c4\"):midi(\"Synth A\", 2)",
    "slot:gain(amount)
How loud: 1 leaves it alone. Every control takes a number, a text in mini-notation, or a function of the beat.
@param amount 0 to 2
@example play(\"lead\", \"c4*4\"):gain(\"1 0.5 0.7 0.5\")",
    "slot:pan(place)
Where between left and right.
@param place -1 (left) to 1 (right)
@example play(\"lead\", \"c4*4\"):pan(function(beat) return math.sin(beat) end)",
    "slot:lowpass(hertz)
Takes away what is above.
@param hertz 20 to 20000
@example play(\"pad\", \"c4\"):lowpass(800)",
    "slot:highpass(hertz)
Takes away what is below.
@param hertz 20 to 20000
@example play(\"hats\", drums \"hh*8\"):highpass(4000)",
    "slot:reverb(amount)
How much room; 0.12 when a script says nothing.
@param amount 0 to 1
@example play(\"bell\", \"c5\"):on(\"bell\"):reverb(0.6)",
    "slot:delay(amount)
How much echo.
@param amount 0 to 1
@example play(\"bell\", \"c5\"):on(\"bell\"):delay(0.4)",
    "slot:rate(factor)
Lets the slot's own time go faster or slower than the others': its music, and the controls that move.
@param factor 1/64 to 64: 3/2 plays three of its bars in two
@example play(\"bells\", \"c5 e5 g5\"):on(\"bell\"):rate(3/2)",
    "slot:meter(signature)
Gives the slot bars of its own: its patterns come round in those, against the others.
@param signature a count and a unit
@example play(\"drums\", drums \"bd sd\") play(\"waltz\", \"c4 e4 g4\"):meter \"3/4\"",
    "slot:restart()
Begins the music at its first note where it enters. Without it new music enters in the middle of its phrase, where it would be had it played from the beginning. What plays already goes on until it is changed.
@example play(\"lead\", clip { 60, 62, 64, 65, 67, 69, 71, 72 }):restart()",
    "slot:quantum(length)
Sets where a change of this slot may begin to sound, whatever the script says for the others.
@param length \"now\", \"beat\", \"bar\", \"phrase\" (four bars), a part of a beat such as \"1/2 beat\", or a number of bars from 1 to 64
@example play(\"hats\", drums \"hh*8\"):quantum \"now\"",
    "slot:silent()
Holds the slot silent; it keeps its place in the music.
@example play(\"lead\", \"c4\"):silent()",
    "slot:solo()
Lets only this slot be heard, and others that are soloed.
@example play(\"lead\", \"c4\"):solo()",
];

/// A slot as a script holds it: its place among what is declared, and its name.
#[derive(Clone)]
pub(super) struct SlotValue {
    index: usize,
    name: String,
}

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set(
        "play",
        lua.create_function(|lua, (name, music, written): (Value, Value, Value)| {
            play(lua, &name, &music, &written)
        })?,
    )?;
    for (what, wish) in [("silence", Wish::Silence), ("solo", Wish::Solo)] {
        let function = lua.create_function(move |lua, name: Value| {
            let name = match value_of::<SlotValue>(&name) {
                Some(slot) => slot.name,
                None => text(what, &name)?,
            };
            let context = context(lua)?;
            let place = context.origin(lua, what)?.place;
            context.session(what)?.declared.named.push((wish, name, place));
            Ok(())
        })?;
        base.raw_set(what, function)?;
    }
    Ok(())
}

fn play(lua: &Lua, name: &Value, music: &Value, written: &Value) -> mlua::Result<SlotValue> {
    if context(lua)?.loops.now().is_some() {
        let fault = Fault::new("`play` fills a slot, and a loop is one").name("play");
        return Err(fault.help("write note(60) or hit \"bd\" in a loop, and play outside it").into());
    }
    let name = slot_name("play", name)?;
    if value_of::<super::draw::SketchValue>(music).is_some() {
        let fault = Fault::new("`play` expects music, got a sketch").name("play");
        return Err(fault.help("write draw in place of play").into());
    }
    if music.is_nil() {
        let fault = Fault::new(format!("slot `{name}` is given nothing to play")).name("play");
        // What looks like music is not the name.
        let is_music = name.contains(char::is_whitespace);
        let (slot, music) = if is_music { ("lead", &*name) } else { (&*name, "c4 e4") };
        return Err(fault.help(format!("write play(\"{slot}\", \"{music}\")")).into());
    }
    let told = table("play", written).map_err(|fault| match written {
        Value::String(_) | Value::UserData(_) => fault.help(
            "write stack(…) around music that sounds together, cat(…) around music that follows each other",
        ),
        _ => fault,
    })?;
    let [restart, quantum] = options("play", told, ["restart", "quantum"])?;
    let restart = match restart {
        Value::Nil => false,
        Value::Boolean(restart) => restart,
        other => return Err(expected("restart", "true or false", &other).into()),
    };
    let quantum = if quantum.is_nil() { None } else { Some(read_quantum("quantum", &quantum)?) };
    let music =
        lift::music(lua, "play", music, Instrument::Keys).map_err(|fault| fault.argument("play", 1))?;
    let slot = declare(lua, "play", name, DeclaredPart::Music(music))?;
    slot.set(lua, "play", |slot| {
        (slot.restart, slot.quantum) = (restart, quantum);
        Ok(())
    })
}

/// A slot's name as a script writes it.
///
/// # Errors
/// When it is no text, or too long.
pub(super) fn slot_name(what: &str, value: &Value) -> Result<String, Fault> {
    let name = match value {
        Value::String(name) => name.to_string_lossy(),
        _ => return Err(expected(what, "the slot's name first, as in \"lead\"", value).argument(what, 0)),
    };
    let wrong = |told: String| Fault::new(told).text(&name).argument(what, 0);
    match name.chars().count() {
        1..=64 => Ok(name),
        0 => Err(wrong("a slot needs a name".to_owned()).help("write one, as in \"lead\"")),
        n => Err(wrong(format!("a slot's name of {n} letters: 64 at most"))),
    }
}

/// Adds a slot to what is declared.
///
/// # Errors
/// When the name is taken, or there are too many.
pub(super) fn declare(lua: &Lua, what: &str, name: String, part: DeclaredPart) -> Result<SlotValue, Fault> {
    let context = context(lua)?;
    let place = context.origin(lua, what)?.place;
    let mut session = context.session(what)?;
    if let Some(first) = session.declared.slots.iter().find(|slot| slot.name == name) {
        let line = first.place.line;
        let told = match first.is_bus() {
            true => format!("`{name}` is a bus already: line {line}"),
            false => format!("slot `{name}` is filled twice: first in line {line}"),
        };
        return Err(Fault::new(told)
            .text(&name)
            .argument(what, 0)
            .turn(usize::from(first.place == place))
            .help("give one of them another name"));
    }
    let filled = session.declared.slots.iter().filter(|slot| !slot.is_bus()).count();
    if filled >= MOST_SLOTS && !matches!(part, DeclaredPart::Bus) {
        let fault = Fault::new(format!("more than {MOST_SLOTS} slots")).here(what);
        return Err(fault.help("fill fewer slots: stack patterns that belong together"));
    }
    let index = session.declared.slots.len();
    session.declared.slots.push(DeclaredSlot::new(name.clone(), part, place));
    Ok(SlotValue { index, name })
}

impl SlotValue {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Changes what is declared of the slot and gives the slot back, for chaining.
    pub(super) fn set(
        &self,
        lua: &Lua,
        what: &str,
        change: impl FnOnce(&mut DeclaredSlot) -> Result<(), Fault>,
    ) -> mlua::Result<SlotValue> {
        let context = context(lua)?;
        let mut session = context.session(what)?;
        change(self.declared(&mut session)?)?;
        Ok(self.clone())
    }

    /// True for a slot that draws.
    pub(super) fn draws(&self, lua: &Lua, what: &str) -> mlua::Result<bool> {
        let context = context(lua)?;
        let mut session = context.session(what)?;
        Ok(matches!(self.declared(&mut session)?.part, DeclaredPart::Drawing { .. }))
    }

    /// What the word `name` says of a slot that plays; `None` where it says nothing of music.
    pub(super) fn said_of_music(
        &self,
        lua: &Lua,
        name: &'static str,
        written: &[Value],
    ) -> Option<mlua::Result<SlotValue>> {
        let control = Control::named(name).filter(|control| control.scope() != Scope::Event);
        if let Some(control) = control {
            return Some(self.control(lua, control, written.first().unwrap_or(&Value::Nil)));
        }
        let verb = verbs::all().find(|verb| verb.answers_to(name))?;
        Some(self.music(lua, name, |music| verb.run(lua, music, written)))
    }

    fn declared<'a>(&self, session: &'a mut Session) -> Result<&'a mut DeclaredSlot, Fault> {
        // A handle kept in `state` from an earlier evaluation may point elsewhere.
        let slot = session.declared.slots.get_mut(self.index).filter(|slot| slot.name == self.name);
        slot.ok_or_else(|| {
            Fault::new(format!("slot `{}` belongs to an earlier script", self.name))
                .help("fill it again with play before you change it")
        })
    }

    /// Changes the music of the slot.
    fn music(
        &self,
        lua: &Lua,
        what: &str,
        change: impl FnOnce(&Music) -> mlua::Result<Music>,
    ) -> mlua::Result<SlotValue> {
        let music = {
            let context = context(lua)?;
            let mut session = context.session(what)?;
            match &self.declared(&mut session)?.part {
                DeclaredPart::Music(music) => music.clone(),
                DeclaredPart::Drawing { .. } => {
                    let fault = Fault::new(format!("`{what}` changes music, and this slot draws"));
                    return Err(fault.name(what).into());
                }
                DeclaredPart::Bus => return Err(no_music(what).into()),
            }
        };
        // The change may call the script, so what is declared is not held meanwhile.
        let music = change(&music)?;
        self.set(lua, what, |slot| {
            slot.part = DeclaredPart::Music(music);
            Ok(())
        })
    }

    /// Sets a control of the slot's whole sound: a number outside its range is told of.
    fn control(&self, lua: &Lua, control: Control, value: &Value) -> mlua::Result<SlotValue> {
        let name = control.name();
        let mut numbers = lift::numbers(lua, name, value)?;
        // Behind the number of a controller stands what it is set to.
        let at = usize::from(control.as_controller().is_some());
        tell_of_range(lua, name, control.range().into_inner(), value, &numbers, |fault| {
            fault.argument(control.name(), at)
        })?;
        if control == Control::GAIN && is_always(std::slice::from_ref(value), 0.0) {
            context(lua)?.notice(lua, name, silence(control).name(name))?;
        }
        let is_bus = {
            let context = context(lua)?;
            let mut session = context.session(name)?;
            self.declared(&mut session)?.is_bus()
        };
        if let Some(number) = numbers.pattern.steady_value().copied() {
            let (low, high) = control.range().into_inner();
            numbers = Numbers::steady(number.clamp(low, high));
        }
        if control == Control::RESONANCE
            && !is_bus
            && let Some(verb) = verbs::all().find(|verb| verb.name == name)
        {
            // The filter of the slot rings, and those of its instrument.
            self.music(lua, name, |music| verb.run(lua, music, std::slice::from_ref(value)))?;
        }
        self.set(lua, name, |slot| {
            slot.strip.retain(|(known, _)| *known != control);
            slot.strip.push((control, numbers));
            Ok(())
        })
    }
}

/// What is meant, maybe, by a second amount of a control of a slot's whole sound.
fn beside(control: Control) -> &'static str {
    match control {
        Control::REVERB => "write :size(0.8) for how large the room is, :damp(0.3) for how dark",
        Control::DELAY => {
            "write :delaytime(0.5) for the beats between echoes, :delayfeedback(0.6) for how many"
        }
        Control::LOWPASS | Control::HIGHPASS | Control::BANDPASS => "write :resonance(0.5) for how it rings",
        Control::RING => "write :ringfreq(220) for its pitch",
        Control::TREMOLO => "write :tremolorate(5) for how fast it is",
        Control::PHASER => "write :phaserrate(0.5) for how fast it is",
        Control::FLANGER => "write :flangerrate(0.25) for how fast it is",
        _ => "write \"0.2 0.8\" for amounts one after the other; what its single notes say, say of the music",
    }
}

/// A bus was told what only music can be.
pub(super) fn no_music(what: &str) -> Fault {
    let fault =
        Fault::new(format!("a bus has no music of its own: `{what}` is for what goes to it")).name(what);
    match what {
        "compress" => fault.help("write :compressor(0.5) for the effect"),
        _ => fault,
    }
}

/// True for the name of recorded sounds, or what may be one: as everywhere, a name that an instrument has too is
/// the instrument, unless the sounds are the performer's own.
fn is_recorded(lua: &Lua, name: &str) -> mlua::Result<bool> {
    let of_instrument = Instrument::ALL.into_iter().any(|instrument| instrument.name() == name);
    let context = context(lua)?;
    let known = context.sounds.borrow();
    Ok(match &*known {
        Some(sounds) if of_instrument => sounds.is_own(name),
        Some(sounds) => sounds.has(name),
        None => {
            context.trusted_sounds.set(true);
            !of_instrument
        }
    })
}

/// Where the notes go by MIDI.
fn midi(port: &Value, channel: &Value) -> Result<Output, Fault> {
    let port = text("midi", port)?;
    if !(1..=128).contains(&port.chars().count()) {
        return Err(Fault::new("`midi` expects a port's name of 1 to 128 letters").text(&port).of("midi"));
    }
    let channel = if channel.is_nil() { 1 } else { whole_in("channel", channel, 1, 16)? };
    Ok(Output::Midi { port, channel: channel as u8 })
}

impl UserData for SlotValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "slot");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("on", |lua, this, (name, more): (Value, Variadic<Value>)| {
            let help = "write its options behind its name, as in :on(synth(\"pluck\", { decay = 0.2 }))";
            nothing_more("on", "an instrument or a sound", 1, &more, help)?;
            // Names that change in time and recorded sounds are of the events, one instrument is of the slot.
            let notation = match name.as_string().map(|text| text.to_string_lossy()) {
                Some(text) => {
                    text.contains(|letter: char| !letter.is_alphanumeric()) || is_recorded(lua, &text)?
                }
                None => false,
            };
            let notation = notation || value_of::<PlaceValue>(&name).is_some();
            if let Some(verb) = verbs::all().find(|verb| notation && verb.name == "sound") {
                return this.music(lua, "on", |music| verb.run(lua, music, std::slice::from_ref(&name)));
            }
            if let Some(PresetValue(preset)) = value_of::<PresetValue>(&name) {
                return this.set(lua, "on", |slot| match &slot.part {
                    DeclaredPart::Drawing { .. } => Err(Fault::new("a drawing has no instrument").word("on")),
                    DeclaredPart::Bus => Err(no_music("on")),
                    DeclaredPart::Music(_) => {
                        slot.output = Some(Output::Preset(preset));
                        Ok(())
                    }
                });
            }
            let chosen = instrument("on", &name)?;
            this.set(lua, "on", |slot| match &slot.part {
                DeclaredPart::Drawing { .. } => Err(Fault::new("a drawing has no instrument").name("on")),
                DeclaredPart::Bus => Err(no_music("on")),
                DeclaredPart::Music(music) => {
                    slot.part = DeclaredPart::Music(chosen.told(music)?);
                    slot.output = Some(Output::Synth(chosen.instrument));
                    Ok(())
                }
            })
        });
        methods.add_method("midi", |lua, this, (port, channel, more): (Value, Value, Variadic<Value>)| {
            nothing_more("midi", "a port and a channel", 2, &more, "")?;
            let output = midi(&port, &channel)?;
            this.set(lua, "midi", |slot| {
                if slot.is_bus() {
                    return Err(no_music("midi"));
                }
                slot.output = Some(output);
                Ok(())
            })
        });
        methods.add_method(
            "osc",
            |lua, this, (host, port, path, more): (Value, Value, Value, Variadic<Value>)| {
                nothing_more("osc", "a machine, a port and an address", 3, &more, "")?;
                let target = osc::named(&host, &port, &path)?;
                this.set(lua, "osc", |slot| osc::go(slot, "osc", target))
            },
        );
        methods.add_method("dirt", |lua, this, (sound, written, more): (Value, Value, Variadic<Value>)| {
            nothing_more("dirt", "a sound and options", 2, &more, "")?;
            let target = osc::dirt(&sound, &written)?;
            this.set(lua, "dirt", |slot| osc::go(slot, "dirt", target))
        });
        for control in Control::of_slots() {
            let names = [control.name()].into_iter().chain(control.aliases().iter().copied());
            for name in names.filter(|name| Control::look(name).is_none()) {
                methods.add_method(name, move |lua, this, (value, more): (Value, Variadic<Value>)| {
                    nothing_more(name, "one amount", 1, &more, beside(control))?;
                    this.control(lua, control, &value)
                });
            }
        }
        methods.add_method("cc", |lua, this, (number, value, more): (Value, Value, Variadic<Value>)| {
            nothing_more("cc", "a number and an amount", 2, &more, "")?;
            let number = whole_in("cc", &number, 0, 127)?;
            match u8::try_from(number).ok().and_then(Control::controller) {
                Some(control) => this.control(lua, control, &value),
                None => Err(Fault::new(format!("there is no controller {number}")).name("cc").into()),
            }
        });
        for verb in verbs::all() {
            for name in names(verb) {
                let of_slot = Control::named(name).is_some_and(|control| control.scope() != Scope::Event);
                if !of_slot && !matches!(name, "on" | "cc") && Control::look(name).is_none() {
                    methods.add_method(name, move |lua, this, written: Variadic<Value>| {
                        this.music(lua, name, |music| verb.run(lua, music, &written))
                    });
                }
            }
        }
        looks::add_methods(methods);
        for what in ["only", "except"] {
            methods.add_method(what, move |lua, this, written: Variadic<Value>| {
                let gate = form::gate(lua, what, &written)?;
                this.set(lua, what, |slot| {
                    slot.gate = Some(gate);
                    Ok(())
                })
            });
        }
        methods.add_method("rate", |lua, this, (written, more): (Value, Variadic<Value>)| {
            nothing_more("rate", "one factor", 1, &more, "")?;
            let rate = match &written {
                Value::String(part) => {
                    part.to_string_lossy().trim().parse().unwrap_or(lilt_score::Beat::ZERO)
                }
                number => crate::options::beats("rate", number)?,
            };
            if rate < lilt_score::Beat::new(1, 64) || rate > lilt_score::Beat::whole(64) {
                return Err(expected("rate", "a number from 1/64 to 64", &written).into());
            }
            this.set(lua, "rate", |slot| match slot.part {
                DeclaredPart::Music(Music { stream: Some(_), .. }) => {
                    let fault = Fault::new("`rate` cannot change what is made as it is played").name("rate");
                    Err(fault.help("change the tempo, or sample a clip and play that"))
                }
                _ => {
                    slot.rate = rate;
                    Ok(())
                }
            })
        });
        methods.add_method("meter", |lua, this, (signature, more): (Value, Variadic<Value>)| {
            nothing_more("meter", "one metre", 1, &more, "write it as a text, as in :meter \"3/4\"")?;
            let meter = read_meter("meter", &signature)?;
            this.set(lua, "meter", |slot| {
                slot.meter = Some(meter);
                Ok(())
            })
        });
        methods.add_method("to", |lua, this, (bus, more): (Value, Variadic<Value>)| {
            bus::to(lua, this, &bus, &more)
        });
        methods.add_method("duck", |lua, this, (under, written, more): (Value, Value, Variadic<Value>)| {
            bus::duck(lua, this, &under, &written, &more)
        });
        methods.add_method("through", |lua, this, (source, more): (Value, Variadic<Value>)| {
            nothing_more("through", "one device", 1, &more, "")?;
            let source = ears::through(lua, &source)?;
            this.set(lua, "through", |slot| match slot.part {
                DeclaredPart::Music(_) => {
                    slot.hands = Some(source);
                    Ok(())
                }
                DeclaredPart::Drawing { .. } => {
                    Err(Fault::new("keys play music, and this slot draws").name("through"))
                }
                DeclaredPart::Bus => Err(no_music("through")),
            })
        });
        methods.add_method("restart", |lua, this, more: Variadic<Value>| {
            nothing_more("restart", "nothing", 0, &more, "")?;
            this.set(lua, "restart", |slot| {
                slot.restart = true;
                Ok(())
            })
        });
        methods.add_method("quantum", |lua, this, (length, more): (Value, Variadic<Value>)| {
            nothing_more(
                "quantum",
                "one length",
                1,
                &more,
                "write it as a text, as in :quantum \"1/2 beat\"",
            )?;
            let quantum = read_quantum("quantum", &length)?;
            this.set(lua, "quantum", |slot| {
                slot.quantum = Some(quantum);
                Ok(())
            })
        });
        methods.add_method("silent", |lua, this, more: Variadic<Value>| {
            nothing_more("silent", "nothing", 0, &more, "")?;
            this.set(lua, "silent", |slot| {
                slot.silent = true;
                Ok(())
            })
        });
        methods.add_method("solo", |lua, this, more: Variadic<Value>| {
            nothing_more("solo", "nothing", 0, &more, "")?;
            this.set(lua, "solo", |slot| {
                slot.solo = true;
                Ok(())
            })
        });
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| Ok(format!("slot \"{}\"", this.name)));
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            Err(no_method(
                "slot",
                &[DOCS, bus::DOCS, form::DOCS, ears::DOCS, osc::DOCS].concat(),
                verbs::all().flat_map(names).chain(looks::names()),
                &key,
            )
            .into())
        });
    }
}
