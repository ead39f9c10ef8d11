//! Texts that are no scripts: compiled ones, and what editors leave in files.

mod parrot;

use lilt_script::Limits;
use parrot::{complaint, engine, engine_with, told};

#[test]
fn a_compiled_text_is_never_loaded() {
    for first in 0..9u8 {
        let text = format!("{}play(\"a\", \"c4\")", first as char);
        let result = engine().evaluate(&text, "set.lua").result;
        assert!(result.is_err(), "{first}");
        let files = [("mine", &*Box::leak(text.into_boxed_str()))];
        let evaluation = engine_with(&files, Limits::default()).evaluate("\nrequire \"mine\"", "set.lua");
        assert_eq!(evaluation.result.expect_err("it is no text").file, "mine.lua", "{first}");
    }
    // What Luau takes for a newer version of its bytecode.
    for text in ["\t\u{1}", "\t\u{2}play", "\t\u{3}\u{1}", "\n\u{1}", "\u{b}\u{1}"] {
        assert!(engine().evaluate(text, "set.lua").result.is_err(), "{text:?}");
    }
    assert_eq!(
        complaint("\u{3}play(\"a\", \"c4\")"),
        "error: this is no text: it begins with byte 3\n  set.lua:1:1\n  |\n1 | \u{fffd}play(\"a\", \"c4\")\n  \
         | ^\n  = a script is plain text, never a compiled one\n"
    );
}

#[test]
fn a_script_cannot_load_code() {
    for name in ["load", "loadstring", "loadfile", "dofile", "string.dump", "debug", "getfenv", "_G"] {
        let result = engine().evaluate(&format!("print({name})"), "set.lua").result;
        assert!(result.is_err(), "{name}");
    }
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let files = [("mine", "\u{feff}return 7")];
    let text = "\u{feff}print(require \"mine\")";
    let evaluation = engine_with(&files, Limits::default()).evaluate(text, "set.lua");
    assert!(evaluation.result.is_ok(), "{:?}", evaluation.result);
    assert_eq!(evaluation.printed, ["7"]);
}

#[test]
fn a_zero_byte_is_found() {
    let text = "tempo(100)\n-- é\nplay(\"a\", \0 \"c4\")\nnothing()";
    let rendered = "error: there is a zero byte in this text\n  set.lua:3:11\n  |\n3 | play(\"a\", \u{fffd} \"c4\")\n  \
        |           ^\n  = a script is plain text: delete it, or save the file anew\n";
    assert_eq!(complaint(text), rendered);
    let files = [("mine", "return 1\n--\0")];
    let text = "require \"mine\"";
    let evaluation = engine_with(&files, Limits::default()).evaluate(text, "set.lua");
    assert_eq!(evaluation.required, ["mine.lua"]);
    assert!(told(evaluation, "return 1\n--\0").contains("mine.lua:2:3\n"));
}
