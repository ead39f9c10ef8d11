//! What is said to the performer is bounded, and what is left out is counted.

mod parrot;

use lilt_script::{Evaluation, Limits};
use parrot::{engine, engine_with, evaluate};

#[test]
fn a_message_is_cut() {
    let evaluation = evaluate("error(string.rep(\"long \", 4 * 2^20))");
    let message = evaluation.result.expect_err("it fails").message;
    let start = "long ".repeat(400);
    assert_eq!(message, format!("{start}… ({} bytes more)", 5 * (4 << 20) - 2_000));
    // However many names are in it.
    let evaluation = evaluate("error(string.rep(\"`x` \", 2^20))");
    assert!(evaluation.result.expect_err("it fails").message.len() < 2_100);
    let name = "x".repeat(100_000);
    let told = evaluate(&format!("print({name})")).result.expect_err("it fails");
    assert!(told.render("").len() < 10_000, "{}", told.render("").len());
}

#[test]
fn what_is_printed_is_cut() {
    let text = "print(string.rep(\"é\", 2^20)) for i = 1, 1500 do print(i) end";
    let printed = evaluate(text).printed;
    assert_eq!(printed.len(), 1_001);
    assert_eq!(printed[0], format!("{}… ({} bytes more)", "é".repeat(1_000), (2 << 20) - 2_000));
    assert_eq!(printed[1_000], "… (501 lines more)");
    let mut engine = engine();
    assert_eq!(engine.evaluate("print(1)", "set.lua").printed, ["1"]);
    assert!(engine.printed().is_empty());
}

#[test]
fn where_nobody_watches_nothing_is_cut() {
    let limits = Limits { most_printed_lines: None, longest_line: None, ..Limits::patient() };
    let text = "print(string.rep(\"é\", 2^20)) for i = 1, 5000 do print(i) end";
    let Evaluation { printed, .. } = engine_with(&[], limits).evaluate(text, "set.lua");
    assert_eq!((printed.len(), printed[0].len(), &*printed[5_000]), (5_001, 2 << 20, "5000"));
}

#[test]
fn notices_are_said_once_and_counted() {
    let evaluation = evaluate("for i = 1, 1000 do tempo(5000) end");
    let told: Vec<_> = evaluation.notices.iter().map(|notice| &*notice.message).collect();
    assert_eq!(told, ["tempo 5000 is outside 20 to 999: played at 999"]);
    let evaluation = evaluate("for i = 1, 1000 do tempo(5000 + i) end");
    assert_eq!(evaluation.notices.len(), 101);
    assert_eq!(evaluation.notices[100].message, "… (900 notices more)");
}

#[test]
fn what_ends_a_script_is_no_notice() {
    let evaluation = engine_with(&[], Limits::default()).evaluate("while true do end", "set.lua");
    assert!(evaluation.result.is_err() && evaluation.notices.is_empty(), "{:?}", evaluation.notices);
}
