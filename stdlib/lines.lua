-- Rewards of drawings: functions from a sketch to a number, larger is better. They
-- look at the strokes alone, so that a drawing that is still being made can be scored
-- too. Those that take a parameter give the reward.
--
-- A drawing is looked at as points that lie equally far apart along its lines, however
-- many points the pen left; a sketch without lines scores 0.

local lines = {}

-- How many points a drawing is looked at by.
local POINTS = 96

local function distance(one, other)
    return math.sqrt((one[1] - other[1]) ^ 2 + (one[2] - other[2]) ^ 2)
end

-- The length of a stroke.
local function length(stroke)
    local sum = 0
    for i = 2, #stroke do sum += distance(stroke[i - 1], stroke[i]) end
    return sum
end

-- Points of a stroke, `step` apart along its line, its first one among them.
local function spaced(stroke, step)
    local points, left = { { stroke[1][1], stroke[1][2] } }, step
    for i = 2, #stroke do
        local from, to = stroke[i - 1], stroke[i]
        local way, at = distance(from, to), 0
        while way - at >= left do
            at += left
            local part = at / way
            table.insert(points, { from[1] + (to[1] - from[1]) * part, from[2] + (to[2] - from[2]) * part })
            left = step
        end
        left -= way - at
    end
    return points
end

-- The strokes as points equally far apart, and all of those in one list.
local function looked_at(sketch)
    local strokes, ink = sketch:strokes(), 0
    for _, stroke in strokes do ink += length(stroke) end
    local spread, all = {}, {}
    for i, stroke in strokes do
        spread[i] = ink > 0 and spaced(stroke, ink / POINTS) or { { stroke[1][1], stroke[1][2] } }
        for _, point in spread[i] do table.insert(all, point) end
    end
    return spread, all, ink
end

-- How far the line turns at each point between its ends, in radians, -pi to pi.
local function turns(points)
    local list = {}
    for i = 2, #points - 1 do
        local before, here, after = points[i - 1], points[i], points[i + 1]
        local one = math.atan2(here[2] - before[2], here[1] - before[1])
        local other = math.atan2(after[2] - here[2], after[1] - here[1])
        table.insert(list, (other - one + math.pi) % (2 * math.pi) - math.pi)
    end
    return list
end

-- A piece of line is straight when its ends are this near to as far apart as it is long.
local STRAIGHT = 0.99
-- How many steps a piece has.
local PIECE = 10

--- reward.straight(sketch)
--- Straight lines: the part of the ink that lies straight, 0 to 1. Minus it is a dislike of rulers.
--- @param sketch what is measured
--- @example print(reward.straight(polygon { corners = 4 }))
function lines.straight(sketch)
    local pieces, straight = 0, 0
    for _, points in looked_at(sketch) do
        for i = 1, #points - PIECE do
            pieces += 1
            local step = distance(points[i], points[i + 1])
            if distance(points[i], points[i + PIECE]) >= STRAIGHT * PIECE * step then straight += 1 end
        end
    end
    return pieces == 0 and 0 or straight / pieces
end

--- reward.no_straight_lines(sketch)
--- Curves are better: minus the part of the ink that lies straight, -1 to 0.
--- @param sketch what is measured
--- @example print(reward.no_straight_lines(circle { radius = 0.3 }))
function lines.no_straight_lines(sketch)
    return -lines.straight(sketch)
end

--- reward.smooth(sketch)
--- Smooth lines: 1 where the pen turns evenly, as in a circle, down to 0 where it jerks at every step.
--- @param sketch what is measured
--- @example print(reward.smooth(circle {}))
function lines.smooth(sketch)
    local sum, count = 0, 0
    for _, points in looked_at(sketch) do
        local list = turns(points)
        for i = 2, #list do
            sum += math.min(1, math.abs(list[i] - list[i - 1]) / (math.pi / 2))
            count += 1
        end
    end
    return count == 0 and 0 or 1 - sum / count
end

--- reward.ink(sketch)
--- How much is drawn: the length of all lines, in sides of the canvas.
--- @param sketch what is measured
--- @example print(reward.ink(line {}))
function lines.ink(sketch)
    local sum = 0
    for _, stroke in sketch:strokes() do sum += length(stroke) end
    return sum
end

--- reward.size(sketch)
--- How large it is: the longer side of what is drawn, in sides of the canvas.
--- @param sketch what is measured
--- @example print(reward.size(circle { radius = 0.25 }))
function lines.size(sketch)
    local least, most = { math.huge, math.huge }, { -math.huge, -math.huge }
    for _, stroke in sketch:strokes() do
        for _, point in stroke do
            for axis = 1, 2 do
                least[axis] = math.min(least[axis], point[axis])
                most[axis] = math.max(most[axis], point[axis])
            end
        end
    end
    if most[1] < least[1] then return 0 end
    return math.max(most[1] - least[1], most[2] - least[2])
end

--- reward.closed(sketch)
--- Closed lines: 1 where every line comes back to where it began, 0 where each ends as far away as it can.
--- @param sketch what is measured
--- @example print(reward.closed(circle {}))
function lines.closed(sketch)
    local sum, ink = 0, 0
    for _, stroke in sketch:strokes() do
        local own = length(stroke)
        -- A line that comes back is twice as long as it goes away.
        if own > 0 then sum += own * (1 - math.min(1, 2 * distance(stroke[1], stroke[#stroke]) / own)) end
        ink += own
    end
    return ink == 0 and 0 or sum / ink
end

-- How near two drawings of so many sides of the canvas apart are called alike: e times less for each.
local NEAR = 0.05

-- The mean distance of points to the nearest of others.
local function apart(points, others)
    local sum = 0
    for _, point in points do
        local least = math.huge
        for _, other in others do
            local square = (point[1] - other[1]) ^ 2 + (point[2] - other[2]) ^ 2
            if square < least then least = square end
        end
        sum += math.sqrt(least)
    end
    return sum / #points
end

-- From 1 for the same points down to 0.
local function alike(points, others)
    if #points == 0 or #others == 0 then return 0 end
    return math.exp(-(apart(points, others) + apart(others, points)) / 2 / NEAR)
end

--- reward.symmetry(sketch)
--- Left like right: 1 for a drawing that is its own mirror image, less the farther it is from one.
--- @param sketch what is measured
--- @example print(reward.symmetry(polygon { corners = 5 }))
function lines.symmetry(sketch)
    local _, points = looked_at(sketch)
    local least, most = math.huge, -math.huge
    for _, point in points do
        least, most = math.min(least, point[1]), math.max(most, point[1])
    end
    local mirrored = {}
    for i, point in points do mirrored[i] = { least + most - point[1], point[2] } end
    return alike(points, mirrored)
end

--- reward.drawn_like(model)
--- A reward for likeness to a sketch, where it lies: 1 for the same lines, less the farther they are from each other.
--- @param model the sketch to be like
--- @example print(reward.drawn_like(circle {})(polygon { corners = 12 }))
function lines.drawn_like(model)
    if typeof(model) ~= "sketch" then
        error("`drawn_like` expects a sketch, got " .. (model == nil and "nothing" or "a " .. typeof(model)), 2)
    end
    local _, wanted = looked_at(model)
    return function(sketch)
        local _, points = looked_at(sketch)
        return alike(points, wanted)
    end
end

-- A line goes one way where it is no farther from it than this, in degrees.
local WIDE = 15

--- reward.angles(degrees)
--- A reward for lines that go some ways: the part of the ink that does, 0 to 1.
--- @param degrees a list: 0 is level, 90 upright, 45 falls to the right
--- @example print(reward.angles { 0, 90 }(polygon { corners = 4 }))
function lines.angles(degrees)
    if type(degrees) ~= "table" or #degrees == 0 then
        error("`angles` expects a list of degrees, as in { 0, 90 }", 2)
    end
    return function(sketch)
        local there, count = 0, 0
        for _, points in looked_at(sketch) do
            for i = 2, #points do
                local way = math.deg(math.atan2(points[i][2] - points[i - 1][2], points[i][1] - points[i - 1][1]))
                count += 1
                for _, wanted in degrees do
                    if math.abs((way - wanted + 90) % 180 - 90) <= WIDE then
                        there += 1
                        break
                    end
                end
            end
        end
        return count == 0 and 0 or there / count
    end
end

-- A probability that is not told from none.
local LEAST = 1e-9

--- reward.recognized_as(kind)
--- A reward for drawings that are taken for something: the logarithm of its probability (see recognize). At strength 1 a
--- tilted model draws what it would draw if it had been asked for the kind.
--- @param kind one of the kinds of recognize, as in "cat"
--- @example print(reward.recognized_as("star")(polygon { corners = 5 }))
function lines.recognized_as(kind)
    -- A kind that recognize does not know is told at once.
    recognize(sketch {}, kind)
    return function(drawing)
        return math.log(math.max(LEAST, recognize(drawing, kind)))
    end
end

--- reward.not_recognized(sketch)
--- Camouflage: how far from sure recognize is, minus the logarithm of its likeliest kind's probability.
--- @param sketch what is measured
--- @example print(reward.not_recognized(spiral {}))
function lines.not_recognized(sketch)
    return -math.log(recognize(sketch)[1].p)
end

return lines
