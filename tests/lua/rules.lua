-- Tests of stdlib/rules.lua.

local check = require "check"

local tests = {}

function tests.rules_hold_or_nothing_counts()
    local short = reward.must(function(clip) return #clip < 3 end)
    local strict = reward.never(reward.in_key "C major")
    check.equal(short(clip { 60, 62 }), 0)
    check.equal(strict(clip { 60, 62 }), 0)
    check.holds(short(clip { 60, 62, 64 }) == -math.huge)
    check.holds(strict(clip { 60, 61 }) == -math.huge)
    check.fails(function() reward.must(true) end, "`must` expects a function")
    check.fails(function() reward.never(2) end, "`never` expects a reward")
end

function tests.steps_are_summed_with_the_note_before()
    local up = reward.step(function(note, before) return before and note.pitch - before.pitch or 100 end)
    check.equal(up(clip { length = 4 }), 0)
    check.equal(up(clip { 60 }), 100)
    check.equal(up(clip { 60, 62, 67 }), 107)
    check.equal((2 * up - reward.calm)(clip { 60, 62, 67 }), 215)
    check.equal((-up / 2 + 1)(clip { 60, 62, 67 }), -52.5)
    check.equal((up * reward.calm)(clip { 60, 62, 67 }), -107)
    check.fails(function() reward.step(2) end, "`step` expects a function")
    local none = reward.step(function() end)
    check.fails(function() none(clip { 60 }) end, "`step` expects a number for each note, got nothing")
end

-- Where the next note does not depend on those before, weighing it before it is drawn loses no particle.
function tests.tilt_leans_toward_steps()
    local mine = markov(clip { 60, 62, 64, 67, 64, 62, 60, 67, 60, 64 }, { order = 0, smoothing = 0 })
    local high = reward.step(function(note) return note.pitch > 64 and 1 or 0 end)
    local function astray(taste, notes)
        return 1 - mine:tilt(taste, { strength = 3, particles = 8 }):sample({ notes = notes or 4, seed = 1 }):ess()
    end
    for _, taste in { high, 2 * high, high * 2, high / 2, -high, high + reward.in_key "C", 1 - high, high + 0 * reward.calm } do
        check.equal(astray(taste), 0)
    end
    check.equal(astray(reward.never(reward.range(40, 64))), 0)
    -- These are known by the whole alone.
    check.holds(astray(function(clip) return high(clip) end) > 0.01)
    check.holds(astray(high * high) > 0.01)
    -- What only the whole knows counts beside.
    check.holds(astray(high + reward.variety, 6) > 0.01)
end

-- Many notes are asked about in one call. None of them notices.
function tests.steps_are_asked_about_one_by_one()
    local mine = markov({ clip { 60, 62, 64 }, clip { 65, 67 }, clip { 69, 71, 72 } }, { order = 0, smoothing = 1 })
    local function drawn(worth)
        return mine:tilt(reward.step(worth)):sample({ notes = 4, seed = 1 })
    end
    local first
    drawn(function(note)
        local chance = math.random()
        first = first or chance
        if note.start == 0 and chance ~= first then error("chance went on from note to note") end
        return chance
    end):notes()
    local seen = {}
    drawn(function(note, before)
        if note.seen or before == note then error("a note that was there before") end
        note.seen = true
        seen[note.pitch] = true
        return 0
    end):notes()
    check.holds(seen[60] and seen[67] and seen[72])
    check.fails(function()
        drawn(function(note) return note.pitch < 67 and 0 or "high" end):notes()
    end, "gave the text \"high\": it must return a number")
    check.fails(function()
        drawn(function(note) return note.pitch < 67 and 0 or error("too high") end):notes()
    end, "too high")
end

return tests
