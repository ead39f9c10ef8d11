-- Tests of stdlib/waves.lua.

local check = require "check"

local tests = {}

function tests.waves_go_from_0_to_1()
    for _, case in {
        { sine(8), 0, 0.5, 1, 0.5, 0 },
        { triangle(8), 0, 0.5, 1, 0.5, 0 },
        { saw(8), 0, 0.25, 0.5, 0.75, 0 },
    } do
        for i = 1, 5 do check.equal(case[1](2 * (i - 1)), case[i + 1]) end
    end
end

function tests.a_wave_has_a_length()
    check.fails(function() sine(0) end, "`sine` expects a number of beats above 0, got 0")
    check.fails(function() saw("4") end, "`saw` expects a number of beats above 0, got 4")
end

return tests
