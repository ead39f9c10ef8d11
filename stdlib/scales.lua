-- Scales: the pitches of a key, by their degrees.
-- A scale is written as a key is: a tonic and a name, "D dorian", "F# blues".
-- When none is written the script's own key counts, or else C major.

local options = require "options"
local transformations = require "transformations"

local scales = {}

-- Semitones above the tonic.
local STEPS = {
    major = { 0, 2, 4, 5, 7, 9, 11 },
    dorian = { 0, 2, 3, 5, 7, 9, 10 },
    phrygian = { 0, 1, 3, 5, 7, 8, 10 },
    lydian = { 0, 2, 4, 6, 7, 9, 11 },
    mixolydian = { 0, 2, 4, 5, 7, 9, 10 },
    minor = { 0, 2, 3, 5, 7, 8, 10 },
    locrian = { 0, 1, 3, 5, 6, 8, 10 },
    ["harmonic minor"] = { 0, 2, 3, 5, 7, 8, 11 },
    ["melodic minor"] = { 0, 2, 3, 5, 7, 9, 11 },
    pentatonic = { 0, 2, 4, 7, 9 },
    ["minor pentatonic"] = { 0, 3, 5, 7, 10 },
    blues = { 0, 3, 5, 6, 7, 10 },
    ["whole tone"] = { 0, 2, 4, 6, 8, 10 },
    chromatic = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 },
}

local CLASSES = { c = 0, d = 2, e = 4, f = 5, g = 7, a = 9, b = 11 }

-- Tonic as a pitch class from 0 (C) to 11, and the steps.
local function read(name, level)
    name = name or key() or "C major"
    if type(name) ~= "string" then
        error("a scale is a text such as \"D dorian\", got a " .. typeof(name), level + 1)
    end
    local letter, sign, mode = string.match(name, "^%s*(%a)([#b]?)%s*(.-)%s*$")
    local class = letter and CLASSES[string.lower(letter)]
    if not class then
        error("`" .. name .. "` is no scale: write a tonic and a name, as in D dorian", level + 1)
    end
    local steps = STEPS[mode == "" and "major" or string.lower(mode)]
    if not steps then
        local known = {}
        for known_name in STEPS do table.insert(known, known_name) end
        table.sort(known)
        error("there is no scale `" .. mode .. "`: there are " .. table.concat(known, ", "), level + 1)
    end
    local shift = sign == "#" and 1 or sign == "b" and -1 or 0
    return (class + shift) % 12, steps
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
    local tonic, steps = read(name, 2)
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
    local tonic, steps = read(name, 2)
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
    local tonic, steps = read(name, 2)
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
