//! Two slots that sound the same have the same fingerprint, wherever they stand.

mod parrot;

use parrot::generation;

/// The fingerprint of the last slot.
fn print(text: &str) -> u64 {
    generation(text).slots.last().expect("a slot").fingerprint
}

#[test]
fn an_edit_elsewhere_changes_nothing() {
    for slot in [
        r#"play("a", "c4 e4")"#,
        r#"play("a", drums "bd? sd"):gain(0.5):pan("0 1"):on "bell""#,
        r#"play("a", clip { 60, 62 }:transpose(2))"#,
        r#"play("a", model("parrot"):sample { bars = 2 }:transpose(12))"#,
        r#"local far = 3 play("a", 60):gain(function(beat) return math.sin(beat / far) end)"#,
        r#"local t = { 1, { 2 } } play("a", function(beat) return clip { 60 + t[1] } end)"#,
        r#"function wide(beat) return beat / 4 end play("a", 60):pan(function(beat) return wide(beat) end)"#,
        r#"draw("a", circle { radius = 0.2 }, { beats = 8 })"#,
        r#"draw("a", function(beat) return circle { radius = beat / 100 } end)"#,
    ] {
        let slot = slot
            .replace("}:", "}):")
            .replace("clip {", "clip({")
            .replace("({ 60 + t[1] }", "({ 60 + t[1] })");
        let slot = slot.replace("sample {", "sample({");
        let moved = format!("-- a comment\nlocal unrelated = 1\nplay(\"b\", \"g4\")\n\n{slot}");
        assert_eq!(print(&slot), print(&moved), "{slot}");
    }
}

#[test]
fn where_and_how_a_slot_enters_is_no_part_of_it() {
    let plain = print("play(\"a\", \"c4 e4\")");
    for slot in [
        "play(\"a\", \"c4 e4\"):quantum \"now\"",
        "play(\"a\", \"c4 e4\"):restart()",
        "play(\"a\", \"c4 e4\", { restart = true, quantum = 2 })",
        "quantum \"1/2 beat\" play(\"a\", \"c4 e4\")",
    ] {
        assert_eq!(print(slot), plain, "{slot}");
    }
}

#[test]
fn whatever_is_heard_changes_it() {
    for (one, other) in [
        (r#"play("a", "c4 e4")"#, r#"play("a", "c4 f4")"#),
        (r#"play("a", "c4")"#, r#"play("a", "c4"):on "bell""#),
        (r#"play("a", "c4")"#, r#"play("a", "c4"):midi "x""#),
        (r#"play("a", "c4"):gain(1)"#, r#"play("a", "c4"):gain(0.9)"#),
        (r#"play("a", "c4"):gain(1)"#, r#"play("a", "c4"):reverb(1)"#),
        (r#"play("a", drums "bd? sd")"#, r#"seed(3) play("a", drums "bd? sd")"#),
        (r#"play("a", clip { 60 })"#, r#"play("a", clip { 60, length = 2 })"#),
        (r#"play("a", notes("c4"):fast(2))"#, r#"play("a", notes("c4"):fast(3))"#),
        (
            r#"play("a", model("parrot"):sample { seed = 1 })"#,
            r#"play("a", model("parrot"):sample { seed = 2 })"#,
        ),
        (
            r#"play("a", 60):gain(function(beat) return 0.5 end)"#,
            r#"play("a", 60):gain(function(beat) return 0.6 end)"#,
        ),
        (
            r#"local x = 1 play("a", 60):gain(function(beat) return x end)"#,
            r#"local x = 2 play("a", 60):gain(function(beat) return x end)"#,
        ),
        (
            r#"local t = { a = { 1 } } play("a", 60):gain(function(beat) return t.a[1] end)"#,
            r#"local t = { a = { 2 } } play("a", 60):gain(function(beat) return t.a[1] end)"#,
        ),
        (
            r#"function f() return 1 end play("a", 60):gain(function(beat) return f() end)"#,
            r#"function f() return 2 end play("a", 60):gain(function(beat) return f() end)"#,
        ),
        (r#"draw("a", circle { radius = 0.2 })"#, r#"draw("a", circle { radius = 0.3 })"#),
    ] {
        assert_ne!(print(one), print(other), "{one} / {other}");
    }
}
