-- Drawing: sketches by rule. x goes right and y goes down, from 0 to 1 over the
-- shorter side of the canvas; angles are in radians, clockwise from the right.

local options = require "options"

local drawing = {}

-- The line of numbers, before this module's line stands in its place.
local ramp = line

-- A stroke of points that a function gives for 0 to 1.
local function curve(points, width, place)
    local stroke = {}
    for i = 0, points - 1 do
        local x, y = place(i / (points - 1))
        stroke[i + 1] = { x, y, width }
    end
    return stroke
end

-- An error for a number of points or corners that is too small or too large.
local function counted(name, number, least)
    if number < least or number > 2000 or number % 1 ~= 0 then
        error("`" .. name .. "` is " .. number .. ": write a whole number from " .. least .. " to 2000", 3)
    end
end

--- line(options)
--- A straight line of a drawing. With three numbers it is no drawing but a signal: line(90, 140, 32) goes from
--- 90 to 140 in the first 32 beats and stays there, for a control or the tempo.
--- @param x1 where it begins; 0.1 when left out
--- @param y1 where it begins; 0.5 when left out
--- @param x2 where it ends; 0.9 when left out
--- @param y2 where it ends; 0.5 when left out
--- @param width of the pen; 0.006 when left out
--- @example draw("line", line { x1 = 0.2, y1 = 0.2, x2 = 0.8, y2 = 0.8 })
--- tempo(line(90, 140, 32)) play("run", "c4*4"):gain(line(0.2, 1, 16))
function drawing.line(written, to, beats)
    if type(written) == "number" then return ramp(written, to, beats) end
    local o = options.read("line", written, { x1 = 0.1, y1 = 0.5, x2 = 0.9, y2 = 0.5, width = 0.006 })
    return sketch { { { o.x1, o.y1, o.width }, { o.x2, o.y2, o.width } } }
end

--- circle(options)
--- A circle.
--- @param x middle; 0.5 when left out
--- @param y middle; 0.5 when left out
--- @param radius from the middle; 0.3 when left out
--- @param points how many; 64 when left out
--- @param width of the pen; 0.006 when left out
--- @example draw("ring", circle { radius = 0.2 })
function drawing.circle(written)
    local o = options.read("circle", written, { x = 0.5, y = 0.5, radius = 0.3, points = 64, width = 0.006 })
    counted("points", o.points, 4)
    return sketch { curve(o.points, o.width, function(t)
        local angle = 2 * math.pi * t
        return o.x + o.radius * math.cos(angle), o.y + o.radius * math.sin(angle)
    end) }
end

--- spiral(options)
--- A spiral from the middle out.
--- @param x middle; 0.5 when left out
--- @param y middle; 0.5 when left out
--- @param radius at its end; 0.4 when left out
--- @param turns how often it goes round; 4 when left out
--- @param points how many; 256 when left out
--- @param width of the pen; 0.006 when left out
--- @example draw("spiral", spiral { turns = 6 })
function drawing.spiral(written)
    local o = options.read("spiral", written,
        { x = 0.5, y = 0.5, radius = 0.4, turns = 4, points = 256, width = 0.006 })
    counted("points", o.points, 4)
    return sketch { curve(o.points, o.width, function(t)
        local angle = 2 * math.pi * o.turns * t
        return o.x + o.radius * t * math.cos(angle), o.y + o.radius * t * math.sin(angle)
    end) }
end

--- polygon(options)
--- A polygon with equal sides, one corner up.
--- @param x middle; 0.5 when left out
--- @param y middle; 0.5 when left out
--- @param radius of the corners; 0.3 when left out
--- @param corners how many; 5 when left out
--- @param width of the pen; 0.006 when left out
--- @example draw("triangle", polygon { corners = 3 })
function drawing.polygon(written)
    local o = options.read("polygon", written, { x = 0.5, y = 0.5, radius = 0.3, corners = 5, width = 0.006 })
    counted("corners", o.corners, 3)
    return sketch { curve(o.corners + 1, o.width, function(t)
        local angle = 2 * math.pi * t - math.pi / 2
        return o.x + o.radius * math.cos(angle), o.y + o.radius * math.sin(angle)
    end) }
end

--- wave(options)
--- A sine wave from left to right.
--- @param y middle; 0.5 when left out
--- @param height above and below the middle; 0.2 when left out
--- @param waves how many; 3 when left out
--- @param points how many; 128 when left out
--- @param width of the pen; 0.006 when left out
--- @example draw("sea", wave { waves = 5, height = 0.1 })
function drawing.wave(written)
    local o = options.read("wave", written, { y = 0.5, height = 0.2, waves = 3, points = 128, width = 0.006 })
    counted("points", o.points, 4)
    return sketch { curve(o.points, o.width, function(t)
        return t, o.y - o.height * math.sin(2 * math.pi * o.waves * t)
    end) }
end

--- together(sketches)
--- One sketch with the strokes of all.
--- @param sketches a list of sketches
--- @example draw("both", together { circle { radius = 0.2 }, polygon { corners = 4 } })
function drawing.together(sketches)
    local strokes = {}
    for _, one in sketches do
        for _, stroke in one:strokes() do table.insert(strokes, stroke) end
    end
    return sketch(strokes)
end

--- bent(sketch, bend)
--- The sketch with every point moved by a function.
--- @param sketch what is moved
--- @param bend a function that takes x and y and gives x and y
--- @example draw("egg", bent(circle {}, function(x, y) return x, 0.5 + (y - 0.5) * 1.3 end))
function drawing.bent(given, bend)
    local strokes = given:strokes()
    for _, stroke in strokes do
        for _, point in stroke do point[1], point[2] = bend(point[1], point[2]) end
    end
    return sketch(strokes)
end

--- turned(sketch, angle)
--- The sketch turned around the middle of the canvas.
--- @param sketch what is turned
--- @param angle in radians, clockwise
--- @example draw("square", turned(polygon { corners = 4 }, math.pi / 4))
function drawing.turned(given, angle)
    local c, s = math.cos(angle), math.sin(angle)
    return drawing.bent(given, function(x, y)
        return 0.5 + (x - 0.5) * c - (y - 0.5) * s, 0.5 + (x - 0.5) * s + (y - 0.5) * c
    end)
end

return drawing
