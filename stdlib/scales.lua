-- Scales: the pitches of a key, by their degrees.
-- A scale is written as a key is: a tonic and a name, "D dorian", "F# blues".
-- When none is written the script's own key counts, or else C major.

local options = require "options"
local transformations = require "transformations"

local scales = {}

-- (what, name): the tonic of a scale as a pitch class from 0 (C) to 11, and its steps in semitones above that.
local read_scale = ...

-- The same, of the script's own key where no name is written.
local function read(what, name)
    return read_scale(what, name or key() or "C major")
end

-- The degree of a scale as a pitch; level is where an error points.
local function pitch_of(number, tonic, steps, octave)
    local turn = math.floor((number - 1) / #steps)
    return 12 * (octave + 1 + turn) + tonic + steps[(number - 1) % #steps + 1]
end

--- scale(name, octave)
--- The pitches of a scale from its tonic to the tonic above, as a list.
--- @param name a tonic and a scale, as in "D dorian"; the script's key when left out
--- @param octave of the first pitch; 4 (which begins at middle C) when left out
--- @example play("up", clip(scale("D dorian")))
function scales.scale(name, octave)
    local tonic, steps = read("scale", name)
    local pitches = {}
    for number = 1, #steps + 1 do
        pitches[number] = pitch_of(number, tonic, steps, octave or 4)
    end
    return pitches
end

--- degree(number, name, octave)
--- One pitch of a scale: 1 is the tonic, 8 the tonic above in a scale of seven, 0 the pitch below.
--- @param number which, a whole number of any size
--- @param name a tonic and a scale; the script's key when left out
--- @param octave of degree 1; 4 when left out
--- @example play("third", degree(3, "C major"))
function scales.degree(number, name, octave)
    if type(number) ~= "number" or number % 1 ~= 0 then
        error("`degree` expects a whole number, got " .. tostring(number), 2)
    end
    local tonic, steps = read("degree", name)
    return pitch_of(number, tonic, steps, octave or 4)
end

--- snap(clip, name)
--- The clip with every pitch moved to the nearest one of a scale, downwards when two are as near.
--- @param clip what is moved; drums stay
--- @param name a tonic and a scale; the script's key when left out
--- @example play("safe", snap(clip { 60, 61, 66 }, "C major"))
function scales.snap(clip, name)
    local music = options.music(clip)
    if music then return music:scale(name) end
    options.clip("snap", clip)
    local tonic, steps = read("snap", name)
    local distance = {}
    for class = 0, 11 do
        for _, far in { 0, -1, 1, -2, 2, -3, 3 } do
            if distance[class] == nil and table.find(steps, (class + far - tonic) % 12) then
                distance[class] = far
            end
        end
    end
    return transformations.each(clip, function(note)
        if note.pitch then
            local near = math.round(note.pitch)
            note.pitch = near + (distance[near % 12] or 0)
        end
        return note
    end)
end

return scales
