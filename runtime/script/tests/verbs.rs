//! The verbs of music: the events of each, and what holds of all of them.

mod parrot;

use lilt_score::{Beat, Controls, Event, Pattern, Query, Span};
use lilt_script::{Bakes, Limits};
use lilt_sequencer::Part;
use parrot::generation;

/// The music of a script's first slot.
fn music(text: &str) -> Pattern<Controls> {
    match &generation(text).slots[0].part {
        Part::Notes(pattern) => pattern.clone(),
        _ => panic!("{text} plays no notes"),
    }
}

fn bar() -> Beat {
    Beat::whole(4)
}

fn asked(pattern: &Pattern<Controls>, from: Beat, to: Beat) -> Vec<Event<Controls>> {
    pattern.query(Query::new(Span::new(from, to), bar())).expect("it plays")
}

/// The events that begin in the first bars, sorted: `start+length:tone`, and the numbers that are set.
fn events(text: &str, bars: i64) -> String {
    let found = asked(&music(text), Beat::ZERO, bar() * Beat::whole(bars));
    let mut told: Vec<(Beat, String)> = found
        .iter()
        .filter_map(|event| {
            let start = event.onset()?;
            let tone = event.value.tone.map_or_else(|| "-".to_owned(), |tone| tone.to_string());
            let numbers = event
                .value
                .numbers()
                .iter()
                .map(|(control, value)| format!(" {}={}", control.name(), (value * 1e6).round() / 1e6));
            let numbers: String = numbers.filter(|told| !told.starts_with(" degree")).collect();
            Some((start, format!("{start}+{}:{tone}{numbers}", event.whole?.length())))
        })
        .collect();
    told.sort();
    told.into_iter().map(|(_, told)| told).collect::<Vec<_>>().join(" | ")
}

/// A script's music, so many bars of it, and the events that begin there.
#[rustfmt::skip]
const GOLDEN: &[(&str, i64, &str)] = &[
    // Time and structure.
    (r#"notes("c4 e4"):fast(2)"#, 1, "0+1:c4 | 1+1:e4 | 2+1:c4 | 3+1:e4"),
    (r#"notes("c4 e4"):slow(2)"#, 2, "0+4:c4 | 4+4:e4"),
    (r#"notes("c4 e4"):late(1/4)"#, 1, "1+2:c4 | 3+2:e4"),
    (r#"notes("c4 e4"):early(1/4)"#, 1, "1+2:e4 | 3+2:c4"),
    (r#"notes("c4 [e4 g4]"):rev()"#, 1, "0+1:g4 | 1+1:e4 | 2+2:c4"),
    (r#"notes("c4 e4"):palindrome()"#, 2, "0+2:c4 | 2+2:e4 | 4+2:e4 | 6+2:c4"),
    (r#"notes("c4 d4 e4 f4"):iter(4)"#, 2, "0+1:c4 | 1+1:d4 | 2+1:e4 | 3+1:f4 | 4+1:d4 | 5+1:e4 | 6+1:f4 | 7+1:c4"),
    (r#"notes("c4 d4 e4 f4"):iterBack(4)"#, 2, "0+1:c4 | 1+1:d4 | 2+1:e4 | 3+1:f4 | 4+1:f4 | 5+1:c4 | 6+1:d4 | 7+1:e4"),
    (r#"notes("c4 e4"):ply("2 3")"#, 1, "0+1:c4 | 1+1:c4 | 2+2/3:e4 | 8/3+2/3:e4 | 10/3+2/3:e4"),
    (r#"notes("c4 e4"):brak()"#, 2, "0+2:c4 | 2+2:e4 | 5+1:c4 | 6+1:e4"),
    (r#"notes("c4 e4"):compress(1/4, 3/4)"#, 1, "1+1:c4 | 2+1:e4"),
    (r#"notes("c4 d4 e4 f4"):zoom(1/4, 3/4)"#, 1, "0+2:d4 | 2+2:e4"),
    (r#"notes("c4 d4 e4 f4"):linger(1/4)"#, 1, "0+1:c4 | 1+1:c4 | 2+1:c4 | 3+1:c4"),
    (r#"notes("c4 d4 e4 f4"):linger(-1/4)"#, 1, "0+1:f4 | 1+1:f4 | 2+1:f4 | 3+1:f4"),
    (r#"notes("<c4 d4 e4 f4>"):ribbon(1, 2)"#, 4, "0+4:d4 | 4+4:e4 | 8+4:d4 | 12+4:e4"),
    (r#"notes("c4 d4 e4 f4"):inside(2, function(p) return p:rev() end)"#, 1, "0+1:d4 | 1+1:c4 | 2+1:f4 | 3+1:e4"),
    (r#"notes("<c4 d4 e4 f4>"):outside(4, function(p) return p:rev() end)"#, 4, "0+4:f4 | 4+4:e4 | 8+4:d4 | 12+4:c4"),
    (r#"drums("hh*4"):swingBy(1/2, 2)"#, 1, "0+1:hh | 3/2+1:hh | 2+1:hh | 7/2+1:hh"),
    (r#"drums("hh*4"):swing(2)"#, 1, "0+1:hh | 4/3+1:hh | 2+1:hh | 10/3+1:hh"),
    (r#"notes("c4 d4 e4"):quantize(1)"#, 1, "0+4/3:c4 | 1+4/3:d4 | 3+4/3:e4"),
    // Rhythm.
    (r#"notes("c4 e4"):segment(4)"#, 1, "0+1:c4 | 1+1:c4 | 2+1:e4 | 3+1:e4"),
    (r#"notes("<c4 e4>"):struct("x ~ x x")"#, 2, "0+1:c4 | 2+1:c4 | 3+1:c4 | 4+1:e4 | 6+1:e4 | 7+1:e4"),
    (r#"notes("c4 d4 e4 f4"):mask("1 0 1 1")"#, 1, "0+1:c4 | 2+1:e4 | 3+1:f4"),
    (r#"drums("bd"):euclid(3, 8)"#, 1, "0+1/2:bd | 3/2+1/2:bd | 3+1/2:bd"),
    (r#"drums("bd"):euclid("<3 5>", 8)"#, 2, "0+1/2:bd | 3/2+1/2:bd | 3+1/2:bd | 4+1/2:bd | 5+1/2:bd | 11/2+1/2:bd | 13/2+1/2:bd | 7+1/2:bd"),
    (r#"drums("bd"):euclidRot(3, 8, 2)"#, 1, "0+1/2:bd | 1+1/2:bd | 5/2+1/2:bd"),
    (r#"drums("bd"):euclidInv(3, 8)"#, 1, "1/2+1/2:bd | 1+1/2:bd | 2+1/2:bd | 5/2+1/2:bd | 7/2+1/2:bd"),
    (r#"drums("bd"):euclidFull(3, 4, drums "hh")"#, 1, "0+1:bd | 1+1:bd | 2+1:bd | 3+1:hh"),
    (r#"notes("c2"):euclidLegato(3, 8)"#, 1, "0+3/2:c2 | 3/2+3/2:c2 | 3+1:c2"),
    (r#"notes("c4 [d4 e4] g4"):rot(1)"#, 1, "0+4/3:d4 | 4/3+2/3:e4 | 2+2/3:g4 | 8/3+4/3:c4"),
    (r#"drums("bd"):beat("0,7,10", 16)"#, 1, "0+1/4:bd | 7/4+1/4:bd | 5/2+1/4:bd"),
    (r#"notes("c4 d4 e4 f4"):restart("x ~ x ~")"#, 1, "0+1:c4 | 2+1:c4"),
    (r#"notes("c4*4"):mask(numbers("1 0 0 1"):invert())"#, 1, "1+1:c4 | 2+1:c4"),
    // Several pieces.
    (r#"notes("c4"):stack "e4""#, 1, "0+4:c4 | 0+4:e4"),
    (r#"notes("c4"):cat("e4", "g4")"#, 3, "0+4:c4 | 4+4:e4 | 8+4:g4"),
    (r#"notes("c4"):fastcat("e4", "g4 f4")"#, 1, "0+4/3:c4 | 4/3+4/3:e4 | 8/3+2/3:g4 | 10/3+2/3:f4"),
    (r#"notes("c4"):tour("e4", "g4")"#, 9, "0+4:e4 | 4+4:g4 | 8+4:c4 | 12+4:e4 | 16+4:c4 | 20+4:g4 | 24+4:c4 | 28+4:e4 | 32+4:g4"),
    (r#"numbers("<0 1> 5"):pick("c4 e4", "g4*4")"#, 1, "0+2:c4 | 2+1:g4 | 3+1:g4"),
    (r#"numbers("0 [1 0]"):squeeze({ "c4 e4", "g4 f4" })"#, 1, "0+1:c4 | 1+1:e4 | 2+1/2:g4 | 5/2+1/2:f4 | 3+1/2:c4 | 7/2+1/2:e4"),
    // Conditions.
    (r#"notes("c4"):every(2, function(p) return p:fast(2) end)"#, 2, "0+2:c4 | 2+2:c4 | 4+4:c4"),
    (r#"notes("c4"):firstOf(2, function(p) return p:fast(2) end)"#, 2, "0+2:c4 | 2+2:c4 | 4+4:c4"),
    (r#"notes("c4"):lastOf(2, function(p) return p:fast(2) end)"#, 2, "0+4:c4 | 4+2:c4 | 6+2:c4"),
    (r#"notes("c4"):whenmod(3, 2, function(p) return p:transpose(2) end)"#, 3, "0+4:c4 | 4+4:c4 | 8+4:d4"),
    (r#"notes("c4*4"):when("<0 1>", function(p) return p:transpose(2) end)"#, 2, "0+1:c4 | 1+1:c4 | 2+1:c4 | 3+1:c4 | 4+1:d4 | 5+1:d4 | 6+1:d4 | 7+1:d4"),
    (r#"notes("c4 d4 e4 f4"):within(0, 1/2, function(p) return p:fast(2) end)"#, 1, "0+1/2:c4 | 1/2+1/2:d4 | 1+1/2:e4 | 3/2+1/2:f4 | 2+1:e4 | 3+1:f4"),
    (r#"notes("c4 d4"):chunk(2, function(p) return p:transpose(12) end)"#, 2, "0+2:c5 | 2+2:d4 | 4+2:c4 | 6+2:d5"),
    (r#"notes("c4 d4"):chunkBack(2, function(p) return p:transpose(12) end)"#, 2, "0+2:c4 | 2+2:d5 | 4+2:c5 | 6+2:d4"),
    (r#"drums("bd sd"):fix("bd", function(p) return p:ply(2) end)"#, 1, "0+1:bd | 1+1:bd | 2+2:sd"),
    (r#"drums("bd sd"):contrast("bd", function(p) return p:ply(2) end, function(p) return p:gain(0.5) end)"#, 1, "0+1:bd | 1+1:bd | 2+2:sd gain=0.5"),
    // Layers.
    (r#"notes("c4"):superimpose(function(p) return p:transpose(7) end)"#, 1, "0+4:c4 | 0+4:g4"),
    (r#"notes("c4"):layer(function(p) return p:transpose(7) end, function(p) return p:fast(2) end)"#, 1, "0+2:c4 | 0+4:g4 | 2+2:c4"),
    (r#"notes("c4 e4"):off(1/8, function(p) return p:transpose(12) end)"#, 1, "0+2:c4 | 1/2+2:c5 | 2+2:e4 | 5/2+2:e5"),
    (r#"notes("c4 ~ ~ ~"):echo(3, 1/4, 0.5)"#, 1, "0+1:c4 | 1+1:c4 gain=0.5 | 2+1:c4 gain=0.25"),
    (r#"notes("c4 ~ ~ ~"):stut(3, 0.5, 1/4)"#, 1, "0+1:c4 | 1+1:c4 gain=0.5 | 2+1:c4 gain=0.25"),
    (r#"notes("c4 ~ ~ ~"):stutter(3, 1/4)"#, 1, "0+1:c4 | 1+1:c4 | 2+1:c4"),
    (r#"drums("sd ~ ~ ~"):ghost()"#, 1, "0+1:sd | 3/4+1:sd gain=0.7 legato=0.2 endAt=0.2 speed=1.25 | 5/4+1:sd gain=0.7 legato=0.2 endAt=0.2 speed=1.25 | 2+1:sd gain=0.49 legato=0.2 endAt=0.2 speed=1.5625"),
    (r#"notes("c4 e4"):jux(function(p) return p:rev() end)"#, 1, "0+2:c4 pan=-1 | 0+2:e4 pan=1 | 2+2:c4 pan=1 | 2+2:e4 pan=-1"),
    (r#"notes("c4"):juxBy(0.5, function(p) return p:fast(2) end)"#, 1, "0+2:c4 pan=0.5 | 0+4:c4 pan=-0.5 | 2+2:c4 pan=0.5"),
    // Chance whose outcome is certain.
    (r#"notes("c4 e4"):degradeBy(1)"#, 1, ""),
    (r#"notes("c4 e4"):degradeBy(0)"#, 1, "0+2:c4 | 2+2:e4"),
    (r#"notes("c4 e4"):undegradeBy(1)"#, 1, "0+2:c4 | 2+2:e4"),
    (r#"notes("c4 e4"):sometimesBy(1, function(p) return p:ply(2) end)"#, 1, "0+1:c4 | 1+1:c4 | 2+1:e4 | 3+1:e4"),
    (r#"notes("c4 e4"):sometimesBy("1 0", function(p) return p:ply(2) end)"#, 1, "0+1:c4 | 1+1:c4 | 2+2:e4"),
    (r#"notes("c4"):somecyclesBy(1, function(p) return p:fast(2) end)"#, 1, "0+2:c4 | 2+2:c4"),
    (r#"notes("c4"):always(function(p) return p:fast(2) end)"#, 1, "0+2:c4 | 2+2:c4"),
    (r#"notes("c4"):never(function(p) return p:fast(2) end)"#, 1, "0+4:c4"),
    (r#"notes("c4"):wrandcat("0 1", "e4")"#, 2, "0+4:e4 | 4+4:e4"),
    (r#"notes("c4"):wchoose("1 0", "e4")"#, 2, "0+4:c4 | 4+4:c4"),
    (r#"notes("c4 e4"):vowel("a 2.5")"#, 1, "0+2:c4 vowel=1 | 2+2:e4 vowel=2.5"),
    // Pitch.
    (r#"numbers("0 2 -1 7"):scale("C minor")"#, 1, "0+1:c4 | 1+1:eb4 | 2+1:bb3 | 3+1:c5"),
    (r#"numbers("0 2"):scale("<C:major a3:minor>")"#, 2, "0+2:c4 | 2+2:e4 | 4+2:a3 | 6+2:c4"),
    (r#"numbers("0 2"):scale("C minor"):add(1)"#, 1, "0+2:d4 | 2+2:f4"),
    (r#"numbers("0 2"):scale("C minor"):scaleTranspose(1)"#, 1, "0+2:d4 | 2+2:f4"),
    (r#"notes("c4 e4"):scaleTranspose(-1, "C major")"#, 1, "0+2:b3 | 2+2:d4"),
    (r#"notes("c#4 f#4"):scale("C major")"#, 1, "0+2:c4 | 2+2:f4"),
    (r#"notes("c4 a3"):chord("maj min7")"#, 1, "0+2:c4 | 0+2:e4 | 0+2:g4 | 2+2:a3 | 2+2:c4 | 2+2:e4 | 2+2:g4"),
    (r#"notes("c4'maj7"):arp("up")"#, 1, "0+1:c4 | 1+1:e4 | 2+1:g4 | 3+1:b4"),
    (r#"notes("c4'maj7"):arp("converge")"#, 1, "0+1:c4 | 1+1:b4 | 2+1:e4 | 3+1:g4"),
    (r#"notes("c4'maj"):arp("updown")"#, 1, "0+1:c4 | 1+1:e4 | 2+1:g4 | 3+1:e4"),
    (r#"notes("c4'maj"):arp("0 [2 3]")"#, 1, "0+2:c4 | 2+1:g4 | 3+1:c5"),
    (r#"notes("c4'maj"):rolled(3/4)"#, 1, "0+4:c4 | 1+3:e4 | 2+2:g4"),
    (r#"notes("c4'maj"):strum(-1/2)"#, 1, "0+4:g4 | 1/2+7/2:e4 | 1+3:c4"),
    (r#"notes("c4'maj a3'min f3'maj"):voicing(67)"#, 1, "0+4/3:c4 | 0+4/3:e4 | 0+4/3:g4 | 4/3+4/3:a3 | 4/3+4/3:c4 | 4/3+4/3:e4 | 8/3+4/3:a3 | 8/3+4/3:c4 | 8/3+4/3:f4"),
    (r#"notes("c4"):octave(-1)"#, 1, "0+4:c3"),
    (r#"degrees "0 2 -1 7""#, 1, "0+1:c4 | 1+1:e4 | 2+1:b3 | 3+1:c5"),
    (r#"degrees("0 2# 2b", "C minor")"#, 1, "0+4/3:c4 | 4/3+4/3:e4 | 8/3+4/3:d4"),
    (r#"degrees("0 2 4"):scale("D dorian")"#, 1, "0+4/3:d4 | 4/3+4/3:f4 | 8/3+4/3:a4"),
    (r#"degrees("0 2") + 1"#, 1, "0+2:d4 | 2+2:f4"),
    (r#"chords("C Am7")"#, 1, "0+2:c3 | 0+2:e3 | 0+2:g3 | 2+2:a3 | 2+2:c4 | 2+2:e4 | 2+2:g4"),
    (r#"chords("I vi", "G major")"#, 1, "0+2:b3 | 0+2:d4 | 0+2:g3 | 2+2:b4 | 2+2:e4 | 2+2:g4"),
    (r#"run("4"):scale("C major")"#, 1, "0+1:c4 | 1+1:d4 | 2+1:e4 | 3+1:f4"),
    (r#"scan("2"):scale("C major")"#, 2, "0+4:c4 | 4+2:c4 | 6+2:d4"),
    (r#"notes("c4*2"):gain(line(0, 1, 4))"#, 1, "0+2:c4 gain=0 | 2+2:c4 gain=0.5"),
    (r#"notes("c4*4"):gain(envelope("0 1 0.5", 4))"#, 1, "0+1:c4 gain=0 | 1+1:c4 gain=0.5 | 2+1:c4 gain=1 | 3+1:c4 gain=0.75"),
    (r#"notes("c4*4"):gain(numbers("0 1"):smooth())"#, 1, "0+1:c4 gain=0 | 1+1:c4 gain=0.5 | 2+1:c4 gain=1 | 3+1:c4 gain=0.5"),
    // Note by note. Digits stand in texts where another one would be out of reach.
    (r#"notes("c4 e4"):each(function(n) if n.pitch == 64 then return nil end return n end)"#, 1, "0+2:c4"),
    (r#"notes("c4 e4"):each(function(n) n.start = tonumber("3") - n.start return n end)"#, 1, "1+2:e4 | 3+2:c4"),
    (r#"notes("c4"):each(function(n) return { n, "e4", { pitch = 67, start = tonumber("2"), duration = tonumber("1") } } end)"#, 1, "0+4:c4 | 0+4:e4 | 2+1:g4"),
    (r#"notes("c4*2"):gain("1 .5"):each(function(n) n.gain = n.gain * 0.5 n.pan = -1 return n end)"#, 1, "0+2:c4 gain=0.5 pan=-1 | 2+2:c4 gain=0.25 pan=-1"),
    (r#"notes("<c4 d4>/2"):each(function(n) if n.bar % 2 == 1 then return n.pitch + 7 end return n end)"#, 4, "0+8:c4 | 8+8:d4"),
    (r#"notes("c4"):each(function(n) if n.bar % 2 == 1 then return n.pitch + 7 end return n end)"#, 2, "0+4:c4 | 4+4:g4"),
    (r#"degrees("0 2"):each(function(n) n.degree = n.degree + 1 return n end)"#, 1, "0+2:d4 | 2+2:f4"),
    (r#"drums("bd sd"):each(function(n) if n.sound == "sd" then n.sound = "cp" end return n end)"#, 1, "0+2:bd | 2+2:cp"),
    (r#"each("c4 e4", function(n) return n.pitch + 12 end)"#, 1, "0+2:c5 | 2+2:e5"),
    (r#"clip({ 60, 64 }):each(function(n) n.velocity = 0.3 return n end)"#, 1, "0+1:c4 | 1+1:e4 | 2+1:c4 | 3+1:e4"),
    (r#"notes("c4 e4 g4 ~"):invert("c4")"#, 1, "0+1:c4 | 1+1:ab3 | 2+1:f3"),
    (r#"notes("c4 e4"):invert("<c4 e4>")"#, 2, "0+2:c4 | 2+2:ab3 | 4+2:ab4 | 6+2:e4"),
    (r#"degrees("0 2 4 3#"):invert()"#, 1, "0+1:c4 | 1+1:a3 | 2+1:f3 | 3+1:f#3"),
    (r#"degrees("0 2 4"):invert("e4")"#, 1, "0+4/3:g4 | 4/3+4/3:e4 | 8/3+4/3:c4"),
    (r#"invert("c4 e4", 64)"#, 1, "0+2:ab4 | 2+2:e4"),
    (r#"notes("<c4 d4> ~"):canon(2, 2, 12)"#, 2, "0+2:c4 | 2+2:c5 | 4+2:d4 | 6+2:d5"),
    (r#"canon("c4 ~", { voices = 3, beats = 1/2 })"#, 1, "0+2:c4 | 1/2+2:c4 | 1+2:c4"),
    // Clips are music too.
    (r#"clip({ 60, 62, 64, 65 }):ply(2)"#, 1, "0+1/2:c4 | 1/2+1/2:c4 | 1+1/2:d4 | 3/2+1/2:d4 | 2+1/2:e4 | 5/2+1/2:e4 | 3+1/2:f4 | 7/2+1/2:f4"),
    (r#"clip({ 60, 62, 64, 65 }) + 12"#, 1, "0+1:c5 | 1+1:d5 | 2+1:e5 | 3+1:f5"),
    // The library's functions of any music.
    (r#"swing(drums "hh*8")"#, 1, "0+1/2:hh | 2/3+1/2:hh | 1+1/2:hh | 5/3+1/2:hh | 2+1/2:hh | 8/3+1/2:hh | 3+1/2:hh | 11/3+1/2:hh"),
    (r#"octave("c4", -1)"#, 1, "0+4:c3"),
    (r#"retrograde("c4 e4")"#, 1, "0+2:e4 | 2+2:c4"),
    (r#"snap("c#4 f#4", "C major")"#, 1, "0+2:c4 | 2+2:f4"),
    (r#"quantize("c4 d4 e4", 1)"#, 1, "0+4/3:c4 | 1+4/3:d4 | 3+4/3:e4"),
    // Slices of sounds, and of bars.
    (r#"drums("bd sd"):hurry(2)"#, 1, "0+1:bd speed=2 | 1+1:sd speed=2 | 2+1:bd speed=2 | 3+1:sd speed=2"),
    (r#"drums("bd"):loopAt(2)"#, 2, "0+8:bd fitBars=2"),
    (r#"drums("bd sd"):fit()"#, 1, "0+2:bd fitBars=0.5 | 2+2:sd fitBars=0.5"),
    (r#"sound("breaks"):chop(2)"#, 1, "0+2:- begin=0 endAt=0.5 | 2+2:- begin=0.5 endAt=1"),
    (r#"sound("breaks"):loopAt(2):chop(2)"#, 2, "0+4:- begin=0 endAt=0.5 fitBars=2 | 4+4:- begin=0.5 endAt=1 fitBars=2"),
    (r#"sound("breaks breaks:1"):fit()"#, 1, "0+2:- fitBars=0.5 | 2+2:- n=1 fitBars=0.5"),
    (r#"sound("breaks"):striate(2)"#, 1, "0+2:- begin=0 endAt=0.5 | 2+2:- begin=0.5 endAt=1"),
    (r#"sound("breaks"):slice(8, "0 [3 -1]")"#, 1, "0+2:- begin=0 endAt=0.125 | 2+1:- begin=0.375 endAt=0.5 | 3+1:- begin=0.875 endAt=1"),
    (r#"sound("breaks"):splice(2, "1")"#, 1, "0+4:- begin=0.5 endAt=1 fitBars=2"),
    (r#"drums("bd"):chop(2)"#, 1, "0+2:bd begin=0 endAt=0.5 | 2+2:bd begin=0.5 endAt=1"),
    (r#"drums("bd sd"):striate(2)"#, 1, "0+1:bd begin=0 endAt=0.5 | 1+1:sd begin=0 endAt=0.5 | 2+1:bd begin=0.5 endAt=1 | 3+1:sd begin=0.5 endAt=1"),
    (r#"drums("bd"):slice(4, "0 2")"#, 1, "0+2:bd begin=0 endAt=0.25 | 2+2:bd begin=0.5 endAt=0.75"),
    (r#"drums("bd"):splice(4, "0 2")"#, 1, "0+2:bd begin=0 endAt=0.25 fitBars=2 | 2+2:bd begin=0.5 endAt=0.75 fitBars=2"),
    (r#"notes("c4 d4 e4 f4"):bite(4, "0 [2 3]")"#, 1, "0+2:c4 | 2+1:e4 | 3+1:f4"),
    // Numbers.
    (r#"notes("c4 e4"):add("<0 7>")"#, 2, "0+2:c4 | 2+2:e4 | 4+2:g4 | 6+2:b4"),
    (r#"notes("c4 e4") - 12"#, 1, "0+2:c3 | 2+2:e3"),
    (r#"notes("c4") .. notes("e4")"#, 2, "0+4:c4 | 4+4:e4"),
];

#[test]
fn the_events_of_each_verb() {
    let mut wrong = Vec::new();
    for (expression, bars, told) in GOLDEN {
        let found = events(&format!("play(\"a\", {expression})"), *bars);
        if found != *told {
            wrong.push(format!("{expression}\n  should be {told}\n  but is    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Scripts that between them use every verb: the example of each, and the table.
fn scripts() -> Vec<String> {
    let docs = lilt_script::documentation();
    let examples = docs.into_iter().filter(|doc| doc.name.starts_with("pattern:")).map(|doc| doc.example);
    let golden = GOLDEN.iter().map(|(expression, ..)| format!("play(\"a\", {expression})"));
    examples.chain(golden).collect()
}

/// The music that scripts play, of which some draw or are silent.
fn all_music() -> Vec<(String, Pattern<Controls>)> {
    let limits = Limits { bakes: Bakes::Never, ..Limits::patient() };
    let mut engine = parrot::engine_with(&[], limits);
    let mut found = Vec::new();
    for text in scripts() {
        let generation = engine
            .evaluate(&text, "set.lua")
            .result
            .unwrap_or_else(|error| panic!("{}", error.render(&text)));
        for slot in &generation.slots {
            if let Part::Notes(pattern) = &slot.part {
                found.push((text.clone(), pattern.clone()));
            }
        }
    }
    assert!(found.len() > 150, "only {} scripts play", found.len());
    found
}

/// What begins, as it can be compared: times, tone, numbers.
fn begun(events: &[Event<Controls>]) -> Vec<String> {
    let told = events.iter().filter(|event| event.onset().is_some());
    let mut told: Vec<String> = told
        .map(|event| format!("{:?} {:?} {:?}", event.whole, event.value, event.context.places()))
        .collect();
    told.sort();
    told
}

/// The script with every digit outside its texts another, so that each verb gets arguments nobody chose.
fn with_other_arguments(text: &str, turn: u32) -> String {
    let mut quoted = false;
    let other = |(i, c): (usize, char)| {
        if c == '"' {
            quoted = !quoted;
        }
        match c.to_digit(10) {
            Some(digit) if !quoted => char::from_digit((digit + turn + i as u32) % 6, 10).unwrap_or(c),
            _ => c,
        }
    };
    text.chars().enumerate().map(other).collect()
}

#[test]
fn other_arguments_keep_to_the_laws_too() {
    let mut engine = parrot::engine();
    let mut played = 0;
    for (expression, ..) in GOLDEN {
        for turn in 1..4 {
            let text = with_other_arguments(&format!("play(\"a\", {expression})"), turn);
            // What is out of a verb's range is an error, as it should be.
            let Ok(generation) = engine.evaluate(&text, "set.lua").result else { continue };
            let Part::Notes(pattern) = &generation.slots[0].part else { continue };
            splits(&text, pattern);
            played += 1;
        }
    }
    assert!(played > 150, "only {played} scripts play");
}

#[test]
fn a_question_in_two_parts_has_the_same_answer() {
    for (text, pattern) in all_music() {
        splits(&text, &pattern);
    }
}

/// Whether a question in two parts has the events of the whole.
fn splits(text: &str, pattern: &Pattern<Controls>) {
    let cuts = [(1, 3), (1, 1), (7, 5), (2, 1), (15, 4), (4, 1), (13, 2), (29, 3)];
    let (from, to) = (Beat::ZERO, bar() * Beat::whole(3));
    let whole = begun(&asked(pattern, from, to));
    for (upper, lower) in cuts {
        let at = Beat::new(upper, lower);
        let halves = [asked(pattern, from, at), asked(pattern, at, to)].concat();
        assert_eq!(begun(&halves), whole, "{text} asked up to {at} and from there");
    }
}

#[test]
fn every_event_knows_where_it_was_written_and_comes_again() {
    for ((text, pattern), (_, again)) in all_music().into_iter().zip(all_music()) {
        let events = asked(&pattern, Beat::ZERO, bar() * Beat::whole(4));
        for event in events.iter().filter(|event| event.onset().is_some()) {
            // A clip by hand is written in many places, none of them its own.
            assert!(text.contains("clip(") || !event.context.places().is_empty(), "{text}: {event:?}");
        }
        let told = |events: &[Event<Controls>]| -> Vec<String> {
            let mut told: Vec<_> = events
                .iter()
                .filter_map(|event| Some(format!("{} {:?}", event.onset()?, event.value)))
                .collect();
            told.sort();
            told
        };
        assert_eq!(told(&asked(&again, Beat::ZERO, bar() * Beat::whole(4))), told(&events), "{text}");
    }
}

#[test]
fn the_set_that_is_measured_uses_forty_verbs() {
    let text = include_str!("../benches/forty-verbs.lua");
    assert_eq!(generation(text).slots.len(), 16);
    let docs = lilt_script::documentation().into_iter();
    let verbs = docs.filter_map(|doc| doc.name.strip_prefix("pattern:").map(str::to_owned));
    let used = verbs.filter(|verb| {
        let called = |before: &str, after: char| text.contains(&format!("{before}{verb}{after}"));
        [":", " ", "("].iter().any(|before| called(before, '(') || called(before, ' '))
    });
    let used: Vec<String> = used.collect();
    assert!(used.len() >= 40, "{} verbs: {used:?}", used.len());
    assert!((110..=130).contains(&text.lines().count()), "{} lines", text.lines().count());
}

#[test]
fn a_text_of_numbers_too_low_to_hear_is_told_of() {
    let evaluation = parrot::evaluate("play(\"a\", \"0 2 4\")");
    let told: Vec<_> =
        evaluation.notices.iter().map(|notice| (&*notice.message, notice.help.as_deref())).collect();
    assert_eq!(
        told,
        [(
            "the pitch 0 is too low to be heard",
            Some("write degrees \"0 2 4\" for steps of the key, or pitches such as 60 or c4")
        )]
    );
    // What is finally heard counts, and its place is where it was written.
    for text in [
        "play(\"a\", \"60 64\")",
        "play(\"a\", \"0 2 4\"):scale(\"C minor\")",
        "play(\"a\", notes(\"0 2 4\"):scale(\"C minor\"))",
        "play(\"a\", notes(\"0 2 4\") + 60)",
        "play(\"a\", notes(\"<60 62>\"):add(\"0 7\"))",
    ] {
        assert_eq!(parrot::evaluate(text).notices, [], "{text}");
    }
    let notices = parrot::evaluate("local a = notes \"60 3\"\nplay(\"a\", a:transpose(2))").notices;
    let told: Vec<_> = notices.iter().map(|told| (told.line, told.column, told.message.as_str())).collect();
    assert_eq!(told, [(1, 21, "the pitch 5 is too low to be heard")]);
}

#[test]
fn what_is_wrong_with_a_verb_is_told() {
    for (expression, told) in [
        (r#"notes("c4"):scale("C mayor")"#, "there is no scale `mayor`"),
        (r#"notes("c4"):chord("majj")"#, "`majj` is no chord"),
        (r#"notes("c4"):arp("upp")"#, "`arp` does not know \"upp\""),
        (r#"notes("c4"):struct("x y")"#, "`struct` does not know \"y\""),
        (r#"degrees("0 x")"#, "`x` is no degree"),
        (r#"chords("H")"#, "`H` is no chord"),
        (r#"notes("c4"):wchoose("3 x", "e4")"#, "`wchoose` expects weights such as \"3 1\": `x` is none"),
    ] {
        let result = parrot::evaluate(&format!("play(\"a\", {expression})")).result;
        assert_eq!(result.expect_err(expression).message, told, "{expression}");
    }
}

/// The text without the call of a method, if it has one.
fn without(text: &str, method: &str) -> Option<String> {
    let from = text.match_indices(&format!(":{method}")).map(|(at, _)| at).find(|at| {
        let rest = &text[at + method.len() + 1..];
        !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    })?;
    let rest = &text[from + method.len() + 1..];
    let (mut depth, mut quoted) = (0, false);
    let length = rest.char_indices().find_map(|(at, c)| {
        match c {
            '"' => quoted = !quoted,
            '(' | '{' if !quoted => depth += 1,
            ')' | '}' if !quoted => depth -= 1,
            _ => {}
        }
        let ends = matches!(c, ')' | '}' | '"') && depth == 0 && !quoted;
        ends.then_some(at + c.len_utf8())
    })?;
    Some(format!("{}{}", &text[..from], &rest[length..]))
}

/// What the slots of a script play in its first bars, wherever it was written; nothing where it is wrong.
fn heard(text: &str) -> Vec<String> {
    let Ok(generation) = parrot::evaluate(text).result else { return Vec::new() };
    let of_slot = |slot: &lilt_sequencer::SlotSpec| {
        let Part::Notes(pattern) = &slot.part else { return Vec::new() };
        let events = asked(pattern, Beat::ZERO, bar() * Beat::whole(16));
        let onsets = events.iter().filter(|event| event.onset().is_some());
        let mut told: Vec<String> =
            onsets.map(|event| format!("{:?} {:?}", event.whole, event.value)).collect();
        told.sort();
        for control in lilt_score::Control::of_slots() {
            let Some(said) = slot.strip.pattern(control) else { continue };
            told.extend((0..16).map(|beat| {
                let values =
                    said.query(Query::new(Span::new(Beat::whole(beat), Beat::whole(beat + 1)), bar()));
                let values = values.expect("it answers").into_iter();
                format!("{} {:?}", control.name(), values.map(|event| event.value).collect::<Vec<_>>())
            }));
        }
        told
    };
    generation.slots.iter().flat_map(of_slot).collect()
}

#[test]
fn every_example_of_a_verb_plays_otherwise_than_without_it() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for doc in lilt_script::documentation() {
        let Some(name) = doc.name.strip_prefix("pattern:") else { continue };
        seen += 1;
        let Some(plain) = without(&doc.example, name) else {
            // What makes music of numbers is called like a function.
            if doc.example.contains(&format!(" {name}(")) && !heard(&doc.example).is_empty() {
                continue;
            }
            wrong.push(format!("{name} is not used: {}", doc.example));
            continue;
        };
        if (heard(&doc.example) == heard(&plain)) != (name == "never") {
            wrong.push(format!("{name} changes nothing: {}", doc.example));
        }
    }
    assert!(seen > 150, "only {seen} verbs");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Names that are a function of the library and a verb too, and what the verb may be given.
const SHARED: &[(&str, &str)] = &[
    ("accent", "0.8"),
    ("canon", "2, 1"),
    ("choose", "\"e4\""),
    ("chord", "\"min7\""),
    ("chord", "\"<maj sus4>\""),
    ("each", "function(n) return n.pitch + 12 end"),
    ("euclid", "3, 8"),
    ("euclid", "\"<3 5>\", 8"),
    ("humanize", "1/64, 0.1"),
    ("invert", ""),
    ("invert", "60"),
    ("loop", "1"),
    ("n", "1"),
    ("noise", "0.3"),
    ("octave", "1"),
    ("on", "\"pluck\""),
    ("quantize", "1/4"),
    ("s", "\"pluck\""),
    ("scale", "\"C minor\""),
    ("sound", "\"<pluck bell>\""),
    ("strum", ".02"),
    ("swing", "2"),
    ("thin", "0.6"),
];

#[test]
fn a_function_with_the_name_of_a_verb_is_a_change_where_it_is_given_no_music() {
    let docs = lilt_script::documentation();
    let is_verb =
        |name: &str| docs.iter().any(|doc| doc.name.starts_with("pattern:") && doc.answers_to(name));
    let plain = docs.iter().map(|doc| doc.name.as_str()).filter(|name| !name.contains([':', '.']));
    // `clip` makes notes, and its verb is legato; `cc` alone is a knob.
    let missing: Vec<&str> = plain
        .filter(|name| {
            is_verb(name)
                && !["clip", "cc"].contains(name)
                && !SHARED.iter().any(|(shared, _)| shared == name)
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let tune = r#"notes("c4'maj e4'min7 g4 [c4 d4]")"#;
    let mut wrong = Vec::new();
    for (name, written) in SHARED {
        let method = events(&format!("play(\"a\", {tune}:{name}({written}))"), 2);
        assert!(!method.is_empty(), "{name}");
        for change in [
            format!("always({name}({written}))"),
            format!("every(1, {name}({written}))"),
            format!("always(transpose(0):{name}({written}))"),
        ] {
            let text = format!("play(\"a\", {tune}:{change})");
            if events(&text, 2) != method {
                wrong.push(text);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_has_the_name_of_a_verb_is_still_of_the_library() {
    for (text, bars, told) in [
        (r#"play("a", clip(scale "C major"))"#, 1, "0+1:c4 | 1+1:d4 | 2+1:e4 | 3+1:f4"),
        (r#"play("a", drums(euclid(3, 8)))"#, 1, "0+1/2:bd | 3/2+1/2:bd | 3+1/2:bd"),
        (r#"play("a", block({ chord "C" }, 4))"#, 1, "0+4:c3 | 0+4:e3 | 0+4:g3"),
        (r#"play("a", octave(clip { 60, 64, 67, 72 }, -1))"#, 1, "0+1:c3 | 1+1:e3 | 2+1:g3 | 3+1:c4"),
    ] {
        assert_eq!(events(text, bars), told, "{text}");
    }
}

#[test]
fn every_example_of_a_control_is_on_an_instrument_that_understands_it() {
    let of_samples =
        ["n", "accelerate", "loop", "begin", "endAt", "speed", "fitBars", "fitBeats", "fitSeconds"];
    let mut wrong = Vec::new();
    for doc in lilt_script::documentation() {
        let Some((owner @ ("pattern" | "slot"), name)) = doc.name.split_once(':') else { continue };
        let Some(control) = lilt_score::Control::named(name) else { continue };
        let slots = generation(&doc.example).slots;
        let slot = slots.last().expect("a slot");
        let heard = match &slot.output {
            lilt_sequencer::Output::Midi { .. }
            | lilt_sequencer::Output::Osc(_)
            | lilt_sequencer::Output::Sample { .. }
            | lilt_sequencer::Output::Preset(_)
            | lilt_sequencer::Output::Timbre(_)
            | lilt_sequencer::Output::Bus => true,
            lilt_sequencer::Output::Synth(instrument) => {
                owner == "slot" || of_samples.contains(&name) || instrument.understands(control)
            }
        };
        let moves = owner == "pattern"
            || slot
                .strip
                .pattern(control)
                .is_some_and(|said| said.steady_value() != Some(&lilt_sequencer::Strip::unsaid(control)));
        if !heard || !moves {
            wrong.push(format!("{}: {}", doc.name, doc.example));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
