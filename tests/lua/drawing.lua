-- Tests of stdlib/drawing.lua.

local check = require "check"

local tests = {}

function tests.a_circle_closes()
    local stroke = circle({ x = 0.5, y = 0.5, radius = 0.25 }):strokes()[1]
    check.equal(#stroke, 64)
    check.equal({ stroke[1][1], stroke[1][2] }, { 0.75, 0.5 })
    check.equal({ stroke[64][1], stroke[64][2] }, { 0.75, 0.5 })
end

function tests.a_polygon_has_its_corners()
    check.equal(#polygon({ corners = 3 }):strokes()[1], 4)
    check.fails(function() polygon { corners = 2 } end, "`corners` is 2: write a whole number from 3 to 2000")
end

function tests.together_has_all_strokes()
    check.equal(#together { line {}, circle {}, spiral {}, wave {} }, 4)
end

function tests.a_quarter_turn()
    local stroke = turned(line { x1 = 0.5, y1 = 0.5, x2 = 1, y2 = 0.5 }, math.pi / 2):strokes()[1]
    check.equal({ stroke[2][1], stroke[2][2] }, { 0.5, 1 })
end

function tests.an_unknown_option_is_named()
    check.fails(function() circle { radios = 1 } end, "`circle` has no option `radios`: its options are points, ")
end

return tests
