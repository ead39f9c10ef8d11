//! Texts and combinators whose cost is measured, here and beside Strudel (`runtime/score/compare_strudel.mjs`).

use lilt_score::{Beat, Pattern, Seed, Structure, mini};

/// A pattern by a name under which the peer has the same.
pub struct Named {
    /// The name.
    pub name: &'static str,
    /// Its mini-notation.
    pub text: &'static str,
    /// What it plays.
    pub pattern: Pattern<mini::Word>,
}

const DRUMS: &str = "bd*2 [~ sd] hh*4";

/// Texts alone.
const TEXTS: &[(&str, &str)] = &[
    ("sequence", "bd sd hh cp"),
    ("drums", "bd*2 [~ sd] hh*4 <cp [rs rs]>"),
    ("euclid", "bd(3,8) , sd(5,8,2) , hh(<7 9>,16)"),
    ("nested", "<[a b*2 [c d]*<2 3>] {e f g}%8>*1.5?0.2 , [h | i | j]*8"),
    ("dense", "[bd sd hh cp]*64"),
];

type Combinators = fn(Pattern<mini::Word>) -> Pattern<mini::Word>;

/// Texts and what is done to them, in the order in which a script would say it.
const COMBINED: &[(&str, Combinators)] = &[
    ("combined", |it| it.fast(Beat::new(3, 2)).rev().every(3, |it| it.late(Beat::ONE)).degrade(0.2, Seed(1))),
    ("off", |it| Pattern::stack(vec![it.clone(), it.late_bars(Beat::new(1, 8))])),
    ("iter chunk", |it| {
        let shifted = it.iter(4, false);
        shifted.chunk(&shifted.ply(Beat::whole(2)), 4, false)
    }),
    ("struct mask", |it| {
        let struck = words("x*8").map(|_| true);
        it.struct_by(&struck).mask(&words("<1 0> 1 1 1").map(|word| &*word.text == "1"))
    }),
    ("applied", |it| it.apply(&words("1 2 <3 4>"), Structure::Left, |own, _| own.clone())),
];

/// All of them.
pub fn all() -> Vec<Named> {
    let texts = TEXTS.iter().map(|(name, text)| Named { name, text, pattern: words(text) });
    let combined =
        COMBINED.iter().map(|(name, change)| Named { name, text: DRUMS, pattern: change(words(DRUMS)) });
    texts.chain(combined).collect()
}

fn words(text: &str) -> Pattern<mini::Word> {
    mini::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).pattern()
}
