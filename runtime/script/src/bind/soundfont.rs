//! `soundfont`: the instruments of a SoundFont.

use std::rc::Rc;
use std::sync::Arc;

use lilt_score::Preset;
use mlua::{Lua, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value, Variadic};

use crate::bind::{no_method, value_of};
use crate::context::context;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::options::{expected, nothing_more, text, whole_in};
use crate::sources::{FontFile, Refusal, WantedPreset};

pub(super) const DOCS: &[&str] = &[
    "soundfont(file)
The instruments of a SoundFont, for play(…):on(…). The file lies in the script's folder or below; `lilt doc gm.sf2` lists what it holds. Its loops, envelopes, filters, vibrato and choke groups are played; its reverb and chorus, and what moves the loudness, are not: a slot has its own.
@param file its path from there, as in \"gm.sf2\" or \"fonts/gm.sf2\"
@example play(\"tune\", \"c4 e4 g4\"):on(soundfont(\"gm.sf2\"):at \"Trumpet\")",
    "soundfont:at(instrument, program)
One of its instruments.
@param instrument its name in the file or in General MIDI, as in \"Trumpet\"; or its program, 0 to 127, as in 56; or its bank
@param program the program, 0 to 127, where a bank is said
@example play(\"tune\", \"c4 e4 g4\"):on(soundfont(\"gm.sf2\"):at(56))",
    "soundfont:drums(program)
Its drum kit: drums sound, and keys as in General MIDI.
@param program which kit, 0 to 127; 0 when left out
@example play(\"beat\", drums \"bd sd\"):on(soundfont(\"gm.sf2\"):drums())",
];

/// The bank of drum kits.
const DRUMS: i64 = 128;

/// A SoundFont as a script holds it.
#[derive(Clone)]
struct FontValue {
    file: String,
    font: Rc<dyn FontFile>,
}

/// An instrument of a SoundFont as a script holds it.
#[derive(Clone)]
pub(crate) struct PresetValue(pub Arc<Preset>);

impl PresetValue {
    /// Equal for equal instruments.
    pub fn print(&self) -> u64 {
        let Preset { file, bank, program, name: _ } = &*self.0;
        Fingerprint::of("preset").text(file).number(u64::from(*bank)).number(u64::from(*program)).value()
    }
}

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set(
        "soundfont",
        lua.create_function(|lua, (file, more): (Value, Variadic<Value>)| {
            let help = "write which instrument behind it, as in soundfont(\"gm.sf2\"):at \"Trumpet\"";
            nothing_more("soundfont", "a file", 1, &more, help)?;
            let file = text("soundfont", &file)?;
            let context = context(lua)?;
            // The file is read the first time, which takes a while.
            let font = context.paused(|| context.sources.soundfont(&file));
            let told = |Refusal { message, help }| {
                let fault = Fault::new(message).text(&file);
                if help.is_empty() { fault } else { fault.help(help) }
            };
            Ok(FontValue { font: font.map_err(told)?.into(), file })
        })?,
    )
}

/// Whether a value is a whole SoundFont.
pub(super) fn is_soundfont(value: &Value) -> bool {
    value_of::<FontValue>(value).is_some()
}

impl FontValue {
    fn find(&self, wanted: &WantedPreset, word: Option<&str>) -> Result<PresetValue, Fault> {
        let told = |Refusal { message, help }| {
            let fault = Fault::new(message).help(help);
            match word {
                Some(word) => fault.text(word),
                None => fault.word("at"),
            }
        };
        self.font.find(wanted).map(|preset| PresetValue(Arc::new(preset))).map_err(told)
    }
}

impl UserData for FontValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "soundfont");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("at", |_, this, (what, program, more): (Value, Value, Variadic<Value>)| {
            nothing_more("at", "an instrument, or a bank and a program", 2, &more, "")?;
            if let Value::String(name) = &what {
                nothing_more("at", "a name alone", 1, std::slice::from_ref(&program), "")?;
                let name = name.to_string_lossy();
                return Ok(this.find(&WantedPreset::Name(name.clone()), Some(&name))?);
            }
            if what.is_nil() {
                return Err(
                    expected("at", "an instrument's name, as in \"Trumpet\", or its program", &what).into()
                );
            }
            let wanted = match program {
                Value::Nil => WantedPreset::Number { bank: 0, program: whole_in("at", &what, 0, 127)? },
                program => WantedPreset::Number {
                    bank: whole_in("at", &what, 0, 16_383)?,
                    program: whole_in("at", &program, 0, 127)?,
                },
            };
            Ok(this.find(&wanted, None)?)
        });
        methods.add_method("drums", |_, this, (program, more): (Value, Variadic<Value>)| {
            nothing_more("drums", "one program", 1, &more, "")?;
            let program = if program.is_nil() { 0 } else { whole_in("drums", &program, 0, 127)? };
            let found = this.find(&WantedPreset::Number { bank: DRUMS, program }, None);
            Ok(found.map_err(|fault| fault.word("drums"))?)
        });
        methods
            .add_meta_method(MetaMethod::ToString, |_, this, ()| Ok(format!("soundfont \"{}\"", this.file)));
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            Err(no_method("soundfont", DOCS, [], &key).into())
        });
    }
}

impl UserData for PresetValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "instrument");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| Ok(this.0.name.to_string()));
    }
}
