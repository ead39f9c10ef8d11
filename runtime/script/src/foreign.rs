//! Words that people bring with them from other languages and programs, and what Lilt says in their place.
//! A word is looked up only where Lilt knows none of that name.

use crate::fault::Fault;

/// A word of another language.
struct Foreign {
    /// The words, with spaces between them.
    words: &'static str,
    /// Whose they are.
    of: &'static str,
    /// What to write in Lilt.
    instead: &'static str,
}

const fn foreign(words: &'static str, of: &'static str, instead: &'static str) -> Foreign {
    Foreign { words, of, instead }
}

const TEMPO: &str = "write tempo(120), in beats a minute";
const NOTHING: &str = "write nil for nothing, or ~ in a text for a rest";
const SILENT: &str = "write silence(\"lead\") for the slot `lead`, or put -- before its line";
const SLOT: &str = "write play(\"lead\", \"c4 e4\"): the slot goes round by itself";
const LOOP: &str = "write loop(\"name\", function() … sleep(1) end)";
const SOUND: &str = "write play(\"beat\", sound \"bd breaks:2\")";
const NOTES: &str = "write play(\"lead\", \"c4 e4\")";
const TEXT: &str = "write the steps in a text, as in notes \"c4 e4 g4\"";

/// Names.
const NAMES: &[Foreign] = &[
    foreign("null undefined NaN", "JavaScript", NOTHING),
    foreign("None", "Python", NOTHING),
    foreign("True", "Python", "write true"),
    foreign("False", "Python", "write false"),
    foreign("import from", "Python and JavaScript", "write require \"name\" for a file beside the script"),
    foreign("switch", "JavaScript", "write if … then … elseif … end"),
    foreign("console", "JavaScript", "write print(…)"),
    foreign("Math", "JavaScript", "write math, as in math.random(1, 8)"),
    foreign("len", "Python", "write # before a list, as in #list"),
    foreign("str", "Python", "write tostring(…)"),
    foreign("int", "Python", "write math.floor(…)"),
    foreign("float", "Python", "write tonumber(…)"),
    foreign("this", "JavaScript", "write self, in a function that was declared with a colon"),
    foreign("wait", "Sonic Pi", LOOP),
    foreign(
        "setcps cps setCps",
        "Tidal and Strudel",
        "write tempo(120), in beats a minute: 0.5 cycles a second",
    ),
    foreign("setcpm cpm setCpm", "Strudel", "write tempo(120), in beats a minute: 30 cycles a minute"),
    foreign("bpm setbpm setBpm", "other programs", TEMPO),
    foreign("use_bpm with_bpm", "Sonic Pi", TEMPO),
    foreign("hush", "Tidal and Strudel", SILENT),
    foreign("stop", "Sonic Pi", SILENT),
    foreign("panic", "Tidal", SILENT),
    foreign("once", "Tidal", SLOT),
    foreign("live_loop in_thread", "Sonic Pi", LOOP),
    foreign("d1 d2 d3 d4 d5 d6 d7 d8 d9 d10 d11 d12", "Tidal", "write play(\"d1\", sound \"bd sd\")"),
    foreign(
        "samples",
        "Strudel",
        "put the files into a folder `samples` beside the script, and write sound \"name\"",
    ),
    foreign("sample", "Sonic Pi", SOUND),
    foreign("play_pattern play_pattern_timed play_chord", "Sonic Pi", NOTES),
    foreign("seq sequence mini", "Strudel", TEXT),
    foreign("with_fx use_fx", "Sonic Pi", "write play(…):reverb(0.5), :delay(0.3) or :lowpass(800)"),
    foreign("use_synth with_synth", "Sonic Pi", "write play(…):on(synth \"pluck\")"),
    foreign("rrand rrand_i rand_i dice", "Sonic Pi", "write math.random(1, 8)"),
    foreign("random randint uniform", "Python", "write math.random(1, 8)"),
    foreign("use_random_seed", "Sonic Pi", "write seed(7)"),
    foreign("setTimeout setInterval", "JavaScript", "give play a function: it is asked at each bar"),
];

/// Methods.
const METHODS: &[Foreign] = &[
    foreign("amp", "Sonic Pi", "write :gain(0.8)"),
    foreign("volume vol", "other programs", "write :gain(0.8)"),
    foreign("cps cpm", "Strudel", TEMPO),
    foreign("synth instrument", "other programs", "write :on \"bass\""),
    foreign("adsr", "Strudel", "write :attack(0.1):decay(0.2):sustain(0.5):release(0.3)"),
    foreign("p d1", "Strudel", "write play(\"lead\", …) around it"),
    foreign("note", "Tidal and Strudel", NOTES),
    foreign("hush stop", "Strudel", "write :silent() behind play(…)"),
];

/// Drums by other names.
const DRUM_NAMES: &[(&str, &str)] = &[
    ("kick kik bassdrum bass 808bd", "bd"),
    ("snare sn 808sd", "sd"),
    ("rim rimshot stick", "rs"),
    ("clap handclap 808cp", "cp"),
    ("hat hats hihat ch closed closedhat 808hc hc", "hh"),
    ("openhat open openhihat ho 808oh", "oh"),
    ("tom toms midtom", "mt"),
    ("lowtom floortom", "lt"),
    ("hightom hitom", "ht"),
    ("crash cymbal cy", "cr"),
    ("ride", "rd"),
    ("cowbell bell", "cb"),
];

/// Instruments by other names.
const INSTRUMENT_NAMES: &[(&str, &str)] = &[
    ("piano epiano rhodes organ grand keyboard fm", "keys"),
    ("guitar harp banjo string koto", "pluck"),
    ("strings choir ambient", "pad"),
    ("saw sawtooth square triangle supersaw prophet", "lead"),
    ("sub tb303 bassline moog", "bass"),
    ("chime glockenspiel vibes", "bell"),
    ("drums drum drumkit 808 909", "kit"),
];

fn listed(words: &str, word: &str) -> bool {
    words.split(' ').any(|known| known == word)
}

fn told(table: &[Foreign], word: &str) -> Option<Fault> {
    let found = table.iter().find(|foreign| listed(foreign.words, word))?;
    let fault = Fault::new(format!("`{word}` is a word of {}", found.of)).name(word);
    Some(fault.help(found.instead))
}

/// What is said of a name that only other languages know.
pub(crate) fn name(word: &str) -> Option<Fault> {
    told(NAMES, word)
}

/// What is said of a method that only other languages know.
pub(crate) fn method(word: &str) -> Option<Fault> {
    told(METHODS, word)
}

/// Lilt's name of a drum.
pub(crate) fn drum(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    DRUM_NAMES.iter().find(|(names, _)| listed(names, &word)).map(|(_, drum)| *drum)
}

/// Lilt's name of an instrument.
pub(crate) fn instrument(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    INSTRUMENT_NAMES.iter().find(|(names, _)| listed(names, &word)).map(|(_, instrument)| *instrument)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_told_of_once() {
        for table in [NAMES, METHODS] {
            let mut words: Vec<&str> = table.iter().flat_map(|foreign| foreign.words.split(' ')).collect();
            let count = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), count);
        }
    }

    #[test]
    fn what_is_offered_is_there() {
        use lilt_score::Drum;
        use lilt_sequencer::Instrument;
        for (names, drum) in DRUM_NAMES {
            assert!(drum.parse::<Drum>().is_ok(), "{drum}");
            assert!(names.split(' ').all(|name| name.parse::<Drum>().is_err()), "{names}");
        }
        for (names, instrument) in INSTRUMENT_NAMES {
            assert!(Instrument::ALL.iter().any(|known| known.name() == *instrument), "{instrument}");
            assert!(!names.is_empty());
        }
    }
}
