-- Tests of stdlib/lines.lua.

local check = require "check"

local tests = {}

-- A zigzag, which jerks at every corner.
local function zigzag(corners)
    local points = {}
    for i = 0, corners do points[i + 1] = { 0.1 + 0.8 * i / corners, i % 2 == 0 and 0.3 or 0.7 } end
    return sketch { points }
end

-- Sketches that there is nothing to see in.
local function nothings()
    return { sketch {}, sketch { { { 0.5, 0.5 } } }, sketch { { { 0.5, 0.5 }, { 0.5, 0.5 } } } }
end

local function all()
    return {
        reward.straight, reward.smooth, reward.ink, reward.size, reward.closed, reward.symmetry,
        reward.drawn_like(circle {}), reward.angles { 0, 45 }, reward.no_straight_lines,
    }
end

function tests.curves_are_better_than_lines()
    check.equal(reward.no_straight_lines(line {}), -1)
    check.holds(reward.no_straight_lines(circle {}) > -0.05)
end

function tests.every_reward_takes_every_sketch()
    local sketches = nothings()
    for _, one in { circle {}, line {}, spiral {}, wave {}, zigzag(7), together { circle {}, line {} } } do
        table.insert(sketches, one)
    end
    for _, one in all() do
        for _, any in sketches do
            local score = one(any)
            check.holds(type(score) == "number" and score == score and math.abs(score) < 1e6)
        end
    end
end

function tests.straight_ink_is_told_from_curves()
    check.equal(reward.straight(line {}), 1)
    check.equal(reward.straight(circle {}), 0)
    local square = reward.straight(polygon { corners = 4 })
    check.holds(square > 0.6 and square < 1, square)
    -- However many points the pen left.
    check.equal(reward.straight(sketch { { { 0, 0 }, { 0.5, 0.5 }, { 1, 1 } } }), 1)
end

function tests.even_turns_are_smooth()
    check.holds(reward.smooth(circle {}) > 0.98)
    check.holds(reward.smooth(zigzag(40)) < reward.smooth(wave {}))
end

function tests.ink_and_size()
    check.equal(reward.ink(line { x1 = 0.1, x2 = 0.9 }), 0.8)
    check.holds(math.abs(reward.ink(circle { radius = 0.25 }) - math.pi / 2) < 0.01)
    check.holds(math.abs(reward.size(circle { radius = 0.25 }) - 0.5) < 1e-3)
    check.equal(reward.size(sketch {}), 0)
end

function tests.closed_lines_come_back()
    check.holds(reward.closed(circle {}) > 0.99)
    check.equal(reward.closed(line {}), 0)
    local arc = reward.closed(sketch { { { 0, 0 }, { 1, 0 }, { 1, 1 }, { 0, 1 } } })
    check.holds(arc > 0 and arc < 0.5, arc)
end

function tests.mirror_images_are_symmetrical()
    check.holds(reward.symmetry(circle {}) > 0.95)
    check.holds(reward.symmetry(polygon { corners = 3 }) > 0.9)
    check.holds(reward.symmetry(line { x1 = 0.2, y1 = 0.2, x2 = 0.8, y2 = 0.8 }) < 0.2)
end

function tests.likeness_falls_with_distance()
    local like = reward.drawn_like(circle {})
    check.holds(like(circle {}) > 0.999)
    check.holds(like(circle { radius = 0.28 }) > like(circle { radius = 0.2 }))
    check.holds(like(circle { radius = 0.28 }) > like(line {}))
    check.fails(function() reward.drawn_like(clip { 60 }) end, "`drawn_like` expects a sketch, got a clip")
end

function tests.angles_are_counted_both_ways()
    check.equal(reward.angles { 0 }(line {}), 1)
    check.equal(reward.angles { 0 }(sketch { { { 0.9, 0.5 }, { 0.1, 0.5 } } }), 1)
    check.equal(reward.angles { 90 }(line {}), 0)
    check.holds(reward.angles { 45, -45 }(polygon { corners = 4 }) > 0.9)
    check.fails(function() reward.angles(45) end, "`angles` expects a list of degrees, as in { 0, 90 }")
end

return tests
