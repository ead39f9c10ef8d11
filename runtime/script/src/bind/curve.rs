//! Lines and envelopes: numbers that move from one to the next over so many beats; whole numbers by chance;
//! and chords by their symbols.

use lilt_score::{Beat, Controls, Event, Pattern, Pitch, ScaleAt, Seed, Structure, Tone, random};
use lilt_sequencer::Instrument;
use mlua::{Lua, Table, Value};

use crate::context::context;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::harmony;
use crate::lift;
use crate::music::Music;
use crate::options::{beats, number, text, whole_in};

pub(super) const DOCS: &[&str] = &[
    "envelope(points, beats)
A number that moves in straight lines from one point to the next, all as long, and then stays at the last.
@param points numbers, as in \"0 1 0.3 0\"
@param beats how long all of it takes
@example play(\"pad\", notes(\"c4*8\"):gain(envelope(\"0 1 0.5\", 16)))",
    "irand(count)
Whole numbers by chance, from 0 up to the one before count; another at each moment, the same with the same seed.
@param count how many there are, 1 to 65536
@example play(\"tune\", degrees(\"0*8\") + irand(8))",
    "chords(text, scale)
Chords by their symbols, or by Roman numerals in a key, in mini-notation: all notes of each at once.
@param text as in \"<C Am7 F G>\" or \"<I vi IV V7>\"; a numeral may have a kind behind it, and b or # before it, as in \"bVII\"
@param scale where numerals are used, their key; the script's when left out
@example play(\"pad\", chords(\"<C Am7 F G>\"):voicing())",
];

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    let line = lua.create_function(|_, (from, to, length): (Value, Value, Value)| {
        let points = vec![number("line", &from)?, number("line", &to)?];
        Ok(curve(points, positive("line", &length)?))
    })?;
    base.raw_set("line", line)?;
    let envelope = lua.create_function(|_, (points, length): (Value, Value)| {
        let written = text("envelope", &points)?;
        let read = |word: &str| {
            word.parse::<f64>().ok().filter(|point| point.is_finite()).ok_or_else(|| {
                Fault::new(format!("`{word}` is no number"))
                    .text(word)
                    .of("envelope")
                    .help("write numbers, as in 0 1 0.3 0")
            })
        };
        let points = written.split_whitespace().map(read).collect::<Result<Vec<f64>, Fault>>()?;
        if points.is_empty() {
            return Err(Fault::new("`envelope` expects numbers, as in \"0 1 0.3 0\"")
                .name("envelope")
                .into());
        }
        Ok(curve(points, positive("envelope", &length)?))
    })?;
    base.raw_set("envelope", &envelope)?;
    base.raw_set("env", envelope)?;
    let irand = lua.create_function(|lua, count: Value| {
        let count = whole_in("irand", &count, 1, 1 << 16)?;
        let seed =
            context(lua)?.session("irand").map_or(Seed(0), |session| session.declared.seed).child("irand");
        let pattern = Pattern::new(move |query| {
            let value = (random::noise_at(seed, query.span.start / query.bar) * count as f64).floor();
            vec![Event::flowing(query.span, Controls::number(value))]
        });
        Ok(Music::signal(pattern, Fingerprint::of("irand").number(seed.0).number(count as u64)))
    })?;
    base.raw_set("irand", irand)?;
    base.raw_set(
        "chords",
        lua.create_function(|lua, (written, scale): (Value, Value)| {
            let written = text("chords", &written).map_err(|fault| match &written {
                Value::Table(_) => fault.help("write the chords as a text, as in chords \"<I V vi IV>\", or block(…, 4) around a list of them"),
                _ => fault,
            })?;
            Ok(chords(lua, &written, &scale)?)
        })?,
    )
}

fn positive(what: &str, length: &Value) -> Result<Beat, Fault> {
    let length = beats(what, length)?;
    if length > Beat::ZERO {
        return Ok(length);
    }
    Err(Fault::new(format!("`{what}` takes {length} beats: write a number above 0")).name(what))
}

/// Straight lines between points over so many beats, and then the last point.
fn curve(points: Vec<f64>, length: Beat) -> Music {
    let print = points.iter().fold(Fingerprint::of("curve"), |print, point| print.real(*point));
    let print = print.text(&length.to_string());
    let pattern = Pattern::new(move |query: lilt_score::Query| {
        let passed = ((query.span.start - query.origin) / length).to_f64().clamp(0.0, 1.0);
        let at = passed * (points.len() - 1) as f64;
        let (from, part) = (points[at as usize], at.fract());
        let to = points.get(at as usize + 1).copied().unwrap_or(from);
        vec![Event::flowing(query.span, Controls::number(from + (to - from) * part))]
    });
    Music::signal(pattern, print)
}

/// Chords by symbol or numeral, their roots in octave 3.
fn chords(lua: &Lua, written: &str, scale: &Value) -> Result<Music, Fault> {
    let (scales, holds, scale_print) = lift::scales(lua, "chords", scale)?;
    let (words, which, print) = lift::words(lua, "chords", written)?;
    let read = |word: &str, scale: ScaleAt| {
        harmony::chord(word, scale, 3.0)
            .map_err(|fault| fault.within(written, harmony::place(written, word)).of("chords"))
    };
    let mut all = Vec::with_capacity(scales.len());
    for scale in &scales {
        all.push(words.iter().map(|word| read(word, *scale)).collect::<Result<Vec<_>, Fault>>()?);
    }
    let both = which.apply(&holds, Structure::Left, |which, scale| (*which as usize, *scale as usize));
    let pattern = both.spread(move |(which, scale)| {
        let pitches = all.get(*scale).and_then(|words| words.get(*which));
        let pitches = pitches.map_or(&[][..], Vec::as_slice).iter();
        let tone = |midi: &f64| Pitch::new(*midi).ok().map(|pitch| Controls::tone(Tone::Pitch(pitch)));
        pitches.filter_map(tone).collect()
    });
    let print = Fingerprint::of("chords").number(print).number(scale_print);
    Ok(Music::new(pattern, print, Instrument::Keys))
}
