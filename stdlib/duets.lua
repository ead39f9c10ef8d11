-- Duets: what answers or accompanies what is played on keys.

local options = require "options"

local duets = {}

-- Silence behind a clip that is played once: longer than any bar.
local AFTER = 64

--- once(music)
--- The music, and then silence: it is played one time from where its slot begins, as with slot:restart. Of other music
--- than a clip, its first bar.
--- @param music a clip, or notes
--- @example play("fanfare", once(clip { 60, 64, 67, 72 })):restart()
function duets.once(given)
    local music = options.music(given)
    if music then
        return function(beat)
            return if beat <= 0 then music else nil
        end
    end
    options.clip("once", given)
    -- Its last bar goes on with silence, and not with its beginning.
    local whole = given:concat(clip { length = AFTER })
    return function(beat)
        return if beat < given:length() then whole else nil
    end
end

-- The device that is listened to, and its keys on a slot of their own.
local function listened(what, o)
    local input = if o.listen == nil then keys_in() else o.listen
    if typeof(input) ~= "input" then
        local device = if type(input) == "string" then input else "Keys"
        error("`listen` expects a device: write listen = midi_in \"" .. device .. "\", or keys_in()", 3)
    end
    if o.keys ~= false then play(o.name .. " to", input):on(o.keys or "keys") end
    return input
end

--- duet(model, options)
--- Call and answer: what is played on keys is heard on a slot of its own, and when a phrase is over the model goes on
--- with it, once, from the next beat. What it gives is the slot of the answers: duet(model "folk"):on "pluck".
--- @param model one that goes on with notes, as in model "folk", model "melody", model "performance" or markov { … }
--- @param listen the device, as midi_in gives it; the computer's keys when left out
--- @param keys the instrument of what is played, or false where that is heard elsewhere; "keys" when left out
--- @param name of the slot of the answers; "answer" when left out
--- @param ends what ends a phrase, as phrase takes it: "rest", "bar" or "pedal"; "rest" when left out
--- @param rest how many beats without a note end a phrase; 1 when left out
--- @param bars how many bars an answer lasts; 2 when left out
--- @param on where an answer begins, as quantum takes it: "beat" when left out
--- @param temperature how wild answers are; 1 when left out
--- @example duet(markov(clip { 60, 62, 64, 67, 64 }), { listen = keys_in(), bars = 2 }):on "pluck"
function duets.duet(model, given)
    if typeof(model) ~= "model" then
        local written = if type(model) == "string" then model else "folk"
        error("`duet` expects a model that answers: write duet(model \"" .. written .. "\")", 2)
    end
    local defaults = { name = "answer", ends = "rest", bars = 2, on = "beat", temperature = 1 }
    local o = options.read("duet", given, defaults, { "keys", "listen", "rest" })
    if o.bars < 1 or o.bars > 64 or o.bars % 1 ~= 0 then
        error("`bars` is " .. o.bars .. ": write a whole number from 1 to 64", 2)
    end
    local input = listened("duet", o)
    local said = phrase { from = input, ends = o.ends, rest = o.rest }
    local music = function() end
    if #said:notes() > 0 then
        music = duets.once(model:continue(said, { bars = o.bars, temperature = o.temperature }))
    end
    return play(o.name, music):restart():quantum(o.on)
end

--- accompany(options)
--- Chords and a bass under what is being played on keys, in the script's key or one that they find, a step ahead: each
--- chord is foreseen from the notes, settled a beat before it sounds, and the next one is mended where it was wrong.
--- What it gives is the slot of the chords: accompany():on "pad".
--- @param listen the device, as midi_in gives it; the computer's keys when left out
--- @param keys the instrument of what is played, or false where that is heard elsewhere; "keys" when left out
--- @param name of the slot of the chords; "chords" when left out
--- @param bass the instrument of the bass, or false for none; "bass" when left out
--- @param changes how many chords a bar has, 1 or 2; 2 when left out
--- @param lead how many beats before it sounds a chord is settled, 1 to 4; 1 when left out
--- @example accompany({ listen = keys_in(), changes = 1 }):on "pad"
function duets.accompany(given)
    local defaults = { name = "chords", changes = 2, lead = 1 }
    local o = options.read("accompany", given, defaults, { "bass", "keys", "listen" })
    local input = listened("accompany", o)
    local asked = { from = input, changes = o.changes, lead = o.lead }
    if o.bass ~= false then
        local low = table.clone(asked)
        low.part = "bass"
        play(o.name .. " bass", accompaniment(low)):on(o.bass or "bass"):gain(0.8)
    end
    return play(o.name, accompaniment(asked)):gain(0.7)
end

return duets
