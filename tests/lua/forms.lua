-- Tests of stdlib/forms.lua.

local check = require "check"

local tests = {}

local a, b = clip { 60, 62 }, clip { 67, 65 }

function tests.a_form_is_its_parts_in_order()
    check.equal(check.pitches(form { a, b, a }), { 60, 62, 67, 65, 60, 62 })
    check.fails(function() form {} end, "`form` expects a list of clips")
    check.fails(function() form { a, 60 } end, "`form` expects a clip, got a number")
end

function tests.times_repeats()
    check.equal(times(a, 3):length(), 6)
    check.fails(function() times(a, 0) end, "`times` expects a whole number from 1 to 256, got 0")
end

function tests.rest_is_silence()
    check.equal(#rest(4), 0)
    check.equal(rest(4):length(), 4)
end

function tests.voices_of_a_canon_enter_in_turn()
    local round = canon(a, { voices = 2, beats = 1, transpose = 12 })
    check.equal(check.pitches(round), { 60, 62, 72, 74 })
    check.equal(check.starts(round), { 0, 1, 1, 2 })
end

return tests
