-- Chords, as lists of pitches.

local degree = require("scales").degree

local chords = {}

-- Semitones above the root, by what is written after it.
local QUALITIES = {
    [""] = { 0, 4, 7 },
    m = { 0, 3, 7 },
    dim = { 0, 3, 6 },
    aug = { 0, 4, 8 },
    sus2 = { 0, 2, 7 },
    sus4 = { 0, 5, 7 },
    ["5"] = { 0, 7 },
    ["6"] = { 0, 4, 7, 9 },
    m6 = { 0, 3, 7, 9 },
    ["7"] = { 0, 4, 7, 10 },
    maj7 = { 0, 4, 7, 11 },
    m7 = { 0, 3, 7, 10 },
    m7b5 = { 0, 3, 6, 10 },
    dim7 = { 0, 3, 6, 9 },
    ["9"] = { 0, 4, 7, 10, 14 },
    maj9 = { 0, 4, 7, 11, 14 },
    m9 = { 0, 3, 7, 10, 14 },
    add9 = { 0, 4, 7, 14 },
}

local CLASSES = { C = 0, D = 2, E = 4, F = 5, G = 7, A = 9, B = 11 }
local NUMERALS = { i = 1, ii = 2, iii = 3, iv = 4, v = 5, vi = 6, vii = 7 }

--- chord(name, octave)
--- The pitches of a chord, from its root up.
--- @param name a root and what kind, as in "Am", "F#m7", "Cmaj7", "G7", "Dsus4"
--- @param octave of the root; 3 when left out
--- @example play("pad", block({ chord "Am7", chord "Fmaj7" }, 4)):on(synth "pad")
function chords.chord(name, octave)
    if type(name) ~= "string" then
        error("`chord` expects a name such as \"Am7\", got a " .. typeof(name), 2)
    end
    local letter, sign, kind = string.match(name, "^([A-G])([#b]?)(.*)$")
    local steps = letter and QUALITIES[kind]
    if not steps then
        error("`" .. name .. "` is no chord: write a root A to G, # or b, and one of m, 7, m7, maj7, dim, aug, "
            .. "sus2, sus4, 5, 6, m6, m7b5, dim7, 9, maj9, m9, add9", 2)
    end
    local root = CLASSES[letter] + (sign == "#" and 1 or sign == "b" and -1 or 0)
    local pitches = {}
    for i, step in steps do
        pitches[i] = 12 * ((octave or 3) + 1) + root + step
    end
    return pitches
end

--- progression(numerals, scale, octave)
--- Chords on the degrees of a scale, as a list of lists of pitches. Each takes every other pitch of the scale.
--- @param numerals degrees in Roman numerals, with a 7 for a fourth pitch, as in "ii7 V7 I"
--- @param scale a tonic and a scale; the script's key when left out
--- @param octave of the tonic; 3 when left out
--- @example play("pad", block(progression("I V vi IV", "C major"), 4)):on(synth "pad")
function chords.progression(numerals, scale, octave)
    if type(numerals) ~= "string" then
        error("`progression` expects Roman numerals such as \"I V vi IV\", got a " .. typeof(numerals), 2)
    end
    local result = {}
    for word in string.gmatch(numerals, "%S+") do
        local numeral, seventh = string.match(word, "^([ivIV]+)(7?)$")
        local first = numeral and NUMERALS[string.lower(numeral)]
        if not first then
            error("`" .. word .. "` is no degree: write I to VII, with a 7 after it for a seventh chord", 2)
        end
        local pitches = {}
        for i = 0, seventh == "7" and 3 or 2 do
            pitches[i + 1] = degree(first + 2 * i, scale, octave or 3)
        end
        table.insert(result, pitches)
    end
    return result
end

--- block(chords, beats, velocity)
--- A clip in which the chords sound one after the other.
--- @param chords a list of chords, each a list of pitches
--- @param beats how long each lasts; 4 when left out
--- @param velocity how hard, 0 to 1; 0.6 when left out
--- @example play("pad", block({ chord "Dm7", chord "G7", chord "Cmaj7" }, 4))
function chords.block(list, beats, velocity)
    beats = beats or 4
    local result = { length = #list * beats }
    for i, pitches in list do
        if type(pitches) ~= "table" then
            error("`block` expects a list of chords, as in { chord \"Am\", chord \"F\" }", 2)
        end
        for _, pitch in pitches do
            local start = (i - 1) * beats
            table.insert(result, { pitch = pitch, start = start, duration = beats, velocity = velocity or 0.6 })
        end
    end
    return clip(result)
end

--- roots(chords, beats, octave)
--- A bass line: the lowest pitch of each chord, in one octave.
--- @param chords a list of chords, each a list of pitches
--- @param beats how long each lasts; 4 when left out
--- @param octave in which the line lies; 2 when left out
--- @example play("bass", roots(progression("I vi IV V", "C major"), 4)):on(synth "bass")
function chords.roots(list, beats, octave)
    local result = {}
    for i, pitches in list do
        local root = math.min(table.unpack(pitches)) % 12 + 12 * ((octave or 2) + 1)
        result[i] = { pitch = root, duration = beats or 4 }
    end
    return clip(result)
end

--- inversion(chord, number)
--- The chord with its lowest pitches put an octave higher.
--- @param chord a list of pitches
--- @param number how many pitches; 1 when left out
--- @example play("pad", block({ inversion(chord "C"), chord "F" }, 4))
function chords.inversion(pitches, number)
    local result = table.clone(pitches)
    for _ = 1, (number or 1) % #result do
        table.insert(result, table.remove(result, 1) + 12)
    end
    return result
end

return chords
