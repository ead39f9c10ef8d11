//! Whole conversations between an editor, the language server and a host that records what it is told.

mod rehearsal;

use lilt_editor::EditorError;
use lilt_editor::protocol::*;
use rehearsal::*;
use serde_json::json;

#[test]
fn conversations_go_as_the_protocol_says() {
    let table: Vec<(&str, u32, Vec<Step>)> = vec![
        ("every change is evaluated", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend([
                evaluated(Some(1), &[]),
                published(Some(1), json!([])),
                change(2, "paly()"),
                told_change(2, "paly()"),
                evaluated(Some(2), &[unknown(1, 1)]),
                published(Some(2), json!([mark(0, 0, 4)])),
                change(3, "-- é\n\"🎹\" paly()"),
                told_change(3, "-- é\n\"🎹\" paly()"),
                evaluated(Some(3), &[unknown(2, 5)]),
                published(Some(3), json!([mark(1, 5, 9)])),
                Editor(json!({ "method": "textDocument/didChange", "params": {
                    "textDocument": { "uri": URI, "version": 4 },
                    "contentChanges": [
                        { "text": "l", "range": {
                            "start": { "line": 1, "character": 6 }, "end": { "line": 1, "character": 7 },
                        } },
                        { "text": "a", "range": {
                            "start": { "line": 1, "character": 7 }, "end": { "line": 1, "character": 8 },
                        } },
                    ],
                } })),
                told_change(4, "-- é\n\"🎹\" play()"),
                evaluated(Some(4), &[]),
                published(Some(4), json!([])),
            ]);
            steps
        }),
        ("answers to older texts and to other texts are dropped", 0, {
            let mut steps = hello();
            steps.extend(opened("paly()"));
            steps.extend([
                change(2, "play()"),
                told_change(2, "play()"),
                evaluated(Some(1), &[unknown(1, 1)]),
                evaluated(None, &[unknown(1, 1)]),
                evaluated(Some(2), &[]),
                published(Some(2), json!([])),
            ]);
            steps
        }),
        ("changes of what plays are told at once", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            for generation in 1..20 {
                steps
                    .extend([Host(HostMessage::Status(status(generation).into())), hears_status(generation)]);
            }
            steps
        }),
        ("what the script prints goes to the log", 0, {
            let mut steps = hello();
            steps.extend(opened("print(1)"));
            steps.extend([
                Host(HostMessage::Welcome { protocol: 1, file: "/songs/a.lua".into() }),
                Host(HostMessage::Printed { lines: vec!["1".into(), "two".into()] }),
                log(4, "1\ntwo"),
                Host(HostMessage::Refused { message: "a line that is not UTF-8 was skipped".into() }),
                show(1, "Lilt's host of a.lua: a line that is not UTF-8 was skipped"),
            ]);
            steps
        }),
        ("a number that was learnt is written into the text that it is meant for", 0, {
            let rewrite = |mark| {
                let (from, to) = ("-- 🎹\ncc(".len(), "-- 🎹\ncc(learn()".len());
                Host(HostMessage::Rewrite { mark, from, to, text: "74".into() })
            };
            let text = "-- 🎹\ncc(learn())";
            let mut steps = hello();
            steps.extend(opened(text));
            let at = |character| json!({ "line": 1, "character": character });
            let edit = json!({ "range": { "start": at(3), "end": at(10) }, "newText": "74" });
            steps.extend([
                rewrite(text_mark("another text")),
                rewrite(text_mark(text)),
                Hears(json!({
                    "id": 1,
                    "method": "workspace/applyEdit",
                    "params": { "label": "learn", "edit": { "changes": { URI: [edit] } } },
                })),
                Editor(json!({ "id": 1, "result": { "applied": true } })),
                change(2, "cc(74)"),
                told_change(2, "cc(74)"),
            ]);
            steps
        }),
        ("commands and saving reach the host", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            let save = json!({ "textDocument": { "uri": URI } });
            steps.extend([
                command(2, "lilt/hush"),
                Told(ClientMessage::Hush),
                null(2),
                command(3, "lilt/panic"),
                Told(ClientMessage::Panic),
                null(3),
                command(4, "lilt/commit"),
                Told(ClientMessage::CommitNow),
                null(4),
                command(7, "lilt/clearState"),
                Told(ClientMessage::ClearState),
                null(7),
                command(21, "lilt/like"),
                Told(ClientMessage::Like),
                null(21),
                command(22, "lilt/nope"),
                Told(ClientMessage::Nope),
                null(22),
                command(23, "lilt/undoTaste"),
                Told(ClientMessage::UndoTaste),
                null(23),
                command(24, "lilt/forgetTaste"),
                Told(ClientMessage::ForgetTaste),
                null(24),
                command(8, "lilt/record"),
                Told(ClientMessage::Record),
                null(8),
                command(9, "lilt/stopRecording"),
                Told(ClientMessage::StopRecording),
                null(9),
                Editor(json!({ "id": 5, "method": "lilt/hush" })),
                Told(ClientMessage::Hush),
                null(5),
                Editor(json!({ "method": "lilt/panic" })),
                Told(ClientMessage::Panic),
                Editor(json!({ "method": "textDocument/didSave", "params": save })),
                Told(ClientMessage::Commit),
                Editor(json!({ "id": 6, "method": "lilt/hush", "params": { "uri": "file:///other.lua" } })),
                Hears(json!({ "id": 6, "error": { "code": -32602, "message": "this script is not open" } })),
            ]);
            steps
        }),
        ("hover, completion and definition", 0, {
            let mut steps = hello();
            steps.extend(opened("local x = 1\npl x \"🎹\" play"));
            let at = |line: u32, character: u32| json!({ "textDocument": { "uri": URI }, "position": { "line": line, "character": character } });
            let help = "```lua\nplay(name, pattern)\n```\nFills a slot.";
            steps.extend([
                Editor(json!({ "id": 2, "method": "textDocument/hover", "params": at(1, 12) })),
                Hears(json!({ "id": 2, "result": {
                    "contents": { "kind": "markdown", "value": help },
                    "range": { "start": { "line": 1, "character": 10 }, "end": { "line": 1, "character": 14 } },
                } })),
                Editor(json!({ "id": 3, "method": "textDocument/completion", "params": at(1, 2) })),
                Hears(json!({ "id": 3, "result": [{
                    "label": "play",
                    "kind": 3,
                    "detail": "play(name, pattern)",
                    "documentation": { "kind": "markdown", "value": help },
                    "textEdit": {
                        "range": { "start": { "line": 1, "character": 0 }, "end": { "line": 1, "character": 2 } },
                        "newText": "play",
                    },
                }] })),
                Editor(json!({ "id": 4, "method": "textDocument/definition", "params": at(1, 3) })),
                Hears(json!({ "id": 4, "result": {
                    "uri": URI,
                    "range": { "start": { "line": 0, "character": 6 }, "end": { "line": 0, "character": 7 } },
                } })),
                Editor(json!({ "id": 5, "method": "textDocument/hover", "params": at(0, 2) })),
                null(5),
            ]);
            steps
        }),
        ("a host that breaks down is told once and reached again with the newest text", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend([
                HostEnds,
                no_host(),
                show(2, "Lilt's host of a.lua has ended; it is started again."),
                change(2, "play(x)"),
                Editor(json!({ "id": 2, "method": "lilt/hush" })),
                Hears(
                    json!({ "id": 2, "error": { "code": -32803, "message": "no host plays this script" } }),
                ),
                Connects("/songs/a.lua"),
                log(3, "attached to the host of a.lua"),
                told_change(2, "play(x)"),
                HostEnds,
                no_host(),
                log(2, "Lilt's host of a.lua has ended; it is started again."),
                Connects("/songs/a.lua"),
                log(3, "attached to the host of a.lua"),
                told_change(2, "play(x)"),
            ]);
            steps
        }),
        ("a host that cannot be started is told once and tried again", 2, {
            let mut steps = hello();
            let why = "Lilt cannot play a.lua: the host ended at once (exit status: 1); it said: no weights. \
                       It tries again.";
            steps.extend([open("play()"), no_host(), show(2, why), no_host(), log(2, why)]);
            steps.extend([
                Connects("/songs/a.lua"),
                log(3, "attached to the host of a.lua"),
                told_change(1, "play()"),
            ]);
            steps
        }),
        ("a host that was stopped starts again when the script is saved", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend([
                command(2, "lilt/stop"),
                Told(ClientMessage::Stop),
                null(2),
                Host(HostMessage::Goodbye { message: "an editor stopped it".into() }),
                HostEnds,
                no_host(),
                show(3, "Lilt's host of a.lua has stopped (an editor stopped it); saving starts it again."),
                change(2, "play(x)"),
                Editor(
                    json!({ "method": "textDocument/didSave", "params": { "textDocument": { "uri": URI } } }),
                ),
                Connects("/songs/a.lua"),
                log(3, "attached to the host of a.lua"),
                told_change(2, "play(x)"),
            ]);
            steps
        }),
        ("closing takes back the marks, and ends the host that was started for it", 0, {
            let mut steps = hello();
            steps.extend(opened("paly()"));
            steps.extend([evaluated(Some(1), &[unknown(1, 1)]), published(Some(1), json!([mark(0, 0, 4)]))]);
            steps.extend(close(URI));
            steps.extend([Told(ClientMessage::Release), Leaves]);
            steps
        }),
        ("closing leaves a host that played before", 0, {
            let mut steps = hello();
            steps.push(Plays("/songs/a.lua", true));
            steps.extend([open("play()"), Connects("/songs/a.lua"), log(3, "attached to the host of a.lua")]);
            steps.extend([says_text("play()"), hears_text("play()"), told_change(1, "play()")]);
            steps.extend(close(URI));
            steps.push(Leaves);
            // It can still be ended, by its name or with all others.
            steps.extend([
                command(2, "lilt/hush"),
                null(2),
                Connects("/songs/a.lua"),
                Told(ClientMessage::Hush),
                Leaves,
                Editor(json!({ "id": 3, "method": "lilt/stop" })),
                null(3),
                Connects("/songs/a.lua"),
                Told(ClientMessage::Stop),
                Leaves,
                command(4, "lilt/commit"),
                Hears(json!({ "id": 4, "error": { "code": -32602, "message": "this script is not open" } })),
            ]);
            steps
        }),
        ("an editor that closes all scripts before it ends leaves their hosts", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend(close(URI));
            steps.extend(goodbye());
            steps.extend([Leaves]);
            steps
        }),
        ("a script that is closed and opened again keeps its host", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend(close(URI));
            steps.extend([
                open("play(x)"),
                told_change(1, "play(x)"),
                command(2, "lilt/hush"),
                Told(ClientMessage::Hush),
                null(2),
            ]);
            steps
        }),
        ("a script that is saved under another name plays on by that name alone", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend(close(URI));
            steps.extend([
                open_at("file:///songs/b.lua", "play()"),
                Connects("/songs/b.lua"),
                log(3, "attached to the host of b.lua"),
                told_change(1, "play()"),
                OfHost("/songs/a.lua"),
                Told(ClientMessage::Release),
                Leaves,
            ]);
            steps
        }),
        ("the new name may be opened before the old one is closed", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend([
                open_at("file:///songs/b.lua", "play()"),
                Connects("/songs/b.lua"),
                log(3, "attached to the host of b.lua"),
                told_change(1, "play()"),
            ]);
            steps.extend(close(URI));
            steps.extend([OfHost("/songs/a.lua"), Told(ClientMessage::Release), Leaves]);
            steps
        }),
        ("a host that hangs up and plays on is not called ended", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend([
                Plays("/songs/a.lua", true),
                HostEnds,
                Connects("/songs/a.lua"),
                no_host(),
                log(2, "Lilt's host of a.lua hung up and plays on; the editor attaches again."),
                Connects("/songs/a.lua"),
                log(3, "attached to the host of a.lua"),
                says_text("play()"),
                hears_text("play()"),
                told_change(1, "play()"),
            ]);
            steps
        }),
        ("a refusal is shown once", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            let refusal = || Host(HostMessage::Refused { message: "too long".into() });
            let words = "Lilt's host of a.lua: too long";
            steps.extend([refusal(), show(1, words), refusal(), log(1, words)]);
            steps
        }),
        ("that another editor's text plays is told", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend([
                says_text("play()"),
                hears_text("play()"),
                says_text("another"),
                show(3, "Another editor plays unsaved text of a.lua; yours plays from your next edit."),
                hears_text("another"),
            ]);
            steps
        }),
        ("addresses that are not well-formed name scripts too", 0, {
            let mut steps = hello();
            for (uri, path, name) in [
                ("file:///songs/my set.lua", "/songs/my set.lua", "my set.lua"),
                ("file:/songs/one.lua", "/songs/one.lua", "one.lua"),
                ("FILE://localhost/songs/two.lua", "/songs/two.lua", "two.lua"),
                ("file:///songs/100%.lua", "/songs/100%.lua", "100%.lua"),
            ] {
                let attached = format!("attached to the host of {name}");
                let marks = json!({ "uri": uri, "diagnostics": [], "version": 1 });
                steps.extend([
                    open_at(uri, "play()"),
                    Connects(path),
                    log(3, &attached),
                    told_change(1, "play()"),
                    evaluated(Some(1), &[]),
                    Hears(json!({ "method": "textDocument/publishDiagnostics", "params": marks })),
                ]);
            }
            // Another way to write the same address.
            let params = json!({ "textDocument": { "uri": "file:///songs/my%20set.lua" } });
            steps.extend([
                Editor(json!({ "method": "textDocument/didSave", "params": params })),
                OfHost("/songs/my set.lua"),
                Told(ClientMessage::Commit),
            ]);
            steps
        }),
        ("the words of the script's folder are known", 0, {
            let mut steps = hello();
            steps.extend(opened("model \"mine\""));
            let at = json!({ "textDocument": { "uri": URI }, "position": { "line": 0, "character": 8 } });
            let help = "```lua\nmine beside /songs/a.lua\n```\nOne's own.";
            steps.extend([
                Editor(json!({ "id": 2, "method": "textDocument/hover", "params": at })),
                Hears(json!({ "id": 2, "result": {
                    "contents": { "kind": "markdown", "value": help },
                    "range": { "start": { "line": 0, "character": 7 }, "end": { "line": 0, "character": 11 } },
                } })),
            ]);
            steps
        }),
        ("messages out of place are answered", 0, {
            let mut steps = vec![
                Editor(json!({ "id": 1, "method": "textDocument/hover", "params": {} })),
                Hears(json!({ "id": 1, "error": { "code": -32002, "message": "say initialize first" } })),
                open("play()"),
            ];
            steps.extend(hello());
            steps.extend([
                Editor(json!({ "id": 2, "method": "textDocument/rename", "params": {} })),
                Hears(json!({ "id": 2, "error": {
                    "code": -32601, "message": "Lilt has no method textDocument/rename",
                } })),
                Editor(json!({ "id": 3, "method": "textDocument/hover", "params": {} })),
                Hears(json!({ "id": 3, "error": { "code": -32602, "message": "missing field `textDocument`" } })),
                Editor(json!({ "method": "textDocument/didOpen", "params": [] })),
                log(2, "textDocument/didOpen: invalid length 0, expected struct DidOpen with 1 element"),
                Editor(json!({ "method": "$/setTrace", "params": { "value": "off" } })),
                Editor(json!({ "method": "textDocument/didOpen", "params": { "textDocument": {
                    "uri": "untitled:Untitled-1", "languageId": "lua", "version": 1, "text": "",
                } } })),
                show(2, "Lilt plays files: save untitled:Untitled-1 first"),
                change(7, "a document that is not open"),
            ]);
            steps
        }),
    ];
    for (name, failures, mut steps) in table {
        if !matches!(steps.last(), Some(Leaves)) || !name.starts_with("an editor that closes all") {
            steps.extend(goodbye());
        }
        let ended = converse(name, failures, steps);
        assert!(ended.is_ok(), "{name}: {ended:?}");
    }
}

#[test]
fn an_editor_that_breaks_off_leaves_the_host() {
    let mut steps = hello();
    steps.extend(opened("play()"));
    assert!(matches!(converse("the editor is killed", 0, steps), Err(EditorError::Left)));
    let mut steps = hello();
    steps.extend(opened("play()"));
    steps.push(Editor(json!({ "method": "exit" })));
    assert!(matches!(converse("exit without shutdown", 0, steps), Err(EditorError::Left)));
    let mut steps = hello();
    steps.extend(opened("play()"));
    steps.extend([
        Editor(json!({ "id": 9, "method": "shutdown" })),
        null(9),
        Leaves,
        Editor(json!({ "id": 10, "method": "shutdown" })),
        Hears(json!({ "id": 10, "error": { "code": -32600, "message": "the server is shut down" } })),
        Editor(json!({ "method": "exit" })),
    ]);
    assert!(converse("shutdown and exit", 0, steps).is_ok());
}
