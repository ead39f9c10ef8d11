//! Scripts that want out, or want the host down: none touches a file, none breaks the engine, and whatever comes of
//! one, the next text is evaluated as ever.

mod parrot;

use std::sync::{Arc, Mutex};

use lilt_score::{Beat, Query, Span};
use lilt_script::{Engine, Limits, SourceFile, Sources};
use lilt_sequencer::{Part, Performance};

/// A folder that remembers what it was asked for.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

impl Sources for Asked {
    fn read(&self, module: &str) -> Option<SourceFile> {
        self.0.lock().expect("nobody panics with it").push(module.to_string());
        None
    }
}

/// Ways to files, programs, the network, and other people's memory.
const WAYS_OUT: [&str; 58] = [
    "io.open(PATH, \"w\"):write(\"x\")",
    "io.popen(\"touch \" .. PATH)",
    "io.lines(PATH)()",
    "io.output(PATH) io.write(\"x\")",
    "os.execute(\"touch \" .. PATH)",
    "os.remove(PATH)",
    "os.rename(PATH, PATH .. \".b\")",
    "os.tmpname()",
    "os.getenv(\"HOME\"):len()",
    "os.exit(1)",
    "require \"/etc/passwd\"",
    "require \"../secret\"",
    "require \"..\"",
    "require \".\"",
    "require \"a/b\"",
    "require \"a\\\\b\"",
    "require \"a.b\"",
    "require \"\\0\"",
    "require \"set.lua\\0.txt\"",
    "require(PATH)",
    "require \"~/.bashrc\"",
    "require \"@self/x\"",
    "require \"C:/x\"",
    "require \"file:///etc/passwd\"",
    "require \"http://example.com/x\"",
    "require {}",
    "require(nil)",
    "require(function() end)",
    "dofile(PATH)",
    "loadfile(PATH)()",
    "load(\"return 1\")()",
    "loadstring(\"return 1\")()",
    "load(string.dump(function() end))",
    "string.dump(function() end)",
    "package.loadlib(\"libc.so.6\", \"system\")",
    "package.path = PATH",
    "package.cpath = \"/?.so\" require \"c\"",
    "package.preload.x = function() end require \"x\"",
    "package.searchers[1](PATH)",
    "debug.getregistry()",
    "debug.sethook(function() end, \"\", 1)",
    "debug.setmetatable(1, {})",
    "debug.getupvalue(play, 1)",
    "debug.setupvalue(play, 1, nil)",
    "getfenv(0).x = 1",
    "getfenv(play).play = nil",
    "setfenv(1, {})",
    "setfenv(0, { os = os })",
    "_G.play = nil",
    "_G._G._G.os.execute(\"true\")",
    "_ENV = {}",
    "newproxy(true).x = 1",
    "getmetatable(\"\").__index = nil",
    "getmetatable(\"\").__index.rep = function() end",
    "string.rep = function() end",
    "math.random = nil table.insert = nil play = nil",
    "shared.x = 1",
    "script:Destroy()",
];

/// Ways to hang it, to fill it, and to break what reads it.
const WAYS_DOWN: [&str; 62] = [
    "while true do end",
    "repeat until false",
    "local function f() return f() end f()",
    "local function f() f() f() end f()",
    "local t = {} while true do t[#t + 1] = {} end",
    "local s = \"x\" while true do s = s .. s end",
    "string.rep(\"x\", 1e18)",
    "(\"x\"):rep(1e9):rep(1e9)",
    "table.create(1e9, 0)",
    "table.concat(table.create(1e7, \"xxxxxxxx\"), (\"y\"):rep(1e6))",
    "string.format(\"%99999999d\", 1)",
    "string.pack((\"i16\"):rep(1e6), 1)",
    "(\"a\"):rep(3e4):find((\"a?\"):rep(3e4) .. (\"a\"):rep(3e4))",
    "(\"x\"):rep(1e5):gsub(\".\", (\"%0\"):rep(1e5))",
    "utf8.char(table.unpack(table.create(1e6, 65)))",
    "print(table.unpack(table.create(1e7, 0)))",
    "coroutine.wrap(function() coroutine.yield() while true do end end)()",
    "local c c = coroutine.create(function() coroutine.resume(c) end) coroutine.resume(c)",
    "for i = 1, 1e6 do coroutine.create(function() end) end",
    "local function f() coroutine.wrap(f)() end f()",
    "local t = setmetatable({}, {}) getmetatable(t).__index = t print(t.x)",
    "local t = {} t.__index = function(s, k) return s[k] end setmetatable(t, t) print(t.x)",
    "print(setmetatable({}, { __tostring = function() return {} end }))",
    "print(setmetatable({}, { __tostring = function() error({}) end }))",
    "error(setmetatable({}, { __tostring = function() error(\"again\") end }))",
    "error(nil)",
    "error({})",
    "error((\"x\"):rep(1e7))",
    "error(\"\\0\\255\\254\")",
    "error(coroutine.create(function() end))",
    "pcall(pcall, pcall, pcall, error)",
    "local function f() return pcall(f) or pcall(f) end f()",
    "xpcall(function() error() end, function() error() end)",
    "table.sort({ 1, 2, 3, 4, 5, 6, 7, 8, 9 }, function() return true end)",
    "table.sort({ 3, 2, 1 }, function() error(\"no\") end)",
    "local t = {} t[t] = t play(\"a\", t)",
    "local t = {} t[1] = t play(\"a\", t)",
    "local t = {} t.gain = t play(\"a\", \"c4\", t)",
    "play(\"a\", (\"[\"):rep(1e5))",
    "play(\"a\", (\"[\"):rep(1e4) .. \"c4\" .. (\"]\"):rep(1e4))",
    "play(\"a\", (\"<c4 \"):rep(2e3) .. (\">\"):rep(2e3))",
    "play(\"a\", (\"c4 \"):rep(1e5))",
    "play(\"a\", \"c4*1000000000\")",
    "play(\"a\", \"c4*99999999999999999999\")",
    "play(\"a\", \"c4(999999999,999999999)\")",
    "play(\"a\", \"c4@1e300 d4\")",
    "play(\"a\", \"c4!1000000\")",
    "play(\"a\", \"\\0\\1\\2 \\u{202e} \\u{1f3b9}\")",
    "play((\"a\"):rep(1e6), \"c4\")",
    "play(\"\", \"c4\") play(\"\\0\", \"c4\") play(\"\\n\", \"c4\")",
    "for i = 1, 1e4 do play(\"s\" .. i, \"c4\") end",
    "play(\"a\", function() return function() return function() end end end)",
    "play(\"a\", function(beat) play(\"b\", \"c4\") return \"c4\" end)",
    "play(\"a\", function() error(\"no\") end)",
    "play(\"a\", function() return 0/0 end)",
    "play(\"a\", 0/0) play(\"b\", 1/0) play(\"c\", -1/0) play(\"d\", 1e308)",
    "play(\"a\", clip { { pitch = 0/0, duration = -1 }, length = 1/0 })",
    "play(\"a\", clip { { pitch = 60, duration = 1e300, start = -1e300 }, length = 1e-300 })",
    "play(\"a\", \"c4\"):gain(0/0):pan(1/0):lowpass(-1):reverb(1e308)",
    "tempo(0) tempo(-1) tempo(1/0) tempo(0/0)",
    "meter \"0/0\" meter \"99999999999/1\" meter(\"x\")",
    "state.x = setmetatable({}, { __newindex = function() while true do end end }) state.x.y = 1",
];

/// Plays four bars of a generation, if one came of it: whatever its patterns say.
fn play(engine: &mut Engine, text: &str) {
    let Ok(generation) = engine.evaluate(text, "set.lua").result else { return };
    let bar = Beat::whole(4);
    for slot in &generation.slots {
        let query = Query::new(Span::new(Beat::ZERO, bar), bar);
        match &slot.part {
            Part::Notes(pattern) => drop(pattern.query(query)),
            Part::Drawing { sketches } => drop(sketches.query(query)),
        }
    }
    let mut performance = Performance::new();
    if performance.propose(generation, 0.0).is_ok() {
        for tenth in 0..80 {
            performance.fill(f64::from(tenth) / 10.0);
        }
    }
}

#[test]
fn over_a_hundred_hostile_scripts_touch_no_file_and_break_nothing() {
    let folder = std::env::temp_dir().join(format!("lilt-hostile-{}", std::process::id()));
    std::fs::create_dir(&folder).expect("a folder of its own");
    let path = folder.join("touched");
    let asked = Asked::default();
    let inference = lilt_inference::Inference::new(parrot::Parrots, 1).expect("a thread");
    let engine = Engine::new(inference, Box::new(asked.clone()), Limits::default());
    let mut engine = engine.expect("an engine");
    let texts = WAYS_OUT.iter().chain(&WAYS_DOWN);
    // Each as it is, and where an error is swallowed.
    let texts = texts
        .flat_map(|text| [text.to_string(), format!("pcall(function() {text} end) play(\"on\", \"c4\")")]);
    let mut count = 0;
    for text in texts {
        let text = text.replace("PATH", &format!("{:?}", path.display().to_string()));
        play(&mut engine, &text);
        let next = engine
            .evaluate("print((\"ab\"):rep(2), math.floor(2.5), #{ 1, 2 }) play(\"a\", \"c4 e4\")", "set.lua");
        let slots = next.result.as_ref().map(|generation| generation.slots.len());
        assert_eq!(slots.ok(), Some(1), "after {text}: {:?}", next.result);
        assert_eq!(next.printed, ["abab\t2\t2"], "after {text}");
        count += 1;
    }
    assert!(count >= 200, "{count}");
    // Only an empty folder can be removed so.
    std::fs::remove_dir(&folder).expect("nothing was made in it");
    let asked = asked.0.lock().expect("nobody panics with it");
    let bare = |module: &String| {
        !module.is_empty() && module.chars().all(|c| c.is_alphanumeric() || "_-".contains(c))
    };
    assert!(asked.iter().all(bare), "a folder is asked for bare names alone: {asked:?}");
}
