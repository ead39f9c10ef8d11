//! What mini-notation plays, what it refuses and in which words, and what holds for
//! every pattern.

use std::collections::BTreeMap;

use lilt_score::mini::{self, MiniError};
use lilt_score::{Beat, Event, Query, Span};
use proptest::prelude::*;

/// Expectations as text: a header `2 cycles: TEXT`, then the lines that it plays.
fn table(text: &str) -> Vec<(u32, &str, Vec<&str>)> {
    let mut table: Vec<(u32, &str, Vec<&str>)> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_once(" cycles: ").or_else(|| line.split_once(" cycle: ")) {
            Some((cycles, pattern)) => {
                table.push((cycles.parse().expect("a header begins with a number"), pattern, Vec::new()));
            }
            None => table.last_mut().expect("a header comes first").2.push(line),
        }
    }
    table
}

#[test]
fn plays_what_strudel_plays() {
    let table = table(include_str!("mini/agreed.txt"));
    assert!(table.len() >= 100, "{} expectations", table.len());
    for (cycles, pattern, lines) in table {
        let mini = mini::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert_eq!(mini.lines(cycles), lines, "{pattern}");
    }
}

#[test]
fn plays_what_strudel_plays_of_random_texts() {
    let table = table(include_str!("mini/random.txt"));
    assert_eq!(table.len(), 440);
    for (cycles, pattern, lines) in table {
        let mini = mini::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert_eq!(mini.lines(cycles), lines, "{pattern}");
    }
}

#[test]
fn plays_what_only_lilt_does() {
    let table = table(include_str!("mini/lilt.txt"));
    for (cycles, pattern, lines) in table {
        let mini = mini::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert_eq!(mini.lines(cycles), lines, "{pattern}");
    }
}

/// Draws what an editor shows: the text, carets under what is wrong, message and help.
fn shown(text: &str, error: &MiniError) -> String {
    let indent = text[..error.at.start].chars().count();
    let carets = text[error.at.clone()].chars().count().max(1);
    let help = error.help.as_deref().unwrap_or("-");
    format!("{text}\n{}{}\n{}\n{help}\n", " ".repeat(indent), "^".repeat(carets), error.message)
}

#[test]
fn mistakes_are_told_to_a_musician() {
    let mut told = String::new();
    for text in [
        "bd [sd hh",
        "bd [",
        "bd <sd hh]",
        "bd sd]",
        "]",
        "bd(3,8",
        "bd(3)",
        "bd(3,8 sd",
        "bd(3,8,1,2)",
        "bd(,8)",
        "bd(9,8)",
        "bd(3,0)",
        "bd(1.5,8)",
        "bd(x,8)",
        "bd []",
        "bd , , sd",
        "bd,",
        ", bd",
        "bd | ",
        "bd . ",
        "a, b | c",
        "<a | b>",
        "*2",
        "bd sd * hh",
        "bd*",
        "bd*-1",
        "bd*x",
        "bd*5000",
        "bd!0",
        "bd@0",
        "bd?2",
        "_ bd",
        "bd:",
        "bd & sd",
        "0 .. 99999",
        "{a b}%x",
        "%4",
        "bd*4*1000*1000",
        "bd*1000000",
        "c4*1000000",
        "bd*99999999999999999999",
        "bd@-1",
        "bd@.5",
        "bd!-1",
        "{a b}%0",
        "bd*[2:3]",
        ": bd",
        "é (3,8)*x",
        "bd!2000",
    ] {
        let error = mini::parse(text).expect_err(text);
        told.push_str(&shown(text, &error));
        told.push('\n');
    }
    if std::env::var_os("LILT_BLESS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mini/mistakes.txt"), &told)
            .expect("writable");
    }
    assert_eq!(told, include_str!("mini/mistakes.txt"));
}

/// What plays nothing, though something is written, is no mistake, and is told of.
#[test]
fn what_counts_nothing_is_told_of() {
    for (text, at) in [
        ("bd .. 3", Some("bd")),
        ("0 .. [3 sd]", Some("sd")),
        ("[0:1] .. 3", Some("0:1")),
        ("hh*[1 .. x]", Some("x")),
        ("0 .. 3..", Some("3..")),
        ("0 .. <2 3>", None),
        ("0!2 .. 3", None),
        ("0 .. ~", None),
    ] {
        let mini = mini::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let told: Vec<(&str, String)> =
            mini.doubts().iter().map(|doubt| (&text[doubt.at.clone()], doubt.message.clone())).collect();
        let wanted = at.map(|word| {
            (word, format!("`..` counts from one number to another, and `{word}` is none: it is silent"))
        });
        assert_eq!(told, wanted.into_iter().collect::<Vec<_>>(), "{text}");
    }
}

#[test]
fn what_is_too_much_is_refused_at_once() {
    let deep = format!("{}a{}", "[".repeat(500), "]".repeat(500));
    for (text, message) in [
        (deep, "brackets stand more than 32 deep"),
        (format!("a{}", "*1".repeat(200)), "this is nested more than 64 deep"),
        ("a ".repeat(5000), "this row has more than 1024 steps"),
        ("a ".repeat(20_000), "this pattern has more than 16384 letters"),
        ("[[[a*64]*64]*64]*64".into(), "this could play more than 4096 events in a bar"),
        ("[a!1000]!1000".into(), "this could play more than 4096 events in a bar"),
        ("[a(256,256)]*17".into(), "this could play more than 4096 events in a bar"),
        ("{a b c}%1024 ".repeat(20), "this could play more than 4096 events in a bar"),
        ("a*[1000,1000,1000,1000,1000]".into(), "this could play more than 4096 events in a bar"),
        ("a(8,<256 1>,[0,1,2,3,4,5,6,7]) ".repeat(4), "this could play more than 4096 events in a bar"),
    ] {
        let error = mini::parse(&text).expect_err(message);
        assert_eq!(error.message, message);
    }
}

#[test]
fn words_know_their_place() {
    let text = "bd [~ sd:2]*2 é [0 .. <2>] [a b](2,3) x:<0 [1]>";
    let mini = mini::parse(text).expect("right");
    let query = Query::new(Span::new(Beat::ZERO, Beat::whole(4)), Beat::whole(4));
    let events = mini.pattern().query(query).expect("plays");
    let told: Vec<(&str, &str)> =
        events.iter().map(|e| (e.value.text.as_ref(), &text[e.value.at.clone()])).collect();
    assert_eq!(
        told,
        [
            ("bd", "bd"),
            ("sd:2", "sd:2"),
            ("sd:2", "sd:2"),
            ("é", "é"),
            ("0", "0 .. <2>"),
            ("1", "0 .. <2>"),
            ("2", "0 .. <2>"),
            ("a", "a"),
            ("a", "a"),
            ("b", "b"),
            ("x:0", "x:<0 [1]>"),
        ]
    );
    // A word that is only part of others is none.
    let words: Vec<&str> = mini.words().iter().map(|word| word.text.as_ref()).collect();
    assert_eq!(words, ["bd", "sd:2", "é", "0", "1", "2", "a", "b", "x:0", "x:1"]);
}

#[test]
fn chance_depends_on_the_seed_and_the_place_only() {
    let mini = mini::parse("bd*8? [a|b|c]").expect("right");
    assert_eq!(
        mini.lines(20),
        mini::parse("longer*8?  [aa|bb|cc]")
            .expect("right")
            .lines(20)
            .iter()
            .map(|line| {
                line.replace("longer", "bd").replace("aa", "a").replace("bb", "b").replace("cc", "c")
            })
            .collect::<Vec<_>>()
    );
    assert_ne!(mini.lines(20), mini.seeded(1).lines(20));
    let drops = |text: &str| mini::parse(text).expect("right").lines(1000).len();
    // Binomial with 8000 throws: the deviation of a half is 45, of a tenth 27.
    assert!(drops("bd*8?").abs_diff(4000) < 200, "{}", drops("bd*8?"));
    assert!(drops("bd*8?0.9").abs_diff(800) < 130, "{}", drops("bd*8?0.9"));
    let chosen = mini::parse("a | b | c").expect("right").lines(3000);
    for word in ["a", "b", "c"] {
        let count = chosen.iter().filter(|line| line.ends_with(word)).count();
        assert!(count.abs_diff(1000) < 130, "{word} {count}");
    }
    // Copies and the steps of a faster pattern are thrown for by themselves.
    let copies = mini::parse("bd?!8").expect("right").lines(1).len();
    assert!((1..8).contains(&copies), "{copies}");
}

/// Texts that are patterns, of every kind of node.
fn pattern_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => prop::sample::select(vec!["bd", "sd", "hh:2", "c4", "60.5", "0 .. 3"]).prop_map(str::to_string),
        1 => Just("~".to_string()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let row = prop::collection::vec(inner.clone(), 1..4).prop_map(|steps| steps.join(" "));
        let factor = prop::sample::select(vec!["2", "3", "1.5", "<2 3>", "0.75", "[1 2]", "<1 [2 3]>"]);
        let bracket = prop::sample::select(vec![("[", "]"), ("<", ">"), ("{", "}"), ("{", "}%4")]);
        prop_oneof![
            (bracket, row.clone(), row.clone()).prop_map(|((l, r), a, b)| format!("{l}{a} , {b}{r}")),
            (row.clone(), row.clone()).prop_map(|(a, b)| format!("[{a} | {b}]")),
            (row.clone(), row.clone()).prop_map(|(a, b)| format!("[{a} . {b}]")),
            (row.clone(), factor.clone()).prop_map(|(a, f)| format!("[{a}]*{f}")),
            (row.clone(), factor).prop_map(|(a, f)| format!("<{a}>/{f}")),
            (row.clone(), -3i32..6, 5u32..9, -2i32..3).prop_map(|(a, k, n, r)| format!("[{a}]({k},{n},{r})")),
            (row.clone(), 5u32..9).prop_map(|(a, n)| format!("[{a}](<3 5>,{n})")),
            row.clone().prop_map(|a| format!("[{a}]?0.4")),
            row.clone().prop_map(|a| format!("[{a}]@1.5 ~ _")),
            (row.clone(), prop::sample::select(vec!["!2", "!1.5", "!3 _", "!2*1.5", "*2!2"]))
                .prop_map(|(a, copies)| format!("[{a}]{copies} ~")),
            (row.clone(), row.clone()).prop_map(|(a, b)| format!("[{a}]:[{b}]")),
            (1i32..3, row.clone()).prop_map(|(n, a)| format!("<0 [1 {n}]> .. [2 <4 {n}>] [{a}]")),
            // Finer than 128 bits are.
            row.prop_map(|a| format!("[[{a}]*1.001 _ x@1.003]*1.007")),
        ]
    })
}

/// Pieces of which texts are made, so that more of them are patterns than of random signs.
fn token() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a",
        "bd",
        "0",
        "1",
        "2",
        "3",
        "7",
        "1.5",
        "-1",
        "0.333333",
        " ",
        " ",
        " ",
        "[",
        "]",
        "<",
        ">",
        "{",
        "}",
        "}%3",
        "}%<2 3>",
        "(3,8)",
        "(<3 5>,8,1)",
        "(",
        ")",
        ",",
        "|",
        ".",
        "..",
        " .. ",
        ":",
        "*2",
        "*<2 3>",
        "*1.001",
        "/3",
        "!",
        "!3",
        "@",
        "@2",
        "_",
        "_3",
        "?",
        "?0.2",
        "~",
        "-",
        "^",
        "c4'min7'i",
        "é",
        "*999",
        "!999",
        "@1e3",
    ])
}

type Told = (Span, String);

fn onsets(events: &[Event<mini::Word>]) -> Vec<Told> {
    let mut told: Vec<Told> = events
        .iter()
        .filter(|event| event.onset().is_some())
        .filter_map(|event| Some((event.whole?, event.value.text.to_string())))
        .collect();
    told.sort();
    told
}

/// How long each whole sounds in these events.
fn sounding(events: &[Event<mini::Word>]) -> BTreeMap<(Option<Span>, usize), Beat> {
    let mut lengths = BTreeMap::new();
    for event in events {
        *lengths.entry((event.whole, event.value.at.start)).or_insert(Beat::ZERO) += event.part.length();
    }
    lengths
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_read_or_refused_in_place(text in any::<String>()) {
        check_text(&text)?;
    }

    #[test]
    fn any_signs_are_read_or_refused_in_place(text in "[ab0-9 .~_^*/!@?<>(){}|,%:\\[\\]-]{0,40}") {
        check_text(&text)?;
    }

    #[test]
    fn any_row_of_tokens_is_read_or_refused_in_place(tokens in prop::collection::vec(token(), 0..60)) {
        let mut text = tokens.concat();
        text.truncate(200);
        check_text(&text)?;
    }

    #[test]
    fn any_pattern_is_read_or_refused_in_place(text in pattern_text(), times in "[*/][0-9]{1,7}(\\.[0-9]{1,7})?") {
        check_text(&format!("[{text}]{times}"))?;
    }

    #[test]
    fn a_span_cut_anywhere_plays_the_same(
        text in pattern_text(), start in -12i64..40, first in 0i64..24, second in 0i64..24, bar in 2i64..5,
    ) {
        let Ok(mini) = mini::parse(&text) else { return Ok(()) };
        let at = |i: i64| Beat::new(i, 5);
        let (a, b, c) = (at(start), at(start + first), at(start + first + second));
        let pattern = mini.pattern_seeded(9);
        let ask = |span: Span| pattern.query(Query::new(span, Beat::whole(bar))).expect("playing never fails");
        let whole = ask(Span::new(a, c));
        let mut halves = ask(Span::new(a, b));
        halves.extend(ask(Span::new(b, c)));
        prop_assert_eq!(onsets(&halves), onsets(&whole), "{}", text);
        prop_assert_eq!(sounding(&halves), sounding(&whole), "{}", text);
        for event in &whole {
            let outer = event.whole.expect("words are discrete");
            prop_assert!(outer.start <= event.part.start && event.part.end <= outer.end, "{} {:?}", text, event);
            prop_assert!(a <= event.part.start && event.part.end <= c && !event.part.is_empty(), "{} {:?}", text, event);
        }
    }
}

/// Reading never panics, places lie in the text, and what is read plays.
fn check_text(text: &str) -> Result<(), TestCaseError> {
    match mini::parse(text) {
        Err(error) => {
            prop_assert!(text.get(error.at.clone()).is_some(), "{:?} {:?}", text, error);
            prop_assert!(!error.message.is_empty());
        }
        Ok(mini) => {
            for word in mini.words() {
                prop_assert!(text.get(word.at.clone()).is_some());
            }
            let lines = mini.lines(3);
            prop_assert!(lines.len() <= 3 * 4096);
        }
    }
    Ok(())
}
