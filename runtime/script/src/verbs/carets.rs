//! Of every verb: what is outside the range of an argument is told of under the argument itself, however it is
//! written and wherever the verb stands.

use lilt_score::Control;

use super::all;
use super::laws::engine;
use crate::Engine;
use crate::verb::{Kind, Make, Verb};

/// Something that the parameter may be.
fn right(verb: &Verb, kind: Kind) -> String {
    let written = match kind {
        Kind::Number { least, most } | Kind::Whole { least, most } | Kind::Bounded { least, most } => {
            return 1.0_f64.clamp(least, most).to_string();
        }
        Kind::Numbers | Kind::Truths => "1",
        Kind::Music | Kind::Musics => "notes \"e4\"",
        Kind::Change | Kind::Changes => "rev",
        Kind::Text if verb.name.ends_with("randcat") || verb.name == "wchoose" => "\"1 1\"",
        Kind::Text => "\"c4\"",
        Kind::Sounds => "\"pluck\"",
        Kind::Words if verb.name == "arp" => "\"up\"",
        Kind::Words => "\"maj\"",
        Kind::Scale => "\"C minor\"",
        Kind::Structure => "{ from = \"left\" }",
        Kind::Note => "function(n) return n end",
        Kind::Pitches => "60",
        Kind::Seed => "0",
    };
    written.to_owned()
}

/// The least and the most that the parameter may be.
fn range(verb: &Verb, kind: Kind) -> Option<(f64, f64)> {
    match (kind, &verb.make) {
        (Kind::Number { least, most } | Kind::Whole { least, most } | Kind::Bounded { least, most }, _) => {
            Some((least, most))
        }
        (Kind::Numbers, Make::Control(control)) => Some(control.range().into_inner()),
        (Kind::Seed, _) => Some((0.0, 9_007_199_254_740_992.0)),
        _ => None,
    }
}

/// What stands over the caret of what is told of the script.
fn over_caret(engine: &mut Engine, script: &str) -> Option<String> {
    let evaluation = engine.evaluate(script, "set.lua");
    let told = match evaluation.result {
        Err(diagnostic) => diagnostic,
        Ok(_) => evaluation.notices.into_iter().next()?,
    };
    let line = script.lines().nth(told.line as usize - 1)?;
    let (from, to) = (told.column as usize - 1, told.end_column as usize - 1);
    Some(line.chars().skip(from).take(to - from).collect())
}

#[test]
fn a_value_outside_its_range_is_shown_under_itself() {
    let mut engine = engine();
    let library: Vec<String> = crate::documentation().into_iter().map(|doc| doc.name).collect();
    let (mut seen, mut wrong) = (0, Vec::new());
    for verb in all() {
        let is_plain = !library.iter().any(|name| name == verb.name);
        let of_slots = Control::of_slots().any(|control| control.name() == verb.name);
        for (i, param) in verb.params.iter().enumerate() {
            let Some((least, most)) = range(verb, param.kind) else { continue };
            let before: String =
                verb.params[..i].iter().map(|param| format!("{}, ", right(verb, param.kind))).collect();
            let after = verb.params.get(i + 1..).unwrap_or_default().iter();
            let after: String = after
                .take_while(|param| param.is_needed())
                .map(|param| format!(", {}", right(verb, param.kind)))
                .collect();
            for far in [most + 17.0, least - 3.0].into_iter().filter(|far| far.abs() < 1e12) {
                let name = verb.name;
                let far = far.to_string();
                let steered = matches!(param.kind, Kind::Number { .. } | Kind::Whole { .. });
                let mut scripts = vec![
                    (format!("play(\"a\", notes(\"c4 e4\"):{name}({before}{far}{after}))"), far.clone()),
                    (
                        format!("local x = {far}\nplay(\"a\", notes(\"c4 e4\"):{name}({before}x{after}))"),
                        "x".to_owned(),
                    ),
                    (format!("play(\"a\", \"c4 e4\"):{name}({before}{far}{after})"), far.clone()),
                ];
                if is_plain {
                    scripts.push((
                        format!("play(\"a\", {name}(notes(\"c4 e4\"), {before}{far}{after}))"),
                        far.clone(),
                    ));
                }
                if steered && !of_slots {
                    let text = format!("\"{} {far}\"", right(verb, param.kind));
                    scripts.push((
                        format!("play(\"a\", notes(\"c4 e4\"):{name}({before}{text}{after}))"),
                        far.clone(),
                    ));
                }
                for (script, expected) in scripts {
                    seen += 1;
                    match over_caret(&mut engine, &script) {
                        Some(over) if over == expected => {}
                        over => wrong.push(format!("{script}\n  {over:?} in place of {expected:?}")),
                    }
                }
            }
        }
    }
    assert!(seen > 500, "only {seen} scripts");
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong.join("\n"));
}
