-- Tests of stdlib/rhythm.lua and stdlib/chance.lua.

local check = require "check"

local tests = {}

function tests.euclid_spreads_hits()
    check.equal(euclid(3, 8), "bd ~ ~ bd ~ ~ bd ~")
    check.equal(euclid(2, 4, "hh", 1), "~ hh ~ hh")
    check.equal(euclid(0, 2), "~ ~")
    check.fails(function() euclid(9, 8) end, "`euclid` expects hits from 0 to steps")
end

function tests.swing_delays_every_second_place()
    local straight = clip {
        { pitch = 60, duration = 1/2 }, { pitch = 60, duration = 1/2 },
        { pitch = 60, duration = 1/2 }, { pitch = 60, duration = 1/2 },
    }
    check.equal(check.starts(swing(straight)), { 0, 2/3, 1, 5/3 })
    check.equal(check.starts(swing(straight, 0)), { 0, 1/2, 1, 3/2 })
end

function tests.noise_can_be_asked_again()
    check.equal(noise(1, 2), noise(1, 2))
    check.holds(noise(1, 2) ~= noise(1, 3) and noise(1, 2) ~= noise(2, 2))
    local sum = 0
    for n = 1, 1000 do
        local value = noise(5, n)
        check.holds(value >= 0 and value < 1, "noise left its range: " .. value)
        sum += value
    end
    check.holds(sum > 450 and sum < 550, "noise leans: " .. sum / 1000)
end

function tests.humanize_stays_near_and_is_the_same_each_time()
    local tune = clip { 60, 62, 64, 65 }
    local one, other = humanize(tune, { seed = 3 }), humanize(tune, { seed = 3 })
    check.equal(one:notes(), other:notes())
    for i, note in one:notes() do
        check.holds(math.abs(note.start - (i - 1)) <= 1/64 + 1e-6, "moved too far")
    end
    check.fails(function() humanize(tune, { sed = 3 }) end, "`humanize` has no option `sed`")
end

function tests.accents_come_in_turn()
    local notes = accent(clip { 60, 62, 64 }, { 0.9, 0.5 }):notes()
    check.equal({ notes[1].velocity, notes[2].velocity, notes[3].velocity }, { 0.9, 0.5, 0.9 })
end

return tests
