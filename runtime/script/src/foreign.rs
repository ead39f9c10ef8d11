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
const FADE: &str = "write quantum \"phrase\", or :gain(line(0, 1, 16)) for a slot that comes in slowly";
const SECTIONS: &str = "write cat(…), a text such as \"c4@3 e4\", or form \"intro@4 verse@8\"";
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
    foreign("live_loop in_thread", "Sonic Pi", LOOP),
    foreign(
        "d1 d2 d3 d4 d5 d6 d7 d8 d9 d10 d11 d12 d13 d14 d15 d16",
        "Tidal",
        "write play(\"d1\", sound \"bd sd\")",
    ),
    foreign(
        "samples",
        "Strudel",
        "put the files into a folder `samples` beside the script, and write sound \"name\"",
    ),
    foreign("sample", "Sonic Pi", "write play(\"beat\", sound \"bd breaks:2\"), or hit \"bd\" in a loop"),
    foreign("play_pattern play_pattern_timed play_chord", "Sonic Pi", NOTES),
    foreign("seq mini", "Strudel", TEXT),
    foreign("with_fx use_fx", "Sonic Pi", "write play(…):reverb(0.5), :delay(0.3) or :lowpass(800)"),
    foreign("use_synth with_synth", "Sonic Pi", "write play(…):on(synth \"pluck\")"),
    foreign("rrand rrand_i rand_i dice", "Sonic Pi", "write math.random(1, 8)"),
    foreign("random randint uniform", "Python", "write math.random(1, 8)"),
    foreign("use_random_seed", "Sonic Pi", "write seed(7)"),
    foreign("unsolo unmute unmuteAll", "Tidal", "take the solo or silence out of the script"),
    foreign("mute muteAll", "Tidal", SILENT),
    foreign("xfade xfadeIn clutch clutchIn interpolate jumpIn anticipate", "Tidal", FADE),
    foreign("resetCycles", "Tidal", "write play(…):restart() for a slot that begins anew"),
    foreign("all", "Tidal and Strudel", "write bus(\"all\"):lowpass(800), and :to \"all\" behind each slot"),
    foreign("timeCat timecat stepcat s_cat arrange", "Tidal and Strudel", SECTIONS),
    foreign(
        "polymeter pm",
        "Tidal and Strudel",
        "write the rows in braces, as in notes \"{c4 e4 g4, c3 d3}\"",
    ),
    foreign("polyrhythm pr overlay", "Tidal and Strudel", "write stack(…)"),
    foreign("ur seqP seqPLoop ncat", "Tidal", SECTIONS),
    foreign("samples_folder load_sample", "Sonic Pi", SOUND),
    foreign("puts log", "Ruby and Strudel", "write print(…)"),
    foreign("define", "Sonic Pi", "write local function name() … end"),
    foreign("look", "Sonic Pi", "write tick { 60, 64, 67 }: all ticks of a round are at the same place"),
    foreign(
        "freq",
        "Tidal and Strudel",
        "write notes \"a4 a3\", or MIDI numbers, which may have a fraction, as in notes \"69.5\"",
    ),
    foreign("one_in", "Sonic Pi", "write math.random(1, 3) == 1"),
    foreign("synth_names sample_names", "Sonic Pi", "see lilt doc instruments and lilt doc sounds"),
    foreign("unless", "Ruby", "write if not … then … end"),
    foreign("async await", "JavaScript", "leave it out: nothing in a script waits"),
    foreign(
        "initHydra hydra slider pianoroll scope",
        "Strudel",
        "write draw(\"cat\", circle { radius = 0.3 }) for a picture",
    ),
    foreign("register", "Strudel", "write local function name(music) return music:fast(2) end"),
    foreign("pass", "Python", "leave it out: a block may be empty"),
    foreign("try catch except", "other languages", "write pcall(function() … end)"),
    foreign("class new", "other languages", "write a table, as in { name = \"lead\" }"),
    foreign("Clock", "FoxDot", TEMPO),
    foreign("SynthDef Pbind Ndef Pdef", "SuperCollider", SLOT),
    foreign("setTimeout setInterval", "JavaScript", "give play a function: it is asked at each bar"),
];

/// What Tidal and Strudel do with music under another name, as a method and alone.
const VERBS: &[Foreign] = &[
    foreign(
        "orbit o",
        "Tidal and Strudel",
        "write :to \"name\" behind play(…): slots with the same bus share its effects",
    ),
    foreign("dur", "Tidal and Sonic Pi", "write :legato(0.5) for a part of each note's place"),
    foreign("dry", "Tidal and Strudel", "write :reverb(0.3): less of it is drier"),
    foreign("send", "other programs", "write :to \"name\" for a bus, with the effects behind bus(\"name\")"),
    foreign("sidechain duckorbit", "other programs", "write :duck(\"kick\")"),
    foreign(
        "duckdepth duckattack duckonset",
        "Strudel",
        "write :duck(\"kick\", { depth = 0.8, attack = 0.01 })",
    ),
    foreign("bank", "Strudel", "write the folder's own names in sound \"…\": lilt doc sounds lists them"),
    foreign("midinote midiNote", "Tidal", "write notes \"60 64\""),
    foreign("up", "Tidal", "write :transpose(12), in semitones"),
    foreign("double", "Tidal", "write :ply(2)"),
    foreign(
        "stutWith stutwith stut' echoWith echowith",
        "Tidal and Strudel",
        "write :off(1/8, fast(2)), or :echo(3, 1/8, 0.5)",
    ),
    foreign("plyWith plywith", "Tidal and Strudel", "write :ply(3)"),
    foreign("fastGap fastgap", "Tidal and Strudel", "write :compress(0, 1/2)"),
    foreign("rotL rotl", "Tidal", "write :early(1)"),
    foreign("rotR rotr", "Tidal", "write :late(1)"),
    foreign("shuffle scramble randslice", "Tidal and Strudel", "write :bite(4, irand(4):segment(4))"),
    foreign("chew", "Tidal and Strudel", "write :bite(4, \"0 2 1 3\")"),
    foreign("press", "Tidal and Strudel", "write :late(1/8), or a rest before the note, as in \"[~ c4]\""),
    foreign("pressBy", "Tidal and Strudel", "write :late(1/8)"),
    foreign("quantise discretise", "Tidal", "write :quantize(1/4) for times, :round() for numbers"),
    foreign("toScale", "Tidal", "write :scale \"C minor\""),
    foreign("arpeggiate arpg", "Tidal", "write :arp \"up\""),
    foreign("spreadf fastspread", "Tidal", "write the numbers in a text, as in :fast \"<1 2>\""),
    foreign("rangex range2", "Tidal and Strudel", "write :range(1, 8)"),
    foreign("trunc", "Tidal", "write :mask \"1 1 1 0\""),
    foreign(
        "wedge whenT sew stitch euclidOff euclidOffFull",
        "Tidal",
        "write :mask \"1 0\", :euclid(3, 8, 1) or :euclidFull(3, 8, …)",
    ),
    foreign("smash smash'", "Tidal", "write :striate(3)"),
    foreign("weave", "Tidal", "write stack(…) with :late(…) behind each"),
    foreign("jux4 juxcut juxcut'", "Tidal", "write :jux(rev)"),
    foreign("unit", "Tidal", "write :fitBars(1), :fitBeats(4) or :fitSeconds(2)"),
    foreign("djf", "Tidal and Strudel", "write :lowpass(800) or :highpass(800)"),
    foreign("squiz krush triode", "Tidal", "write :crush(6), :fold(0.5) or :distort(0.5)"),
    foreign("leslie lrate lsize", "Tidal", "write :chorus(0.5):tremolo(0.4)"),
    foreign("freeze smear comb", "Tidal", "write :reverb(0.8):size(1)"),
    foreign("roomfade roomdim iresponse", "Strudel", "write :size(0.8):damp(0.3)"),
    foreign("hpq bpq hresonance bandq", "Tidal and Strudel", "write :resonance(0.5)"),
    foreign("ftype lptype", "Strudel", "write :lowpass(800), :highpass(800) or :bandpass(800)"),
    foreign("postgain overgain", "Tidal and Strudel", "write :gain(0.8) behind play(…)"),
    foreign("overshape", "Tidal", "write :drive(0.5)"),
    foreign("penv pattack pdecay", "Strudel", "write :glide(0.1), or :accelerate(1) for a sound"),
    foreign("hold", "Tidal", "write :sustain(0.5):release(0.3)"),
    foreign("lock", "Tidal", "write :delaytime(0.75): it is in beats already"),
    foreign("octer", "Tidal", "write :superimpose(octave(-1))"),
    foreign(
        "color punchcard spectrum markcss",
        "Strudel",
        "leave it out: an editor marks what sounds by itself",
    ),
    foreign("anchor mode", "Strudel", "write :voicing(72), with the highest pitch"),
    foreign("rootNotes", "Strudel", "write roots(progression \"I V vi IV\")"),
    foreign("loopBegin loopEnd", "Strudel", "write :begin(0.2):endAt(0.8):loop(1)"),
    foreign("scrub", "Strudel", "write :begin \"0 0.5\""),
    foreign("pickRestart pickmod inhabit", "Strudel", "write pick(\"<0 1>\", \"c4\", \"e4\")"),
    foreign("apply", "Strudel", "write the function itself, as in name(music)"),
    foreign(
        "grow shrink expand extend contract take drop",
        "Strudel",
        "write :fast(…), :slow(…), :zoom(0, 1/2) or :linger(1/4)",
    ),
    foreign("binary binaryL", "Strudel", "write :struct \"x ~ x x\""),
    foreign("euclidish", "Strudel", "write :euclid(3, 8):humanize()"),
];

/// Methods.
const METHODS: &[Foreign] = &[
    foreign("reverse", "Sonic Pi", "write :rev()"),
    foreign("amp", "Sonic Pi", "write :gain(0.8)"),
    foreign("volume vol", "other programs", "write :gain(0.8)"),
    foreign("cps cpm bpm", "Strudel", TEMPO),
    foreign("times", "Ruby", "write for i = 1, 4 do … end"),
    foreign("log", "Strudel", "write print(…)"),
    foreign("osc", "Strudel", "write :midi \"Synth A\" for a port"),
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
    ("piano superpiano gm_piano epiano rhodes grand keyboard", "keys"),
    ("guitar harp banjo koto arpy", "pluck"),
    ("strings choir ambient", "pad"),
    ("prophet", "supersaw"),
    ("sawtooth", "saw"),
    ("pulse squarewave", "square"),
    ("tri tri_wave", "triangle"),
    ("tb303 303", "acid"),
    ("bassline moog", "bass"),
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
    told(NAMES, word).or_else(|| told(VERBS, word))
}

/// What is said of a method that only other languages know.
pub(crate) fn method(word: &str) -> Option<Fault> {
    told(METHODS, word).or_else(|| told(VERBS, word))
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
        for tables in [[NAMES, VERBS], [METHODS, VERBS]] {
            let foreign = tables.into_iter().flatten();
            let mut words: Vec<&str> = foreign.flat_map(|foreign| foreign.words.split(' ')).collect();
            let count = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), count);
        }
    }

    #[test]
    fn no_word_of_lilt_is_foreign_and_every_method_that_is_offered_is_there() {
        let docs = crate::documentation();
        for foreign in [NAMES, VERBS, METHODS].into_iter().flatten() {
            let verbs = || {
                foreign.words.split(' ').filter(|word| crate::verbs::all().any(|verb| verb.answers_to(word)))
            };
            assert_eq!(verbs().next(), None, "{}", foreign.words);
            for method in foreign.instead.split(':').skip(1) {
                let name: String = method.chars().take_while(|c| c.is_ascii_alphabetic()).collect();
                let there =
                    name.is_empty() || docs.iter().any(|doc| doc.name.contains(':') && doc.answers_to(&name));
                assert!(there, "{}: {}", foreign.words, foreign.instead);
            }
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
