//! What the combinators of patterns play, and what holds for each of them.

use lilt_score::mini::{self, Word};
use lilt_score::{Beat, Clip, Controls, Event, Pattern, Pitch, Query, Seed, Span, Tone};
use proptest::prelude::*;

fn words(text: &str) -> Pattern<Word> {
    mini::parse(text).expect("good notation").pattern()
}

fn notes(text: &str) -> Pattern<Controls> {
    mini::notes(&mini::parse(text).expect("good notation")).expect("good notes")
}

fn bars(count: i64) -> Query {
    let bar = Beat::whole(4);
    Query::new(Span::new(Beat::ZERO, bar * Beat::whole(count)), bar)
}

/// Onsets in beats and words.
fn played(pattern: &Pattern<Word>, count: i64) -> String {
    let events = pattern.query(bars(count)).expect("words never fail");
    let onsets = events.iter().filter_map(|event| Some(format!("{}:{}", event.onset()?, event.value.text)));
    onsets.collect::<Vec<_>>().join(" ")
}

#[test]
fn combinations() {
    let two = words("a b");
    for (name, pattern, bars, events) in [
        ("fast", two.fast(Beat::whole(2)), 1, "0:a 1:b 2:a 3:b"),
        ("fast by nothing", two.fast(Beat::ZERO), 1, ""),
        ("slow", two.slow(Beat::whole(2)), 2, "0:a 4:b"),
        ("slow by nothing", two.slow(Beat::whole(-1)), 1, ""),
        ("late", two.late(Beat::ONE), 1, "1:a 3:b"),
        ("early", two.early(Beat::new(1, 2)), 1, "3/2:b 7/2:a"),
        ("late by bars", words("<a b>").late_bars(Beat::new(1, 4)), 2, "1:a 5:b"),
        ("early by bars", words("<a b>").early_bars(Beat::ONE), 2, "0:b 4:a"),
        ("backwards", words("<[a b c@2] [d e]>").rev(), 2, "0:c 2:b 3:a 4:e 6:d"),
        ("at once", Pattern::stack(vec![two.clone(), words("c")]), 1, "0:a 0:c 2:b"),
        ("in turn", Pattern::slowcat(vec![words("<a b>"), words("<c d>")]), 4, "0:a 4:c 8:b 12:d"),
        ("nothing in turn", Pattern::slowcat(vec![]), 4, ""),
        (
            "every third bar",
            two.every(3, |it| it.fast(Beat::whole(2)).rev()),
            4,
            "0:b 1:a 2:b 3:a 4:a 6:b 8:a 10:b 12:b 13:a 14:b 15:a",
        ),
        ("in steps", two.segment(4), 1, "0:a 1:a 2:b 3:b"),
        ("in no steps", two.segment(0), 1, ""),
        ("Euclidean", two.euclid(3, 8, 0), 1, "0:a 3/2:a 3:b"),
        ("Euclidean, later", two.euclid(3, 8, 2), 1, "0:a 1:a 5/2:b"),
        ("all left out", two.degrade(1.0, Seed(1)), 4, ""),
        ("none left out", two.degrade(0.0, Seed(1)), 1, "0:a 2:b"),
    ] {
        assert_eq!(played(&pattern, bars), events, "{name}");
    }
}

#[test]
fn signals_in_quarters_of_a_bar() {
    let quarters = |signal: Pattern<f64>| -> Vec<f64> {
        let events = signal.segment(4).query(bars(1)).expect("signals never fail");
        events.into_iter().map(|event| (event.value * 1e6).round() / 1e6).collect()
    };
    assert_eq!(quarters(Pattern::sine()), [0.5, 1.0, 0.5, 0.0]);
    assert_eq!(quarters(Pattern::saw()), [0.0, 0.25, 0.5, 0.75]);
    assert_eq!(quarters(Pattern::tri()), [0.0, 0.5, 1.0, 0.5]);
    assert_eq!(quarters(Pattern::square()), [0.0, 0.0, 1.0, 1.0]);
    assert_eq!(quarters(Pattern::saw().range(-1.0, 3.0)), [-1.0, 0.0, 1.0, 2.0]);
}

#[test]
fn noise_is_bounded_seeded_and_smooth_where_it_says_so() {
    let fine = |signal: Pattern<f64>| -> Vec<f64> {
        let events = signal.segment(64).query(bars(50)).expect("signals never fail");
        events.into_iter().map(|event| event.value).collect()
    };
    for make in [Pattern::rand, Pattern::perlin] {
        let values = fine(make(Seed(3)));
        assert!(values.iter().all(|value| (0.0..1.0).contains(value)));
        assert_eq!(values, fine(make(Seed(3))));
        assert_ne!(values, fine(make(Seed(4))));
        let (low, high) = values.iter().fold((1f64, 0f64), |(l, h), v| (l.min(*v), h.max(*v)));
        assert!(low < 0.15 && high > 0.85, "{low} {high}");
    }
    // The fade is steepest in the middle, where it rises 15/8 a bar.
    let steepest = 15.0 / 8.0 / 64.0;
    assert!(fine(Pattern::perlin(Seed(3))).windows(2).all(|pair| (pair[1] - pair[0]).abs() <= steepest));
}

#[test]
fn degrading_leaves_out_its_share() {
    let left = words("a*8").degrade(0.25, Seed(5)).query(bars(1000)).expect("words never fail").len();
    // Binomial with 8000 throws: deviation 39.
    assert!(left.abs_diff(6000) < 180, "{left}");
}

#[test]
fn a_pattern_becomes_a_clip() {
    let pattern = notes("c4 [e4 g4]").transpose(2.0);
    let query = Query::new(Span::new(Beat::whole(4), Beat::whole(8)), Beat::whole(4));
    let clip = Clip::from_pattern(&pattern, query).expect("three notes");
    let told: Vec<String> =
        clip.notes().iter().map(|n| format!("{} {} {}", n.start, n.duration, n.tone)).collect();
    assert_eq!(told, ["0 2 d4", "2 1 f#4", "3 1 a4"]);
    assert_eq!(clip.length(), Beat::whole(4));
    assert_eq!(Clip::from_pattern(&clip.pattern(), query).expect("again"), clip);

    let empty = Clip::from_pattern(&pattern, query.over(Span::new(Beat::ONE, Beat::ONE))).unwrap_err();
    assert_eq!(empty.to_string(), "a clip of length 0: a length must be above 0 and at most 65536 beats");
    let high = Clip::from_pattern(&pattern.transpose(100.0), query).expect("held within 0 to 127");
    assert!(high.notes().iter().all(|note| note.tone.key() == 127));
}

#[test]
fn drums_are_not_transposed() {
    let drums = mini::drums(&mini::parse("bd").expect("good")).expect("a drum").transpose(60.0);
    let drum = |event: &Event<Controls>| matches!(event.value.tone, Some(Tone::Drum(_)));
    assert!(drums.query(bars(1)).is_ok_and(|events| events.iter().all(drum)));
    let moved = notes("60").transpose(0.5).query(bars(1)).expect("in range");
    assert_eq!(moved[0].value.tone, Some(Tone::Pitch(Pitch::new(60.5).expect("in range"))));
}

/// Every combinator over a pattern.
fn combined(which: usize, inner: &Pattern<Word>) -> Pattern<Word> {
    let other = words("<x [y z]>");
    match which {
        0 => inner.fast(Beat::new(3, 2)),
        1 => inner.slow(Beat::new(5, 3)),
        2 => inner.late(Beat::new(1, 3)),
        3 => inner.early_bars(Beat::new(2, 7)),
        4 => inner.rev(),
        5 => Pattern::stack(vec![inner.clone(), other]),
        6 => Pattern::slowcat(vec![inner.clone(), other]),
        7 => inner.every(2, |it| it.rev()),
        8 => inner.segment(5),
        9 => inner.euclid(3, 7, 1),
        _ => inner.degrade(0.5, Seed(2)),
    }
}

type Told = Vec<(Option<Span>, String, Span)>;

/// What sounds, the parts of each event joined at `seam`.
fn joined(events: Vec<Event<Word>>, seam: Option<Beat>) -> Told {
    let mut told: Told = Vec::new();
    for event in events {
        let text = event.value.text.to_string();
        let before = told.iter_mut().find(|(whole, word, part)| {
            seam == Some(event.part.start)
                && *whole == event.whole
                && *word == text
                && part.end == event.part.start
        });
        match before {
            Some((_, _, part)) => part.end = event.part.end,
            None => told.push((event.whole, text, event.part)),
        }
    }
    told.sort_by_key(|(whole, word, part)| (*part, *whole, word.clone()));
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_span_cut_anywhere_plays_the_same(
        first in 0usize..11, second in 0usize..11,
        text in prop::sample::select(vec!["a b", "<a b> c*2", "a(3,8)", "a b/1.5", "{a b c}%4 , d"]),
        start in -40i64..60, before in 1i64..30, after in 1i64..30, bar in 2i64..5,
    ) {
        let pattern = combined(second, &combined(first, &words(text)));
        let at = |i: i64| Beat::new(i, 4);
        let (a, b, c) = (at(start), at(start + before), at(start + before + after));
        let ask = |span: Span| pattern.query(Query::new(span, Beat::whole(bar))).expect("words never fail");
        let mut halves = ask(Span::new(a, b));
        halves.extend(ask(Span::new(b, c)));
        let whole = ask(Span::new(a, c));
        for event in &whole {
            let outer = event.whole.expect("words are discrete");
            prop_assert!(outer.start <= event.part.start && event.part.end <= outer.end);
            prop_assert!(a <= event.part.start && event.part.end <= c && !event.part.is_empty());
        }
        let onsets = |events: &[Event<Word>]| {
            let mut told: Vec<_> = events.iter().filter_map(|e| Some((e.onset()?, e.whole, e.value.text.clone()))).collect();
            told.sort();
            told
        };
        prop_assert_eq!(onsets(&halves), onsets(&whole));
        // Parts that the pattern itself cuts at the seam stay two in both.
        let (halves, whole) = (joined(halves, Some(b)), joined(whole, Some(b)));
        prop_assert_eq!(halves, whole);
    }
}
