-- Rhythm: where notes fall, how hard, and how far from where they should.

local chance = require "chance"
local options = require "options"
local transformations = require "transformations"

local rhythm = {}

--- euclid(hits, steps, word, rotation)
--- Hits spread over steps as evenly as can be (Toussaint 2005), as a text in mini-notation.
--- @param hits how many, from 0 to steps
--- @param steps among how many, from 1 to 256
--- @param word what each hit says; "bd" when left out
--- @param rotation how many steps later; 0 when left out
--- @example play("kick", drums(euclid(3, 8, "bd")))
function rhythm.euclid(hits, steps, word, rotation)
    if type(hits) ~= "number" or type(steps) ~= "number" or steps < 1 or steps > 256 or hits < 0 or hits > steps then
        error("`euclid` expects hits from 0 to steps, and steps from 1 to 256", 2)
    end
    local words = {}
    for step = 0, steps - 1 do
        local from = (step - (rotation or 0)) % steps
        words[step + 1] = from * hits % steps < hits and (word or "bd") or "~"
    end
    return table.concat(words, " ")
end

--- swing(music, amount, grid)
--- Delays every second place of a grid.
--- @param music what swings; of other music than clips the grid is counted in bars of four beats; a clip stays one
--- @param amount how far, as a part of the grid: 0 is straight, 1/3 is a triplet feel (the default)
--- @param grid the places, in beats; 1/2 when left out
--- @example play("hats", swing(clip { { sound = "hh", duration = 1/2 }, { sound = "hh", duration = 1/2 } }))
function rhythm.swing(given, amount, grid)
    local music = options.music(given)
    if music then return music:swingBy(amount or 1 / 3, 2 / (grid or 1 / 2)) end
    options.clip("swing", given)
    amount, grid = amount or 1 / 3, grid or 1 / 2
    return transformations.each(given, function(note)
        local place = math.floor(note.start / grid + 1e-6)
        if place % 2 == 1 then
            note.start += amount * grid
        end
        return note
    end)
end

--- humanize(clip, options)
--- Moves notes a little in time and in force, as hands do.
--- @param time how far at most, in beats; 1/64 when left out
--- @param velocity how much at most; 0.1 when left out
--- @param seed another number, another hand; 0 when left out
--- @example play("alive", humanize(clip { 60, 62, 64, 65 }, { velocity = 0.2, seed = 3 }))
function rhythm.humanize(given, written)
    local o = options.read("humanize", written, { time = 1 / 64, velocity = 0.1, seed = 0 })
    local music = options.music(given)
    if music then return music:humanize(o.time, o.velocity, o.seed) end
    options.clip("humanize", given)
    local n = 0
    return transformations.each(given, function(note)
        n += 2
        note.start = math.max(0, note.start + o.time * (2 * chance.noise(o.seed, n) - 1))
        note.velocity = math.clamp(note.velocity + o.velocity * (2 * chance.noise(o.seed, n + 1) - 1), 0, 1)
        return note
    end)
end

--- accent(music, forces)
--- Plays the notes with these velocities in turn.
--- @param music what is accented: a clip note by note, other music in equal parts of each bar
--- @param forces a list of numbers from 0 to 1
--- @example play("waltz", accent(clip { 60, 64, 67 }, { 0.9, 0.5, 0.5 }))
function rhythm.accent(given, forces)
    local music = options.music(given)
    if music then return music:velocity(table.concat(forces, " ")) end
    options.clip("accent", given)
    local n = 0
    return transformations.each(given, function(note)
        note.velocity = forces[n % #forces + 1]
        n += 1
        return note
    end)
end

return rhythm
