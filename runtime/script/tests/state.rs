//! `state`: whatever a script does to it, the next evaluation works.

mod parrot;

use lilt_script::{Engine, Limits, SourceFile, Sources};
use parrot::{engine, engine_with, inference, printed};

fn live() -> Engine {
    engine_with(&[], Limits::default())
}

#[test]
fn it_is_read_and_written_like_any_table() {
    let mut engine = engine();
    printed(
        &mut engine,
        "state.list = { 10, 20, 30, name = \"x\", inner = { 1 } }\nstate.n = (state.n or 0) + 1\n\
         local kept = state.list kept[4] = 40 state.alias = kept state.self = state",
    );
    for (text, expected) in [
        (
            "print(#state.list, state.n, state.list.name, state.alias == state.list, state.self == state)",
            "4\t1\tx\ttrue\ttrue",
        ),
        (
            "table.insert(state.list, 50) table.insert(state.list, 1, 5) print(table.concat(state.list, \" \"))",
            "5 10 20 30 40 50",
        ),
        ("print(table.remove(state.list, 1), table.remove(state.list), #state.list)", "5\t50\t4"),
        ("local sum = 0 for i, x in ipairs(state.list) do sum += i * x end print(sum)", "300"),
        (
            "local n = 0 for key in pairs(state.list) do n += 1 end for key in state.list do n += 1 end print(n)",
            "12",
        ),
        ("local n = 0 for key, value in next, state.list do n += 1 end print(n, next({}))", "6\tnil"),
        (
            "table.sort(state.list, function(a, b) return a > b end) print(unpack(state.list))",
            "40\t30\t20\t10",
        ),
        (
            "print(table.find(state.list, 20), table.unpack(state.list, 3), rawlen(state.list), rawget(state, \"n\"))",
            "3\t20\t4\t1",
        ),
        ("table.move(state.list, 1, 2, 5) print(table.concat(state.list, \" \"))", "40 30 20 10 40 30"),
        ("table.move({ 7, 8 }, 1, 2, 1, state.list) print(state.list[1], state.list[2])", "7\t8"),
        (
            "local copy = table.move(state.list, 1, 3, 1, {}) copy[1] = 0 print(copy[3], state.list[1])",
            "20\t7",
        ),
        (
            "local copy = table.clone(state.list) copy[1] = 99 print(state.list[1], copy.inner == state.list.inner)",
            "7\ttrue",
        ),
        (
            "rawset(state, \"raw\", { 1 }) state.raw[2] = 2 print(#state.raw, table.isfrozen(state.raw))",
            "2\tfalse",
        ),
        ("for key in pairs(state.list) do state.list[key] = nil end print(next(state.list))", "nil"),
        (
            "state.list[1] = 1 table.clear(state.list) print(#state.list, type(state.list), typeof(state))",
            "0\ttable\ttable",
        ),
        ("print(pcall(next, state, \"no such\"))", "false\tinvalid key to 'next'"),
    ] {
        assert_eq!(printed(&mut engine, text), expected, "{text}");
    }
}

#[test]
fn what_takes_a_table_takes_one_of_state() {
    let mut engine = engine();
    printed(
        &mut engine,
        "state.notes = { { pitch = 60 }, \"e4\", { sound = \"bd\", start = 2 }, length = 4 }\n\
         state.strokes = { { { 0, 0 }, { 1, 1, 0.5 } } }\nstate.options = { bars = 2, seed = 4 }",
    );
    let text = "print(clip(state.notes), sketch(state.strokes), #model(\"parrot\"):sample(state.options))\n\
        state.clips = nil print(#markov({ clip(state.notes) }):sample { notes = 3 })";
    assert_eq!(printed(&mut engine, text), "clip of 3 notes, 4 beats\tsketch of 1 strokes, 2 points\t8\n3");
}

#[test]
fn what_may_not_be_stored_is_refused_where_it_is() {
    let mut engine = engine();
    printed(&mut engine, "state.list = { 1 } state.n = 1");
    for (text, line, message) in [
        ("\nfor i = 1, 25000 do\nstate[i] = i end", 3, "`state` holds 20000 values at most"),
        (
            "state.big = {}\nfor i = 1, 25000 do table.insert(state.big, i) end",
            2,
            "`state` holds 20000 values at most",
        ),
        ("local big = table.create(25000, 1)\n\nstate.big = big", 3, "`state` holds 20000 values at most"),
        (
            "local log = state.list\nfor i = 1, 25000 do log[#log + 1] = { 1 } end",
            2,
            "`state` holds 20000 values at most",
        ),
        ("\nstate.text = string.rep(\"a\", 5000000)", 2, "the texts in `state` take 4 MiB at most"),
        ("\ntable.freeze(state)", 2, "`state` cannot be frozen"),
        ("\ntable.freeze(state.list)", 2, "`state` cannot be frozen"),
        ("\nstate.cold = table.freeze({})", 2, "`state` cannot hold a frozen table"),
        ("\nsetmetatable(state, {})", 2, "`state` and the tables in it have no metatable"),
        (
            "\nsetmetatable(state.list, { __newindex = function() while true do end end })",
            2,
            "`state` and the tables in it have no metatable",
        ),
        (
            "local loop = setmetatable({}, { __newindex = function() while true do end end })\nstate.loop = { { loop } }",
            2,
            "`state` and the tables in it have no metatable",
        ),
        (
            "\nstate.f = function() end",
            2,
            "`state` holds numbers, texts, true, false and tables of these, not a function",
        ),
        (
            "\nstate.list.clip = clip { 60 }",
            2,
            "`state` holds numbers, texts, true, false and tables of these, not a clip",
        ),
        (
            "\nstate.deep = { { { coroutine.create(print) } } }",
            2,
            "`state` holds numbers, texts, true, false and tables of these, not a thread",
        ),
        ("\nstate[{}] = 1", 2, "the names in `state` are texts, numbers, true or false"),
        ("\nstate.odd = { [{}] = 1 }", 2, "the names in `state` are texts, numbers, true or false"),
        (
            "\nrawset(state, 1, print)",
            2,
            "`state` holds numbers, texts, true, false and tables of these, not a function",
        ),
        ("\nstate[nil] = 1", 2, "table index is nil"),
    ] {
        let diagnostic = engine.evaluate(text, "set.lua").result.expect_err(text);
        assert_eq!((diagnostic.line, &*diagnostic.message), (line, message), "{text}");
        assert_eq!(
            printed(&mut engine, "print(state.n, #state.list, next(state.list, 1))"),
            "1\t1\tnil",
            "{text}"
        );
    }
}

#[test]
fn a_full_state_can_be_emptied_and_filled_again() {
    let mut engine = engine();
    let fill = "for i = 1, 19999 do state[i] = i end";
    printed(&mut engine, fill);
    assert!(engine.evaluate("state.a = 1 state.b = 2", "set.lua").result.is_err());
    printed(&mut engine, "state.a = 1");
    printed(&mut engine, "state[7] = nil state.b = 2");
    printed(&mut engine, "pcall(function() state.c = 3 end) assert(state.c == nil)");
    printed(&mut engine, "forget() state.c = 3");
    assert_eq!(printed(&mut engine, "print(state[1], state.c)"), "nil\t3");
    printed(&mut engine, "forget()");
    // A log that is cut at its other end.
    printed(&mut engine, "state.log = {}");
    let text = "for i = 1, 3000 do state.log[#state.log + 1] = i end\n\
        for i = 1, #state.log - 100 do table.remove(state.log, 1) end";
    for _ in 0..10 {
        printed(&mut engine, text);
    }
    assert_eq!(printed(&mut engine, "print(#state.log, state.log[100])"), "100\t3000");
}

#[test]
fn tables_that_come_back_are_counted() {
    let mut engine = engine();
    let text = "state.a = table.create(15000, 1) local a = state.a state.a = nil\n\
        state.b = table.create(15000, 1)\nlocal came = pcall(function() state.a = a end)\n\
        print(came, state.a, #state.b)\nstate.b = nil state.a = a print(#state.a)";
    assert_eq!(printed(&mut engine, text), "false\tnil\t15000\n15000");
}

#[test]
fn the_host_may_clear_it() {
    let mut engine = engine();
    printed(&mut engine, "state.list = { 1 } state.n = 1");
    engine.clear_state();
    assert_eq!(printed(&mut engine, "print(next(state)) state.n = 2"), "nil");
    assert_eq!(printed(&mut engine, "print(state.n)"), "2");
}

#[test]
fn it_survives_a_full_memory() {
    let mut engine = live();
    printed(
        &mut engine,
        "state.list = { 1, { true, \"x\" }, key = 2.5 } state.again = state.list state.self = state",
    );
    for text in [
        // What coroutines hold that never end cannot be freed, and the VM is made anew.
        "local t = {} pcall(function() while true do t[#t + 1] = table.create(1000, 1) end end) error(\"no\")",
        "state.list = nil local s = \"a\" while true do s = s .. s end",
        "forget() state.list = {} local t = {} while true do t[#t + 1] = {} end",
    ] {
        let evaluation = engine.evaluate(text, "set.lua");
        assert!(
            evaluation.result.is_err() && evaluation.notices.is_empty(),
            "{text}: {:?}",
            evaluation.notices
        );
        let text = "print(#state.list, state.list[2][2], state.again.key, state.again == state.list, state.self == state)";
        assert_eq!(printed(&mut engine, text), "2\tx\t2.5\ttrue\ttrue", "{text}");
    }
}

/// Files that break whoever reads them.
struct Trap;

impl Sources for Trap {
    fn read(&self, _: &str) -> Option<SourceFile> {
        panic!("a mistake of ours")
    }
}

#[test]
fn another_engine_takes_over_what_one_held_that_broke() {
    let mut broken = Engine::new(inference(), Box::new(Trap), Limits::default()).expect("an engine");
    printed(&mut broken, "state.list = { 1, { 2 } } state.n = 1");
    let text = "state.n = 2 state.list[2][1] = 3 state.more = true require \"mine\"";
    let evaluated =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| broken.evaluate(text, "set.lua")));
    assert!(evaluated.is_err());
    let mut engine = engine();
    assert!(engine.inherit(&broken));
    drop(broken);
    assert_eq!(printed(&mut engine, "print(state.n, state.list[2][1], state.more)"), "1\t2\tnil");
}
