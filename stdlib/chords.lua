-- Chords, as lists of pitches.

local chords = {}

-- (name, octave): the pitches of a chord symbol. (text, key, octave): chords by symbols and numerals.
local _, read_chord, read_progression = ...

--- chord(name, octave)
--- The pitches of a chord, from its root up.
--- @param name a root and what kind, as in "Am", "F#m7", "Cmaj7", "G7", "Dsus4", "C/E"; `lilt doc notation` lists all
--- @param octave of the root; 3 when left out
--- @example play("pad", block({ chord "Am7", chord "Fmaj7" }, 4)):on(synth "pad")
function chords.chord(name, octave)
    return read_chord(name, octave)
end

--- progression(numerals, scale, octave)
--- Chords on the degrees of a scale, as a list of lists of pitches, for block. Each takes every other pitch of the
--- scale. The function chords gives a pattern of them.
--- @param numerals degrees in Roman numerals, with a 7 for a fourth pitch, as in "ii7 V7 I"; with b or # before one,
---   or a kind of chord behind it, as in "bVII IVm"; or chord symbols, as in "C Am7"
--- @param scale a tonic and a scale; the script's key when left out
--- @param octave of the tonic; 3 when left out
--- @example play("pad", block(progression("I V vi IV", "C major"), 4)):on(synth "pad")
function chords.progression(numerals, scale, octave)
    return read_progression(numerals, scale, octave)
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
