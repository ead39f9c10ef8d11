//! What the messages look like.

use super::*;

fn slot() -> SlotStatus {
    SlotStatus {
        name: "lead".into(),
        line: Some(4),
        rung: Some(Rung::Fresh),
        playing: "folk take 3f2a · pluck".into(),
        model: Some("folk".into()),
        ess: Some(0.5),
        log_z: Some(-1.25),
        surprise: Some(2.5),
        cost: None,
        sounding: vec![Written { file: "set.lua".into(), text: "9af1".into(), from: 12, to: 14 }],
        silent: false,
        level: 0.25,
    }
}

fn cost() -> SlotCost {
    SlotCost { what: "gain".into(), line: 6, milliseconds_per_call: 4.0, share: 0.31, over: false }
}

#[test]
fn client_messages_are_these_lines() {
    let table = [
        (ClientMessage::Hello { protocol: 1 }, r#"{"type":"hello","protocol":1}"#),
        (
            ClientMessage::Change { version: 3, text: "play(\"é\")\n".into() },
            r#"{"type":"change","version":3,"text":"play(\"é\")\n"}"#,
        ),
        (ClientMessage::Commit, r#"{"type":"commit"}"#),
        (ClientMessage::CommitNow, r#"{"type":"commitNow"}"#),
        (ClientMessage::Hush, r#"{"type":"hush"}"#),
        (ClientMessage::Panic, r#"{"type":"panic"}"#),
        (ClientMessage::ClearState, r#"{"type":"clearState"}"#),
        (ClientMessage::Like, r#"{"type":"like"}"#),
        (ClientMessage::Nope, r#"{"type":"nope"}"#),
        (ClientMessage::UndoTaste, r#"{"type":"undoTaste"}"#),
        (ClientMessage::ForgetTaste, r#"{"type":"forgetTaste"}"#),
        (ClientMessage::Record, r#"{"type":"record"}"#),
        (ClientMessage::StopRecording, r#"{"type":"stopRecording"}"#),
        (ClientMessage::Follow, r#"{"type":"follow"}"#),
        (ClientMessage::Stop, r#"{"type":"stop"}"#),
        (ClientMessage::Release, r#"{"type":"release"}"#),
        (ClientMessage::Detach, r#"{"type":"detach"}"#),
    ];
    for (message, line) in table {
        assert_eq!(to_line(&message).unwrap(), format!("{line}\n"));
        assert_eq!(client_message(line).unwrap(), message);
    }
}

#[test]
fn host_messages_are_these_lines() {
    let diagnostic = Diagnostic {
        severity: Severity::Error,
        file: "/s/a.lua".into(),
        line: 2,
        column: 5,
        end_column: 9,
        message: "unknown name \"paly\"".into(),
        help: Some("play".into()),
    };
    let status = Status {
        generation: 7,
        beat: 33.5,
        bar: 9,
        beat_in_bar: 2.5,
        tempo: 112.0,
        meter: "4/4".into(),
        playing: true,
        slots: vec![SlotStatus { cost: Some(cost()), ..slot() }],
        baking: vec![BakeStatus { model: "folk".into(), progress: 0.5 }],
        last_error: None,
        text: Some(text_mark("")),
        dropouts: None,
        recording: None,
        audio: "none (no sound card)".into(),
        midi: vec!["Synth A".into()],
    };
    let table = [
        (
            HostMessage::Welcome { protocol: 1, file: "/s/a.lua".into() },
            r#"{"type":"welcome","protocol":1,"file":"/s/a.lua"}"#,
        ),
        (
            HostMessage::Evaluated { version: Some(3), diagnostics: vec![diagnostic], micros: 812 },
            concat!(
                r#"{"type":"evaluated","version":3,"diagnostics":[{"severity":"error","file":"/s/a.lua","#,
                r#""line":2,"column":5,"endColumn":9,"message":"unknown name \"paly\"","help":"play"}],"#,
                r#""micros":812}"#
            ),
        ),
        (
            HostMessage::Status(status.into()),
            concat!(
                r#"{"type":"status","generation":7,"beat":33.5,"bar":9,"beatInBar":2.5,"tempo":112.0,"#,
                r#""meter":"4/4","playing":true,"slots":[{"name":"lead","line":4,"rung":"fresh","#,
                r#""playing":"folk take 3f2a · pluck","model":"folk","ess":0.5,"logZ":-1.25,"surprise":2.5,"#,
                r#""cost":{"what":"gain","line":6,"millisecondsPerCall":4.0,"share":0.31,"over":false},"#,
                r#""sounding":[{"file":"set.lua","text":"9af1","from":12,"to":14}],"#,
                r#""silent":false,"level":0.25}],"#,
                r#""baking":[{"model":"folk","progress":0.5}],"lastError":null,"#,
                r#""text":"e3b0c44298fc1c149afbf4c8","audio":"none (no sound card)","#,
                r#""midi":["Synth A"]}"#
            ),
        ),
        (
            HostMessage::Planned {
                now: 1.5,
                taken_back: vec![TakenBack { slot: 1, from: 1.625 }],
                begins: vec![Begins { note: 9, slot: 1, at: 1.75, written: slot().sounding }],
                ends: vec![Ends { note: 8, slot: 1, at: 1.75 }],
            },
            concat!(
                r#"{"type":"planned","now":1.5,"takenBack":[{"slot":1,"from":1.625}],"#,
                r#""begins":[{"note":9,"slot":1,"at":1.75,"#,
                r#""written":[{"file":"set.lua","text":"9af1","from":12,"to":14}]}],"#,
                r#""ends":[{"note":8,"slot":1,"at":1.75}]}"#
            ),
        ),
        (
            HostMessage::Text { mark: "e3b0".into(), text: "play()\n".into() },
            r#"{"type":"text","mark":"e3b0","text":"play()\n"}"#,
        ),
        (HostMessage::Printed { lines: vec!["hello".into()] }, r#"{"type":"printed","lines":["hello"]}"#),
        (HostMessage::Refused { message: "no".into() }, r#"{"type":"refused","message":"no"}"#),
        (HostMessage::Goodbye { message: "bye".into() }, r#"{"type":"goodbye","message":"bye"}"#),
    ];
    for (message, line) in table {
        assert_eq!(to_line(&message).unwrap(), format!("{line}\n"));
        assert_eq!(host_message(line).unwrap(), message);
    }
}

#[test]
fn a_line_that_is_no_message_is_answered_with_the_reason() {
    let table = [
        ("", "this is not a message of Lilt's protocol: EOF while parsing a value at line 1 column 0"),
        ("{}", "this is not a message of Lilt's protocol: missing field `type` at line 1 column 2"),
        (
            r#"{"type":"dance"}"#,
            "this is not a message of Lilt's protocol: unknown variant `dance`, expected one of `hello`, \
             `change`, `commit`, `commitNow`, `hush`, `panic`, `clearState`, `like`, `nope`, `undoTaste`, `forgetTaste`, `record`, `stopRecording`, `follow`, `stop`, `release`, `detach` at line 1 column 15",
        ),
    ];
    for (line, message) in table {
        assert_eq!(client_message(line), Err(message.to_string()), "{line}");
    }
}

#[test]
fn a_number_that_json_cannot_hold_does_not_break_the_status() {
    let status = Status {
        tempo: f64::NAN,
        slots: vec![SlotStatus { level: f64::INFINITY, log_z: Some(f64::NEG_INFINITY), ..slot() }],
        ..Status::default()
    };
    let line = to_line(&HostMessage::Status(status.into())).unwrap();
    let HostMessage::Status(back) = host_message(&line).unwrap() else { panic!("a status") };
    assert_eq!((back.tempo, back.slots[0].level, back.slots[0].log_z), (0.0, 0.0, None));
}

#[test]
fn a_cost_is_shown_from_a_tenth_of_the_time_on() {
    assert_eq!(cost().words().as_deref(), Some("gain takes 4.0 ms a call, 31% of its time"));
    assert_eq!(SlotCost { share: 0.09, ..cost() }.words(), None);
}

#[test]
fn only_a_moving_playhead_is_no_news() {
    let base = Status { slots: vec![SlotStatus { cost: Some(cost()), ..slot() }], ..Status::default() };
    let moved = Status {
        beat: 1.0,
        bar: 1,
        beat_in_bar: 2.0,
        slots: vec![SlotStatus {
            level: 0.9,
            surprise: None,
            cost: Some(SlotCost { share: 0.4, ..cost() }),
            ..slot()
        }],
        ..base.clone()
    };
    assert!(!base.differs_in_substance(&moved));
    let news = [
        Status { generation: 1, ..base.clone() },
        Status { tempo: 90.0, ..base.clone() },
        Status { playing: true, ..base.clone() },
        Status { text: Some(text_mark("play()")), ..base.clone() },
        Status { slots: vec![slot()], ..base.clone() },
        Status { slots: vec![], ..base.clone() },
        Status { slots: vec![SlotStatus { rung: Some(Rung::Stale), ..slot() }], ..base.clone() },
    ];
    for status in news {
        assert!(base.differs_in_substance(&status), "{status:?}");
    }
}
