//! `accompaniment`: chords under what is being played, foreseen.

use std::rc::Rc;
use std::sync::Arc;

use lilt_inference::{Accompanist, Foreseeing, Foreseen};
use lilt_score::{Beat, Controls, Event, Key, Pattern, Pitch, Query, Span, Tone};
use lilt_sequencer::Instrument;
use mlua::{Lua, Table, Value};

use crate::bind::ears;
use crate::context::context;
use crate::ears::Ears;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::music::Music;
use crate::options::{expected, number_in, options, table, text, whole_in};

pub(super) const DOCS: &[&str] = &[
    "accompaniment(options)
Chords under what is being played on keys, as music: which ones come is foreseen from the notes, and settled a beat before they sound. They are in the script's key, where it says one before; otherwise the key is found. It is silent until something was played and where nothing was for two bars. accompany puts its chords and its bass on slots.
@param from a device, as midi_in gives it, or its name; all together when left out
@param part \"chords\", or \"bass\" for their roots; \"chords\" when left out
@param changes how many chords a bar has, 1 or 2; 2 when left out
@param lead how many beats before it sounds a chord is settled, 1 to 4; 1 when left out
@param octave in which the chords or the bass lie; 3 and 2 when left out
@example play(\"chords\", accompaniment { from = keys_in(), changes = 1 }):on \"pad\"",
];

/// Bars without a note after which it is silent.
const PATIENCE: f64 = 2.0;

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set("accompaniment", lua.create_function(|lua, written: Value| accompaniment(lua, &written))?)
}

/// A part of an accompaniment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Chords,
    Bass,
}

/// What is asked for.
#[derive(Debug, Clone)]
struct Asked {
    source: Option<Arc<str>>,
    part: Part,
    /// Half bars of a chord.
    lasts: u64,
    /// Beats before it sounds.
    lead: f64,
    /// MIDI number of the lowest note.
    lowest: u8,
    /// Pitch class of the home note, where the script says a key.
    home: Option<u8>,
}

fn accompaniment(lua: &Lua, written: &Value) -> mlua::Result<Music> {
    let names = ["from", "part", "changes", "lead", "octave"];
    let [from, part, changes, lead, octave] =
        options("accompaniment", table("accompaniment", written)?, names)?;
    let part = match part {
        Value::Nil => Part::Chords,
        written => match text("part", &written)?.as_str() {
            "chords" => Part::Chords,
            "bass" => Part::Bass,
            _ => return Err(expected("part", "\"chords\" or \"bass\"", &written).into()),
        },
    };
    let changes = if changes.is_nil() { 2 } else { whole_in("changes", &changes, 1, 2)? };
    let lead = if lead.is_nil() { 1.0 } else { number_in("lead", &lead, 1.0, 4.0)? };
    let usual = if part == Part::Bass { 2 } else { 3 };
    let octave = if octave.is_nil() { usual } else { whole_in("octave", &octave, 0, 8)? };
    let asked = Asked {
        source: ears::source(lua, None, &from)?,
        part,
        lasts: if changes == 1 { 2 } else { 1 },
        lead,
        lowest: u8::try_from(12 * (octave + 1)).unwrap_or(0),
        home: context(lua)?.session("accompaniment")?.declared.key.map(Key::major_tonic),
    };
    let accompanist =
        context(lua)?.accompanist().map_err(|error| Fault::from(error).name("accompaniment"))?;
    let print = Fingerprint::of("accompaniment").text(accompanist.identity()).text(&format!("{asked:?}"));
    let ears = Rc::clone(&context(lua)?.ears);
    let pattern = Pattern::new(move |query| events(&ears, accompanist.as_ref(), &asked, query));
    Ok(Music::new(pattern, print, Instrument::Keys))
}

/// The chords that touch what is asked for. Each depends only on what was played until so many beats before it: asked
/// again later, it is the same.
fn events(ears: &Ears, accompanist: &dyn Accompanist, asked: &Asked, query: Query) -> Vec<Event<Controls>> {
    let half = query.bar / Beat::whole(2);
    let long = half * Beat::whole(asked.lasts as i64);
    let mut events = Vec::new();
    let mut number = query.span.start.floor_div(long);
    while long * Beat::whole(number) < query.span.end {
        let begins = long * Beat::whole(number);
        let whole = Span::new(begins, begins + long);
        number += 1;
        let (Ok(at), Some(part)) = (u64::try_from(number - 1), whole.intersect(query.span)) else {
            continue;
        };
        let until = begins.to_f64() - asked.lead;
        let heard = ears.heard(asked.source.as_ref(), until);
        let last = heard.iter().map(|note| note.end).fold(f64::NEG_INFINITY, f64::max);
        if until - last > PATIENCE * query.bar.to_f64() {
            continue;
        }
        let of = Foreseeing {
            half: half.to_f64(),
            at: at * asked.lasts,
            lasts: asked.lasts,
            until,
            home: asked.home,
        };
        let Some(foreseen) = accompanist.foresee(&heard, of) else { continue };
        let keys = keys(foreseen, asked);
        events.extend(
            keys.into_iter()
                .map(|key| Event::new(whole, part, Controls::tone(Tone::Pitch(Pitch::from_key(key))))),
        );
    }
    events
}

/// The keys of a chord, within the octave above the lowest: so its voices move as little as they can.
fn keys(foreseen: Foreseen, asked: &Asked) -> Vec<u8> {
    let within = |class: u8| asked.lowest.saturating_add((class + 12 - asked.lowest % 12) % 12).min(127);
    match asked.part {
        Part::Bass => vec![within(foreseen.root)],
        Part::Chords => {
            let mut keys: Vec<u8> =
                foreseen.intervals.iter().map(|above| within((foreseen.root + above) % 12)).collect();
            keys.sort_unstable();
            keys
        }
    }
}

#[cfg(test)]
mod tests {
    use lilt_inference::HeardNote;
    use lilt_score::{Gesture, Input, Velocity};

    use super::*;

    /// Foresees the major chord of the last note that it knows.
    struct Echo;

    impl Accompanist for Echo {
        fn identity(&self) -> &str {
            "echo"
        }

        fn foresee(&self, heard: &[HeardNote], of: Foreseeing) -> Option<Foreseen> {
            let last = heard.iter().rev().find(|note| note.start < of.until)?;
            Some(Foreseen { root: last.key % 12, kind: "", intervals: &[0, 4, 7], probability: 1.0 })
        }
    }

    fn ears(keys: &[(u8, f64, f64)]) -> Ears {
        let ears = Ears::default();
        for &(key, start, end) in keys {
            let press = Gesture::Press { key, velocity: Velocity::DEFAULT, channel: 0 };
            let release = Gesture::Release { key, channel: 0 };
            for (gesture, beat) in [(press, start), (release, end)] {
                ears.hear(&Input { seconds: 0.0, source: "Keys".into(), gesture }, beat);
            }
        }
        ears
    }

    fn told(ears: &Ears, asked: &Asked, from: i64, to: i64) -> String {
        let query = Query::new(Span::new(Beat::whole(from), Beat::whole(to)), Beat::whole(4));
        let told = |event: &Event<Controls>| {
            let key = event.value.tone.map(|tone| tone.key()).unwrap_or_default();
            format!("{}+{}:{key}", event.part.start, event.part.length())
        };
        events(ears, &Echo, asked, query).iter().map(told).collect::<Vec<_>>().join(" ")
    }

    const CHORDS: Asked =
        Asked { source: None, part: Part::Chords, lasts: 1, lead: 1.0, lowest: 48, home: None };

    #[test]
    fn a_chord_knows_what_was_played_until_a_beat_before_it() {
        // A c; a d a beat before beat 4 is too late for the chord on 4, and in time for the one on 6.
        let ears = ears(&[(60, 0.0, 3.0), (62, 3.0, 5.0)]);
        assert_eq!(told(&ears, &CHORDS, 0, 2), "");
        assert_eq!(told(&ears, &CHORDS, 4, 6), "4+2:48 4+2:52 4+2:55");
        assert_eq!(told(&ears, &CHORDS, 6, 8), "6+2:50 6+2:54 6+2:57");
        let bass = Asked { part: Part::Bass, lasts: 2, lowest: 36, ..CHORDS };
        assert_eq!(told(&ears, &bass, 0, 12), "4+4:36 8+4:38");
        // A span that is cut anywhere has the same events.
        let cut = format!("{} {}", told(&ears, &CHORDS, 4, 7), told(&ears, &CHORDS, 7, 8));
        assert_eq!(cut, "4+2:48 4+2:52 4+2:55 6+1:50 6+1:54 6+1:57 7+1:50 7+1:54 7+1:57");
    }

    #[test]
    fn it_is_silent_where_nothing_was_played_for_two_bars() {
        let ears = ears(&[(60, 0.0, 1.0)]);
        assert!(told(&ears, &CHORDS, 8, 10).starts_with("8+2:48"));
        assert_eq!(told(&ears, &CHORDS, 12, 40), "");
    }

    #[test]
    fn it_follows_keys_of_its_source() {
        let ears = ears(&[]);
        let of_pads = Asked { source: Some("Pads".into()), ..CHORDS };
        let press = |source: &str| Input {
            seconds: 0.0,
            source: source.into(),
            gesture: Gesture::Press { key: 60, velocity: Velocity::DEFAULT, channel: 0 },
        };
        let (_, heeded) = ears.heeding(|| told(&ears, &of_pads, 0, 4));
        assert!(heeded.concerns(&press("Pads")) && !heeded.concerns(&press("Keys")));
        let (_, heeded) = ears.heeding(|| told(&ears, &CHORDS, 0, 4));
        assert!(heeded.concerns(&press("Pads")) && heeded.concerns(&press("Keys")));
    }
}
