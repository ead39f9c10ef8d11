-- Tests of stdlib/duets.lua.

local check = require "check"

local tests = {}

function tests.once_plays_one_time()
    local tune = clip { 60, 62, 64, 65, 67, 69, 71, 72 }
    local music = once(tune)
    check.equal(check.pitches(music(0)), check.pitches(tune))
    check.equal(check.pitches(music(4)), check.pitches(tune))
    check.equal(music(8), nil)
    check.fails(function() once("c4") end, "`once` expects a clip, got a string")
end

function tests.a_duet_says_what_it_takes()
    local chain = markov(clip { 60, 62, 64, 62 }, { order = 1 })
    check.fails(function() duet(chain, { rset = 2 }) end, "`duet` has no option `rset`")
end

return tests
