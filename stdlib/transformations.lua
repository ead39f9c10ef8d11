-- Transformations: a clip in, another clip out. They read the notes, so one that
-- a model is still making is waited for; transpose, reverse, stretch, slice,
-- concat and stack are methods of the clip itself and do not wait.

local chance = require "chance"
local options = require "options"

local transformations = {}

--- each(music, change)
--- The music with every note changed by a function. What gives nil is left out. With a number of bars in
--- place of the music: music whose first so many bars are what the function gives for 1, the next what it
--- gives for 2, and so on. It is asked a stretch and four bars ahead of what you hear, and may ask a model.
--- @param music what is changed, as music:each does; a clip stays one; or a number of bars, 1 to 256
--- @param change a function that takes a note (a table) and gives one; or one that takes the number of the
---   stretch and gives music
--- @example play("soft", each(clip { 60, 64 }, function(note) note.velocity = 0.3 return note end))
--- play("tale", each(2, function(n) return if n % 4 == 0 then "c5 g4" else "c4 e4 g4 e4" end))
function transformations.each(given, change)
    local music = options.music(given)
    if music then return music:each(change) end
    options.clip("each", given)
    local result = { length = given:length() }
    for _, note in given:notes() do
        local changed = change(note)
        if changed ~= nil then table.insert(result, changed) end
    end
    return clip(result)
end

local each = transformations.each

--- invert(music, axis)
--- Turns the melody upside down around a pitch.
--- @param music what is turned; drums stay; a clip stays one
--- @param axis the pitch that stays where it is; the first pitch of a clip, or c4, when left out
--- @example play("mirror", invert(clip { 60, 64, 67 }))
function transformations.invert(given, axis)
    local music = options.music(given)
    if music then return music:invert(axis) end
    options.clip("invert", given)
    return each(given, function(note)
        if note.pitch then
            axis = axis or note.pitch
            note.pitch = math.clamp(2 * axis - note.pitch, 0, 127)
        end
        return note
    end)
end

--- retrograde(music)
--- The pitches from the last to the first, in the rhythm of the clip.
--- @param music what is turned: of other music than clips each bar, with its rhythm; a clip stays one
--- @example play("back", retrograde(clip { { pitch = 60, duration = 2 }, 62, 64 }))
function transformations.retrograde(given)
    local music = options.music(given)
    if music then return music:rev() end
    options.clip("retrograde", given)
    local notes = given:notes()
    local from = #notes
    return each(given, function(note)
        local other = notes[from]
        from -= 1
        return {
            pitch = other.pitch, sound = other.sound,
            start = note.start, duration = note.duration, velocity = note.velocity,
        }
    end)
end

--- octave(music, number)
--- So many octaves higher, or lower when negative.
--- @param music what is moved; a clip stays one
--- @param number how many; 1 when left out
--- @example play("low", octave(clip { 60, 64 }, -2))
function transformations.octave(given, number)
    local music = options.music(given)
    if music then return music:octave(number or 1) end
    return options.clip("octave", given):transpose(12 * (number or 1))
end

--- arpeggio(pitches, options)
--- The pitches of a chord one after the other.
--- @param pitches a list, as chord gives it
--- @param order "up", "down" or "updown"; "up" when left out
--- @param step how long each lasts, in beats; 1/4 when left out
--- @param beats how long the clip is; 4 when left out
--- @example play("arp", arpeggio(chord("Am7", 4), { order = "updown" }))
function transformations.arpeggio(pitches, written)
    local o = options.read("arpeggio", written, { order = "up", step = 1 / 4, beats = 4 })
    if type(pitches) ~= "table" or #pitches == 0 then
        error("`arpeggio` expects a list of pitches, as chord gives it", 2)
    end
    if o.step < 1 / 64 then
        error("`step` is " .. o.step .. ": write a number from 1/64", 2)
    end
    local round = table.clone(pitches)
    if o.order == "updown" then
        for i = #pitches - 1, 2, -1 do table.insert(round, pitches[i]) end
    elseif o.order == "down" then
        round = {}
        for i = #pitches, 1, -1 do table.insert(round, pitches[i]) end
    elseif o.order ~= "up" then
        error("`order` is \"" .. o.order .. "\": write \"up\", \"down\" or \"updown\"", 2)
    end
    local notes = { length = o.beats }
    for i = 0, math.ceil(o.beats / o.step - 1e-9) - 1 do
        notes[i + 1] = { pitch = round[i % #round + 1], start = i * o.step, duration = o.step }
    end
    return clip(notes)
end

--- strum(music, amount)
--- Notes that start together start one after the other, from the lowest up.
--- @param music what is strummed; a clip stays one
--- @param amount how much later each starts than the one below, in beats; 1/32 when left out
--- @example play("guitar", strum(block({ chord "Am", chord "F" }, 4)))
function transformations.strum(given, amount)
    local music = options.music(given)
    if music then return music:strum(amount or 1 / 32) end
    options.clip("strum", given)
    local last, above = nil, 0
    return each(given, function(note)
        above = note.start == last and above + 1 or 0
        last = note.start
        local late = math.min(above * (amount or 1 / 32), note.duration / 2)
        note.start += late
        note.duration -= late
        return note
    end)
end

--- quantize(music, grid)
--- Moves each start to the nearest place of a grid.
--- @param music what is moved; a clip stays one
--- @param grid the places, in beats; 1/4 when left out
--- @example play("tight", quantize(clip { { pitch = 60, start = 0.1 } }))
function transformations.quantize(given, grid)
    local music = options.music(given)
    if music then return music:quantize(grid or 1 / 4) end
    grid = grid or 1 / 4
    return each(options.clip("quantize", given), function(note)
        note.start = math.round(note.start / grid) * grid
        return note
    end)
end

--- thin(music, part, seed)
--- Leaves notes out by chance, always the same ones.
--- @param music what is thinned; a clip stays one
--- @param part how many stay, from 0 to 1; 1/2 when left out
--- @param seed another number, other notes; 0 when left out
--- @example play("sparse", thin(clip { 60, 62, 64, 65, 67 }, 0.6))
function transformations.thin(given, part, seed)
    local music = options.music(given)
    if music then return music:thin(part or 1 / 2, seed or 0) end
    local n = 0
    return each(options.clip("thin", given), function(note)
        n += 1
        return if chance.noise(seed or 0, n) < (part or 1 / 2) then note else nil
    end)
end

return transformations
