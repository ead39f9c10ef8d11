-- Tests of stdlib/duets.lua.

local check = require "check"

local tests = {}

function tests.once_plays_one_time()
    local tune = clip { 60, 62, 64, 65, 67, 69, 71, 72 }
    local music = once(tune)
    check.equal(check.pitches(music(0)), check.pitches(tune))
    check.equal(check.pitches(music(4)), check.pitches(tune))
    check.equal(music(8), nil)
    check.fails(function() once(4) end, "`once` expects a clip, got a number")
    -- What is shorter than a bar does not begin again in it.
    check.equal(once(clip { 60, 62, 64 })(0):length(), 67)
    check.equal(once("c4 e4")(4), nil)
end

function tests.a_duet_says_what_it_takes()
    local chain = markov(clip { 60, 62, 64, 62 }, { order = 1 })
    check.fails(function() duet(chain, { rset = 2 }) end, "`duet` has no option `rset`")
    check.fails(function() duet("folk") end, "`duet` expects a model that answers: write duet(model \"folk\")")
    check.fails(function() duet(chain, { bars = 99 }) end, "`bars` is 99: write a whole number from 1 to 64")
    check.fails(function() duet(chain, { listen = "Pads" }) end, "write listen = midi_in \"Pads\"")
end

return tests
