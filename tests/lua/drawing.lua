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

function tests.a_line_that_rises_is_a_melody_that_rises()
    local up = map(line { x1 = 0, y1 = 1, x2 = 1, y2 = 0 }, { beats = 4, step = 1, low = 60, high = 72 })
    local pitches = {}
    for i, note in up:notes() do pitches[i] = note.pitch end
    -- The middles of four steps lie at an eighth, three eighths and so on of the way.
    check.equal(pitches, { 62, 65, 68, 71 })
    check.equal(up:length(), 4)
    local level = map(line { x1 = 0, x2 = 0.5 }, { beats = 4, step = 1/4, low = 48, high = 72 })
    check.equal({ level:notes()[1].pitch, level:notes()[1].duration, #level }, { 60, 2, 1 })
end

function tests.a_melody_comes_back_from_its_drawing()
    local tune = clip { 60, 62, 64, "~", 67, { pitch = 48, start = 0, duration = 5 } }
    local drawn = map(tune)
    check.equal(#drawn, 3)
    check.equal(map(drawn, { beats = 5 }):notes(), tune:notes())
    local snapped = map(wave {}, { scale = "C major" })
    for _, note in snapped:notes() do check.holds(table.find({ 0, 2, 4, 5, 7, 9, 11 }, note.pitch % 12)) end
end

function tests.what_cannot_be_mapped_is_told()
    check.equal(#map(sketch {}), 0)
    check.equal(#map(sketch { { { 0.5, 0.5 } } }), 0)
    check.fails(function() map(3) end, "`map` expects a sketch or a clip, got a number")
    check.fails(function() map(circle {}, { low = 90 }) end, "`low` is 90: write a pitch below high")
    check.fails(function() map(circle {}, { step = 0 }) end, "`step` is 0: write a number of beats above 0")
end

return tests
