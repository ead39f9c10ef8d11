//! The bodies of the fuzz targets (`tests/fuzz`) on texts made up from a seed: rows and brackets of the notation,
//! words of the language in any order, and the examples with something cut out, doubled or put elsewhere.

#[path = "../../../tests/fuzz/bodies/notation.rs"]
mod notation;
#[path = "../../../tests/fuzz/bodies/script.rs"]
mod script;

use std::fs;
use std::path::Path;

use lilt_score::Seed;
use script::Stage;

/// Chance that is the same in every run.
struct Dice {
    seed: Seed,
    thrown: u64,
}

impl Dice {
    fn new(seed: u64) -> Dice {
        Dice { seed: Seed(seed), thrown: 0 }
    }

    /// From 0 to the one before `count`.
    fn throw(&mut self, count: usize) -> usize {
        self.thrown += 1;
        (self.seed.child_number(self.thrown).unit() * count as f64) as usize
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.throw(of.len())]
    }
}

const WORDS: &[&str] =
    &["c4", "bd", "~", "-", "_", "0", "1.5", "-3", "a3'min7'i1", "bd:3", "c:d", ".", "é", "x", "1024", "g#"];
const AFTER: &[&str] = &[
    "*2",
    "*<2 3>",
    "/3",
    "!3",
    "!",
    "@2",
    "@.5",
    "?",
    "?0.3",
    "(3,8)",
    "(<3 5>,8,-2)",
    "(-3,8)",
    "*1.01",
    "*64",
    "%4",
    ":[a b]",
    "*0",
    "/0",
    "*[1 2]",
    "@0",
    "(9,4)",
    "*1e9",
    "'maj",
];
const BETWEEN: &[&str] = &[" ", " ", " ", ", ", " | ", " .. ", " . ", "  ", "\n", ""];
const BRACKETS: &[(&str, &str)] =
    &[("[", "]"), ("<", ">"), ("{", "}"), ("{", "}%4"), ("[", ">"), ("(", ")"), ("[", "")];

fn row(dice: &mut Dice, depth: usize) -> String {
    let mut text = String::new();
    for i in 0..1 + dice.throw(4) {
        if i > 0 {
            text += dice.one(BETWEEN);
        }
        if depth > 0 && dice.throw(3) == 0 {
            // Most are closed as they were opened.
            let most = 4 + dice.throw(4);
            let (open, close) = BRACKETS[dice.throw(most)];
            text += &format!("{open}{}{close}", row(dice, depth - 1));
        } else {
            text += dice.one(WORDS);
        }
        if dice.throw(3) == 0 {
            text += dice.one(AFTER);
        }
    }
    text
}

#[test]
fn no_notation_breaks_it() {
    let mut dice = Dice::new(1);
    let mut right = 0;
    let texts = 6_000;
    for _ in 0..texts {
        let depth = dice.throw(5);
        right += usize::from(notation::check(&row(&mut dice, depth)));
    }
    assert!(right * 5 > texts, "only {right} of {texts} texts are right");
}

/// Words of the language, as somebody types them who knows them all and nothing else.
const LANGUAGE: &[&str] = &[
    "play",
    "(",
    ")",
    "\"a\"",
    "\"b\"",
    ",",
    "\"c4 [e4 g4]*2\"",
    "drums",
    "notes",
    "{",
    "}",
    "=",
    "function(p)",
    "return",
    "end",
    "p",
    "local x",
    "x",
    ":",
    ":fast(2)",
    ":rev()",
    ":every(2, rev)",
    "1/0",
    "-1",
    "2",
    "1e308",
    "nil",
    "..",
    "+",
    "*",
    "clip { 60, 62 }",
    "tempo",
    "key \"D dorian\"",
    "loop",
    "sleep(1)",
    "note(60)",
    "hit \"bd\"",
    "choose { 1, 2 }",
    "while true do",
    "for i = 1, 1e9 do",
    "if",
    "then",
    "sine",
    "synth \"pad\"",
    "error(\"x\")",
    "pcall",
    "state.x",
    "#",
    "math.random(8)",
    "string.rep(\"x\", 1e8)",
    "coroutine.wrap(function()",
    "form \"a@2 b@4\"",
    "parts",
    "\n",
    "]]",
    ":jux(fast(2))",
    ":off(1/8, add(7))",
    ":chop(256)",
    ":ply(64)",
    "degrees",
    "\"0 .. 7\"",
    ":scale \"C minor\"",
    "setmetatable({}, {})",
    "each(2, function(n)",
    "draw(\"d\", circle {})",
    ":gain(function(beat)",
    "tick { 1 }",
];

fn sentence(dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..1 + dice.throw(24) {
        text += dice.one(LANGUAGE);
        if dice.throw(4) > 0 {
            text += " ";
        }
    }
    text
}

/// The text with pieces cut out, doubled, put elsewhere, or with something of the language between.
fn mutated(dice: &mut Dice, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..1 + dice.throw(3) {
        if letters.is_empty() {
            break;
        }
        let from = dice.throw(letters.len());
        let to = (from + 1 + dice.throw(20)).min(letters.len());
        let piece: Vec<char> = match dice.throw(4) {
            0 => letters.drain(from..to).collect(),
            1 => letters[from..to].to_vec(),
            2 => dice.one(LANGUAGE).chars().collect(),
            _ => row(dice, 2).chars().collect(),
        };
        let at = dice.throw(letters.len() + 1);
        if dice.throw(3) > 0 {
            letters.splice(at..at, piece);
        }
    }
    letters.into_iter().collect()
}

/// Scripts that are right: the examples of the words of the language, and those of the folder.
fn scripts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let files = fs::read_dir(folder).expect("examples/").map(|entry| entry.expect("a file").path());
    let scripts = files.filter(|path| path.extension().is_some_and(|extension| extension == "lua"));
    let mut texts: Vec<String> = scripts.map(|path| fs::read_to_string(path).expect("text")).collect();
    texts.sort();
    texts.extend(lilt_script::documentation().into_iter().map(|doc| doc.example));
    texts
}

#[test]
fn no_script_breaks_it() {
    let (mut dice, mut stage) = (Dice::new(2), Stage::new());
    let scripts = scripts();
    let mut right = 0;
    for turn in 0..600 {
        let text = match turn % 3 {
            0 => sentence(&mut dice),
            _ => {
                let at = dice.throw(scripts.len());
                mutated(&mut dice, &scripts[at])
            }
        };
        right += usize::from(stage.check(&text));
    }
    assert!(right > 40, "only {right} texts are right");
}
