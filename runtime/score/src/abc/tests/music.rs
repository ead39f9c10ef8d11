//! Tables of real-shaped ABC, and arbitrary text.

use proptest::prelude::*;

use crate::abc::*;
use crate::{Beat, Clip, ClipError};

/// A tune with `body` under the header that most collections have.
fn tune(body: &str) -> Result<Tune, AbcError> {
    read_book(&format!("X:1\nT:A tune\nM:4/4\nL:1/8\nK:G\n{body}\n")).remove(0)
}

/// Notes as `pitch:duration`, rests as `z:duration`.
fn played(tune: &Tune) -> String {
    let note = |note: &TuneNote| match note.pitch {
        Some(pitch) => format!("{pitch}:{}", note.duration),
        None => format!("z:{}", note.duration),
    };
    tune.notes.iter().map(note).collect::<Vec<_>>().join(" ")
}

fn check(body: &str, expected: &str) {
    match tune(body) {
        Ok(tune) => assert_eq!(played(&tune), expected, "{body}"),
        Err(error) => panic!("{body}: {error}"),
    }
}

#[test]
fn pitches_and_lengths() {
    for (body, expected) in [
        ("G,Ggg'", "55:1/2 67:1/2 79:1/2 91:1/2"),
        ("F f =f", "66:1/2 78:1/2 77:1/2"),
        ("A2 A3/2 A/ A// A/4 A3", "69:1 69:3/4 69:1/4 69:1/8 69:1/8 69:3/2"),
        ("z2 x Z G", "z:1 z:1/2 z:4 67:1/2"),
        ("^^G __g", "69:1/2 77:1/2"),
        ("[ceg]2 [G2B2]", "79:1 71:1"),
        ("{gf}e {/d}c", "76:1/2 72:1/2"),
        (
            "\"Am\"A \"^slow\"B !trill!c +fermata+d ~e .f Tg uva",
            "69:1/2 71:1/2 72:1/2 74:1/2 76:1/2 78:1/2 79:1/2 81:1/2",
        ),
        ("(AB) (c`d) y2 e", "69:1/2 71:1/2 72:1/2 74:1/2 76:1/2"),
        ("AB|cd|!", "69:1/2 71:1/2 72:1/2 74:1/2"),
        ("A % the rest is a comment", "69:1/2"),
        ("A\\", "69:1/2"),
        ("A & C D E | B", "69:1/2 71:1/2"),
    ] {
        check(body, expected);
    }
}

#[test]
fn what_collections_write_besides() {
    for (body, expected) in [
        ("[!fermata!CE]4", "64:2"),
        ("[+slide+DD]", "62:1/2"),
        ("[!1!B!3!d]", "74:1/2"),
        ("+CEG+", "67:1/2"),
        ("+C2E2+-+C2E2+ A", "64:2 69:1/2"),
        ("+ff+A +f+B +fermata+c", "69:1/2 71:1/2 72:1/2"),
        ("!D.C. al fine!A! B", "69:1/2 71:1/2"),
        ("A y0 B y2 c y d", "69:1/2 71:1/2 72:1/2 74:1/2"),
        ("A<br>\nB<BR/>", "69:1/2 71:1/2"),
        ("A<b>c", "69:1/4 83:9/8 72:1/4"),
        ("A\nw: words to\n+: sing\nB", "69:1/2 71:1/2"),
        ("A\n%%begintext\nA bad egg.\n\nCAB\n%%endtext\nB", "69:1/2 71:1/2"),
        ("[\"Am\"Ac] [\"last time\" B|", "72:1/2 71:1/2"),
        ("A [K:clef=bass] f", "69:1/2 78:1/2"),
        ("A [K:C treble-8] f", "69:1/2 65:1/2"),
        ("[V:T1 clef=treble-8]A", "57:1/2"),
        ("(& A B | c d & C D | E F &) e", "69:1/2 71:1/2 72:1/2 74:1/2 76:1/2"),
        ("A B & C D & E F | c", "69:1/2 71:1/2 72:1/2"),
        ("A- & C | A", "69:1"),
        ("A & C\nB", "69:1/2 71:1/2"),
        ("A & C \\\nD | B", "69:1/2 71:1/2"),
    ] {
        check(body, expected);
    }
}

#[test]
fn accidentals_hold_for_the_bar() {
    for (body, expected) in [
        ("^c c C|c", "73:1/2 73:1/2 61:1/2 72:1/2"),
        ("f =f f|f", "78:1/2 77:1/2 77:1/2 78:1/2"),
        ("_B =B B", "70:1/2 71:1/2 71:1/2"),
        // A tie carries the accidental over the bar line, for that note alone.
        ("^c-|c c", "73:1 72:1/2"),
    ] {
        check(body, expected);
    }
}

#[test]
fn ties_join_and_slurs_do_not() {
    for (body, expected) in [
        ("A2-A2", "69:2"),
        ("A-|A-|A", "69:3/2"),
        // Older books write slurs as ties.
        ("A-B", "69:1/2 71:1/2"),
        ("A-a", "69:1/2 81:1/2"),
        ("A-z A", "69:1/2 z:1/2 69:1/2"),
        ("[CE]-[CE]", "64:1"),
        ("A (3-A", "69:5/6"),
        ("c3 -c2", "72:5/2"),
        ("c3 - c2", "72:5/2"),
        ("c3 -| c2", "72:5/2"),
        ("(c3) \"G\" -c2", "72:5/2"),
        ("c3 -d2", "72:3/2 74:1"),
        ("c z -c", "72:1/2 z:1/2 72:1/2"),
        // The stroke belongs to the grace note.
        ("c {d}-c", "72:1/2 72:1/2"),
        ("c-{d}c", "72:1"),
        ("[C2-E2-][CE]", "64:3/2"),
        ("[CE-][CE]", "64:1"),
        ("[C-E][CE]", "64:1/2 64:1/2"),
        ("[CE] -[CE]", "64:1"),
    ] {
        check(body, expected);
    }
}

#[test]
fn rhythm_is_exact() {
    for (body, expected) in [
        ("A>B c<d", "69:3/4 71:1/4 72:1/4 74:3/4"),
        ("A>>B c<<d", "69:7/8 71:1/8 72:1/8 74:7/8"),
        ("A>{g}B", "69:3/4 71:1/4"),
        ("A2>B2", "69:3/2 71:1/2"),
        ("(3ABc d", "69:1/3 71:1/3 72:1/3 74:1/2"),
        ("(3A2B2c2", "69:2/3 71:2/3 72:2/3"),
        ("(2AB (4ABcd", "69:3/4 71:3/4 69:3/8 71:3/8 72:3/8 74:3/8"),
        ("(5ABcde", "69:1/5 71:1/5 72:1/5 74:1/5 76:1/5"),
        ("(3:2:2AB c", "69:1/3 71:1/3 72:1/2"),
        ("(3::2A2B c", "69:2/3 71:1/3 72:1/2"),
        ("(3A>Bc", "69:1/2 71:1/6 72:1/3"),
        ("(10:6:4ABcd e", "69:3/10 71:3/10 72:3/10 74:3/10 76:1/2"),
        ("(1:2:2AB c", "69:1 71:1 72:1/2"),
    ] {
        check(body, expected);
    }
}

#[test]
fn a_tuplet_of_five_takes_three_in_compound_time() {
    let book = read_book("X:1\nM:6/8\nL:1/8\nK:C\n(5CDEFG\n");
    assert_eq!(played(book[0].as_ref().unwrap()), "60:3/10 62:3/10 64:3/10 65:3/10 67:3/10");
}

/// Letters of the notes in playing order.
fn letters(body: &str) -> String {
    letters_of(&tune(body).unwrap_or_else(|error| panic!("{body}: {error}")))
}

fn letters_of(tune: &Tune) -> String {
    let letter = |note: &TuneNote| match note.pitch.map(|pitch| pitch % 12) {
        Some(9) => 'A',
        Some(11) => 'B',
        Some(0) => 'C',
        Some(2) => 'D',
        Some(4) => 'E',
        Some(6) => 'F',
        Some(7) => 'G',
        _ => '?',
    };
    tune.notes.iter().map(letter).collect()
}

#[test]
fn repeats_are_written_out() {
    for (body, expected) in [
        ("|:AB:|", "ABAB"),
        ("AB:|", "ABAB"),
        ("AB::CD:|", "ABABCDCD"),
        ("AB:||:CD:|", "ABABCDCD"),
        ("AB:|:CD:|E", "ABABCDCDE"),
        // Without a sign at its start a repeat goes back to the double bar.
        ("AB||CD:|", "ABCDCD"),
        ("AB|]CD:|", "ABCDCD"),
        // With one, a double bar on the way does not matter.
        ("|:AB||CD:|", "ABCDABCD"),
        ("|:A|1B:|2C||D|", "ABACD"),
        ("|:A|[1B:|[2C|]D", "ABACD"),
        ("A|1 B:|2 C:|D", "ABACD"),
        ("|:A[1,3B:|[2C:|D|]", "ABACABD"),
        ("|:A|1-2B:|3C||", "ABABAC"),
        ("AB|CD", "ABCD"),
        ("|:A|1B:|2C:|3D||", "ABACAD"),
        ("|:A|1B:|2C:|3D:|4E||F", "ABACADAEF"),
        ("A|1B:|2C:|3D|]", "ABACAD"),
        ("|:A|1B:|2C|:D:|", "ABACDD"),
        // A second part without a sign at its start begins where the ending has as many bars as the first.
        ("A|1B:|2C|D|1E:|2F|]", "ABACDEDF"),
        ("|:A|1B:|2C||D|1E:|2F|]", "ABACDEDF"),
        ("|::AB::|", "ABABAB"),
        ("|::AB:|C", "ABABABC"),
        ("AB::|", "ABABAB"),
        ("|:AB::CD:|", "ABABCDCD"),
        ("AB||C:|", "ABCC"),
        // Words mark no part of an order, but the page is played as it stands.
        ("P:A\nAB|\nP:B\nCD:|", "ABCDCD"),
        ("P:Chorus\nAB|", "AB"),
    ] {
        assert_eq!(letters(body), expected, "{body}");
    }
}

#[test]
fn passes_parts_and_bar_lines() {
    let tune = tune("G|ABcd efga|b4 a3:|B|c4 d4|e4 f3||").unwrap();
    let passes: Vec<u8> = tune.notes.iter().map(|note| note.pass).collect();
    assert_eq!(passes.iter().filter(|&&pass| pass == 1).count(), 11);
    assert_eq!(tune.pickup(), Beat::new(1, 2));
    let times = |times: &[Beat]| times.iter().map(Beat::to_string).collect::<Vec<_>>().join(" ");
    assert_eq!(times(&tune.bar_lines), "1/2 9/2 17/2 25/2 33/2 41/2");
    assert_eq!(times(&tune.parts), "8 16 24");
}

/// Letters of a tune whose header says in which order its parts are played.
fn in_order(order: &str, body: &str) -> String {
    let text = format!("X:1\nP:{order}\nL:1/8\nK:C\n{body}\n");
    let tune = read_book(&text).remove(0).unwrap_or_else(|error| panic!("{body}: {error}"));
    let passes: String = tune.notes.iter().map(|note| note.pass.to_string()).collect();
    format!("{} {passes}", letters_of(&tune))
}

#[test]
fn parts_are_played_in_their_order() {
    let body = "P:A\nAB|\nP:B\nCD:|\n";
    for (order, expected) in [
        ("ABBA", "ABCDCDCDCDAB 000011223311"),
        ("A2.B % as printed", "ABABCDCD 00110011"),
        ("(AB)2", "ABCDCDABCDCD 000011112233"),
        ("BC", "CDCD 0011"),
        // No part of the page, or no order at all.
        ("CD", "ABCDCD 000011"),
        ("twice", "ABCDCD 000011"),
    ] {
        assert_eq!(in_order(order, body), expected, "P:{order}");
    }
    assert_eq!(in_order("AA", "G\nP:A\nAB|[P:B]CD|"), "GABAB 00011");
    let long = format!("P:A\n{}", "ABcd".repeat(2_000));
    let error = read_book(&format!("X:1\nP:A9\nK:C\n{long}\n")).remove(0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "tune 1, line 1: with its repeats the tune has over 40000 notes and bar lines"
    );
}

#[test]
fn upbeats() {
    for (body, expected) in [
        ("G|:cdef|gfed|cBAG|ABcG:|", "1"),
        ("G||cdef|gfed|", "1"),
        ("G|cdef|gfed|", "1"),
        ("|:cdef|gfed:|", "0"),
        ("cdef||gfed|", "0"),
        ("|cdef|", "0"),
    ] {
        let book = read_book(&format!("X:1\nM:4/4\nL:1/4\nK:C\n{body}\n"));
        assert_eq!(book[0].as_ref().map(|tune| tune.pickup().to_string()), Ok(expected.to_owned()), "{body}");
    }
}

#[test]
fn fields_within_a_tune() {
    for (body, expected) in [
        ("F[K:C]F", "66:1/2 65:1/2"),
        ("A\nL:1/4\nA", "69:1/2 69:1"),
        ("A [L:1/16] A", "69:1/2 69:1/4"),
        ("V:1\nAB\nV:2\nCD\nV:1\nc", "69:1/2 71:1/2 72:1/2"),
        ("[V:1]A|[V:2]C|\n[V:1]B|[V:2]D|", "69:1/2 71:1/2"),
        ("A\nw: words to sing\nB", "69:1/2 71:1/2"),
        ("A\nd:|", "69:1/2 74:1/2 69:1/2 74:1/2"),
    ] {
        check(body, expected);
    }
    assert!(tune("A4 A4|[M:3/4]B6|").unwrap().meter_changes);
    assert!(!tune("A4 A4|[M:C]B8|").unwrap().meter_changes);
}

#[test]
fn headers() {
    let text = "% a book\nsome words\n\nX:12\nT:The Kesh\nT:Another name\nR: jig\nM:6/8 % time\nK:Ador\nA3\n\nX:13\nM:C|\nK:D\nd\n";
    let book: Vec<Tune> = read_book(text).into_iter().collect::<Result<_, _>>().unwrap();
    let [first, second] = book.as_slice() else { panic!("two tunes") };
    assert_eq!((first.title.as_str(), first.rhythm.as_deref(), first.line), ("The Kesh", Some("jig"), 4));
    assert_eq!((first.meter.to_string(), first.key.to_string()), ("6/8".to_owned(), "A dorian".to_owned()));
    // Without L:, 6/8 counts in eighths; 2/4 would count in sixteenths.
    assert_eq!(played(first), "69:3/2");
    assert_eq!((second.meter.to_string(), played(second)), ("2/2".to_owned(), "74:1/2".to_owned()));
    let short = read_book("X:1\nM:2/4\nK:D\nd\n").remove(0).unwrap();
    assert_eq!(played(&short), "74:1/4");
}

#[test]
fn errors_name_their_line_and_the_rest_is_read() {
    let text = "X:1\nK:Bn\nA\n\nX:2\nK:D\nd\n\nX:3\nM:6/8\nA\n";
    let book = read_book(text);
    let message = |index: usize| book[index].as_ref().map(played).map_err(AbcError::to_string);
    assert_eq!(
        message(0),
        Err("tune 1, line 2: `Bn` is no key; write a tonic and a mode, as in `K:D`, `K:F#m` or `K:A dorian`"
            .to_owned())
    );
    assert_eq!(message(1), Ok("74:1/2".to_owned()));
    assert_eq!(
        message(2),
        Err("tune 3, line 9: the tune has no `K:` field; its header must end with one".to_owned())
    );
}

#[test]
fn what_is_wrong_in_the_music() {
    for (body, expected) in [
        ("A é", "tune 1 `A tune`, line 6, bar 1: `é` means nothing in ABC music"),
        ("A {gf", "tune 1 `A tune`, line 6, bar 1: the `{` here is never closed on its line"),
        ("[CE", "tune 1 `A tune`, line 6, bar 1: the `[` here is never closed on its line"),
        (
            "A ^",
            "tune 1 `A tune`, line 6, bar 1: an accidental must stand before a note letter, at most two of a kind",
        ),
        (
            "A99999",
            "tune 1 `A tune`, line 6, bar 1: a length or number here is zero or too large; the largest is 4096",
        ),
        (
            "A/0",
            "tune 1 `A tune`, line 6, bar 1: a length or number here is zero or too large; the largest is 4096",
        ),
        ("A,,,,,,", "tune 1 `A tune`, line 6, bar 1: this note is too low or too high to play"),
        (
            "A>>>>B",
            "tune 1 `A tune`, line 6, bar 1: a broken rhythm has at most three `>` or `<` and divides a written length",
        ),
        (
            "(1AB",
            "tune 1 `A tune`, line 6, bar 1: `(1` is no tuplet; write from `(2` to `(9`, or notes and time as in `(10:6`",
        ),
        (
            "A|[9 B",
            "tune 1 `A tune`, line 6, bar 2: an ending is numbered from 1 to 8, as in `[1`, `[1,3` or `[1-3`",
        ),
        (
            "A\nM:5",
            "tune 1 `A tune`, line 7, bar 1: `5` is no metre; write one as in `M:6/8`, `M:C` or `M:C|`",
        ),
        ("z4", "tune 1 `A tune`, line 1: the tune has no notes"),
    ] {
        assert_eq!(
            tune(body).map(|tune| played(&tune)).map_err(|error| error.to_string()),
            Err(expected.to_owned())
        );
    }
}

#[test]
fn repeats_of_repeats_stay_bounded() {
    let body = format!("|:[1-8{}:|", "ABcd".repeat(2_000));
    assert_eq!(
        tune(&body).unwrap_err().to_string(),
        "tune 1 `A tune`, line 1: with its repeats the tune has over 40000 notes and bar lines"
    );
}

#[test]
fn clips_have_all_that_sounds() {
    let sounding = |clip: Result<Clip, ClipError>| {
        let clip = clip.unwrap();
        let notes = clip.notes().iter().map(|note| format!("{}@{}:{}", note.tone, note.start, note.duration));
        format!("{} | {}", notes.collect::<Vec<_>>().join(" "), clip.length())
    };
    for (body, expected) in [
        ("[CEG]4 c4|", "c4@0:2 e4@0:2 g4@0:2 c5@2:2 | 4"),
        ("[C2-E2][CE]2 z4|", "c4@0:2 e4@0:1 e4@1:1 | 4"),
        ("[C4E2] z4|", "c4@0:2 e4@0:1 | 4"),
        // An upbeat stands at the end of a bar of its own.
        ("G2|c8|", "g4@3:1 c5@4:4 | 8"),
        ("c4 d4 & C8 | e8|", "c4@0:4 c5@0:2 d5@2:2 e5@4:4 | 8"),
        ("(& c8 | d8 & C8- | C8 &) | e8|", "c4@0:8 c5@0:4 d5@4:4 e5@8:4 | 12"),
        ("|:c8 & C8:|", "c4@0:4 c5@0:4 c4@4:4 c5@4:4 | 8"),
        ("V:1\nc8|\nV:2\nC4 D4|E8|", "c4@0:2 c5@0:4 d4@2:2 e4@4:4 | 8"),
        ("[V:a]c8|[V:b clef=bass-8]C8|", "c3@0:4 c5@0:4 | 4"),
    ] {
        let tune = read_book(&format!("X:1\nM:4/4\nL:1/8\nK:C\n{body}\n")).remove(0).unwrap();
        assert_eq!(sounding(tune.clip()), expected, "{body}");
    }
    let tune = tune("V:up\n\"G\"B8|\"D7\"A4 \"G\"G4|\nV:low\nG,8|").unwrap();
    assert_eq!(sounding(tune.voice("low").unwrap()), "g3@0:4 | 8");
    assert!(tune.voice("middle").is_none());
    let chords: Vec<String> =
        tune.chord_spans().iter().map(|(span, name)| format!("{name} {}-{}", span.start, span.end)).collect();
    assert_eq!(chords, ["G 0-4", "D7 4-6", "G 6-8"]);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let book = Book::of_bytes(&bytes);
        let _ = (book.first(), book.number(1), book.title("a"));
        let _ = read_tune(&decode(&[b"X:1\nK:C\n", bytes.as_slice()].concat()));
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}") {
        read_book(&text);
        let _ = tune(&text);
    }

    #[test]
    fn text_of_abc_characters_never_panics(
        text in "[A-Ga-gzxZ0-9/<>|:\\[\\](){}^_=,'\\-!+&\"\\\\ \nKLMVPXTQ%.~]{0,200}"
    ) {
        if let Ok(tune) = tune(&text) {
            let sounding = tune.voices.iter().flat_map(|voice| &voice.notes).map(|placed| &placed.note);
            prop_assert!(sounding.clone().all(|note| note.duration > Beat::ZERO && note.start >= Beat::ZERO));
            if let Ok(clip) = tune.clip() {
                prop_assert!((clip.length() % tune.meter.bar()).is_zero());
            }
        }
        for tune in read_book(&text).iter().flatten() {
            let _ = tune.clip();
        }
    }

    /// Notes follow each other without gap or overlap, whatever is written.
    #[test]
    fn time_is_seamless(text in "[A-Ga-gz2-4/<>|: (3)\\-]{1,120}") {
        if let Ok(tune) = tune(&text) {
            let mut now = Beat::ZERO;
            for note in &tune.notes {
                prop_assert_eq!(note.start, now);
                prop_assert!(note.duration > Beat::ZERO);
                now += note.duration;
            }
        }
    }
}
