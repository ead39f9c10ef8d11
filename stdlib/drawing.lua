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

-- How the strokes of a sketch become notes, or notes strokes: left is early, high is high.
local function mapping(what, written)
    local o = options.read(what, written, { beats = 4, step = 1/4, low = 48, high = 84, scale = "", width = 0.01 })
    if o.low >= o.high then error("`low` is " .. o.low .. ": write a pitch below high", 3) end
    if o.step <= 0 or o.beats <= 0 or o.beats / o.step > 4096 then
        error("`step` is " .. o.step .. ": write a number of beats above 0, up to 4096 steps in all", 3)
    end
    return o
end

-- How low on the canvas a stroke is where it first passes `x`; nil where it does not.
local function crossed(stroke, x)
    for i = 2, #stroke do
        local from, to = stroke[i - 1], stroke[i]
        if math.min(from[1], to[1]) <= x and x < math.max(from[1], to[1]) then
            return from[2] + (to[2] - from[2]) * (x - from[1]) / (to[1] - from[1])
        end
    end
    return nil
end

-- The strokes as voices: each sounds where the middle of a step lies on it, for as long as its pitch stays.
local function clip_of(given, o)
    local notes, steps = {}, math.ceil(o.beats / o.step)
    for _, stroke in given:strokes() do
        local last
        for step = 0, steps - 1 do
            local y = crossed(stroke, (step + 0.5) / steps)
            local pitch = y and math.round(o.high - math.clamp(y, 0, 1) * (o.high - o.low))
            if pitch and last and last.pitch == pitch and last.start + last.duration == step * o.step then
                last.duration += o.step
            elseif pitch then
                last = { pitch = pitch, start = step * o.step, duration = o.step }
                table.insert(notes, last)
            end
        end
    end
    notes.length = o.beats
    local played = clip(notes)
    return if o.scale == "" then played else snap(played, o.scale)
end

-- The notes as strokes, level while they last; one that begins where another ends goes on with its stroke.
local function sketch_of(given, o)
    local strokes, open, length = {}, {}, given:length()
    for _, note in given:notes() do
        if note.pitch then
            local nearest
            for i, stroke in open do
                local met = math.abs(stroke.till - note.start) < 1e-6
                if met and (not nearest or math.abs(stroke.pitch - note.pitch) < math.abs(open[nearest].pitch - note.pitch)) then
                    nearest = i
                end
            end
            local stroke = nearest and table.remove(open, nearest)
            if not stroke then
                stroke = { points = {} }
                table.insert(strokes, stroke.points)
            end
            local y = (o.high - math.clamp(note.pitch, o.low, o.high)) / (o.high - o.low)
            local width = o.width * note.velocity
            table.insert(stroke.points, { note.start / length, y, width })
            table.insert(stroke.points, { (note.start + note.duration) / length, y, width })
            stroke.till, stroke.pitch = note.start + note.duration, note.pitch
            table.insert(open, stroke)
        end
    end
    return sketch(strokes)
end

--- map(thing, options)
--- From strokes to melodies and back: a sketch as a clip, each stroke a voice that is high where it is drawn high; a
--- clip as a sketch, left what is early.
--- @param thing a sketch or a clip
--- @param beats how long the clip of a sketch is; 4 when left out
--- @param step how finely it is played, in beats; 1/4 when left out
--- @param low the pitch at the bottom of the canvas; 48 when left out
--- @param high the pitch at the top; 84 when left out
--- @param scale to which the notes of a sketch are moved, as in "C minor pentatonic"; none when left out
--- @param width of the pen that draws a clip, where its notes are struck as hard as can be; 0.01 when left out
--- @example play("sea", map(wave { waves = 2 }, { scale = "C minor pentatonic" })):on "pluck"
--- draw("tune", map(clip { 60, 62, 64, 67 }))
function drawing.map(thing, written)
    local o = mapping("map", written)
    if typeof(thing) == "sketch" then return clip_of(thing, o) end
    if typeof(thing) == "clip" then return sketch_of(thing, o) end
    error("`map` expects a sketch or a clip, got " .. (thing == nil and "nothing" or "a " .. typeof(thing)), 2)
end

return drawing
