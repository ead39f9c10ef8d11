//! What `lilt bench` asks models while a performer waits.

/// A take to be timed.
pub struct Asked {
    /// What is printed beside its time.
    pub work: String,
    /// A script that reads the take; `SEED` stands for a number that changes, so that nothing is
    /// remembered.
    pub text: String,
    /// How often it is timed.
    pub runs: usize,
}

const FOLK: &str = "model('folk')";
/// Four clips of eight notes.
const MARKOV: &str =
    "markov { clip { 60, 62, 64, 67, 64, 62, 60, 67 }, clip { 72, 71, 69, 67, 65, 64, 62, 60 },
    clip { 60, 64, 67, 72, 71, 67, 69, 65 }, clip { 62, 65, 64, 62, 60, 59, 60, 60 } }";

const LUA_STEPS: &str =
    "reward.step(function(note, before) return before and -math.abs(note.pitch - before.pitch) / 4 or 0 end)";

/// A tilt by each reward of the library that a melody has use for.
const REWARDS: [&str; 21] = [
    "calm",
    "variety",
    "density(2)",
    "in_scale()",
    "rising",
    "in_key()",
    "tonic()",
    "range('c4', 'a5')",
    "repeats(2)",
    "contour('arch')",
    "motif { 2, 2 }",
    "leaps_resolved",
    "preferred_intervals",
    "shimmer",
    "like(clip { 60, 64, 67, 72, 71, 67, 69, 65 })",
    "parallels",
    "unique_extremes",
    "autocorrelation",
    "varied_bars()",
    "returning_bars()",
    "rl_tuner()",
];

/// Everything that is asked, in the order in which it is printed.
pub fn asked() -> Vec<Asked> {
    let one = |work: &str, text: &str, runs| Asked { work: work.to_owned(), text: text.to_owned(), runs };
    let mut all = vec![
        one("sample folk 4 bars", "model('folk'):sample { bars = 4, seed = SEED }:notes()", 50),
        one(
            "continue folk 8 + some 32 notes",
            "local heard = clip({ 60, 62, 64, 65, 67, 65, 64, 62 }):stretch(1/2)
            model('folk', { key = 'C major', meter = '4/4' }):continue(heard, { bars = 4, seed = SEED }):notes()",
            50,
        ),
        one("sample melody 2 bars", "model('melody'):sample { bars = 2, seed = SEED }:notes()", 50),
        one(
            "interpolate melody, 2 bars, 8 steps",
            "local m = model 'melody' local a, b = m:sample { bars = 2, seed = SEED }, m:sample { bars = 2, seed = SEED + 1 }
            m:interpolate(a, b, { steps = 8 })[2]:notes()",
            20,
        ),
        one(
            "harmonise 4 bars",
            "local tune = model('folk', { meter = '4/4' }):sample { bars = 4, seed = 1 }
            model('chorale'):harmonise(tune, { seed = SEED }):notes()",
            5,
        ),
        one(
            "tilt markov 32 notes, 256 particles, Lua reward",
            &format!(
                "{MARKOV}:tilt(reward.calm, {{ particles = 256 }}):sample {{ notes = 32, seed = SEED }}:notes()"
            ),
            30,
        ),
    ];
    all.push(one(
        "first draft of a tilt of folk, 2 bars, 8 particles",
        "model('folk'):tilt(reward.calm, { particles = 8 }):sample { bars = 2, seed = SEED }:notes()",
        30,
    ));
    for (name, model, runs) in [("folk", FOLK, 20), ("markov", MARKOV, 50)] {
        all.push(tilt(name, model, "a reward in Lua", "function(clip) return -clip:leaps() end", runs));
        all.push(tilt(name, model, "steps in Lua", LUA_STEPS, runs));
    }
    all.extend(REWARDS.map(|reward| {
        let name = reward.split(['(', ' ']).next().unwrap_or(reward);
        tilt("folk", FOLK, name, &format!("reward.{reward}"), 10)
    }));
    all
}

/// Two bars of a tilted model, with 64 particles; `told` is what the reward is called.
fn tilt(name: &str, model: &str, told: &str, reward: &str, runs: usize) -> Asked {
    Asked {
        work: format!("tilt {name} 2 bars, 64 particles, {told}"),
        text: format!("{model}:tilt({reward}):sample {{ bars = 2, seed = SEED }}:notes()"),
        runs,
    }
}
