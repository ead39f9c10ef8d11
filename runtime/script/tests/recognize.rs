//! `recognize`: what it answers, what it waits for, and what it says of a word that it does not know.

mod parrot;

use parrot::{complaint, engine};

fn printed(text: &str) -> Vec<String> {
    let evaluation = engine().evaluate(text, "set.lua");
    match evaluation.result {
        Ok(_) => evaluation.printed,
        Err(diagnostic) => panic!("{}", diagnostic.render(text)),
    }
}

#[test]
fn the_likeliest_kind_comes_first() {
    let text = "local seen = recognize(together { line {}, line { x1 = 0.5 } })
print(#seen, seen[1].kind, string.format(\"%.2f\", seen[1].p), seen[2].kind, seen[3].kind)
print(string.format(\"%.2f %.2f\", recognize(circle {}, \"circle\"), recognize(circle {}, \"star\")))";
    assert_eq!(printed(text), ["5\tcross\t0.80\tcircle\tstar", "0.80 0.05"]);
}

#[test]
fn a_sketch_that_a_model_makes_is_waited_for() {
    let text = "print(recognize(model(\"sketch\"):sample { seed = 1 })[1].kind)";
    assert_eq!(printed(text).len(), 1);
}

#[test]
fn rewards_lean_on_it() {
    let text = "local cross = reward.recognized_as(\"cross\")
print(cross(circle {}) < cross(together { line {}, line { x1 = 0.5 } }))
print(string.format(\"%.3f\", reward.not_recognized(circle {})))";
    assert_eq!(printed(text), ["true", "0.223"]);
}

#[test]
fn what_it_does_not_know_is_said_under_the_word() {
    for (text, want) in [
        ("recognize(circle {}, \"stars\")", "`recognize` knows no \"stars\""),
        ("recognize(circle {}, 3)", "`kind` expects a text in quotes, got 3"),
        ("recognize(clip { 60 })", "`recognize` expects a sketch, as in circle { radius = 0.3 }, got a clip"),
        ("reward.recognized_as(\"starr\")", "`recognize` knows no \"starr\""),
    ] {
        let told = complaint(text);
        assert!(told.contains(want), "{text}: {told}");
    }
}
