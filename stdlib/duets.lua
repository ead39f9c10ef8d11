-- Duets: what answers or accompanies what is played on keys.

local options = require "options"

local duets = {}

--- once(clip)
--- The clip, and then silence: music that is played one time from where its slot begins, as with slot:restart.
--- @param clip what is played
--- @example play("fanfare", once(clip { 60, 64, 67, 72 })):restart()
function duets.once(given)
    options.clip("once", given)
    return function(beat)
        return if beat < given:length() then given else nil
    end
end

--- duet(model, options)
--- Call and answer: what is played on keys is heard on a slot of its own, and when a phrase is over the model goes on
--- with it, once, from the next beat. What it gives is the slot of the answers: duet(folk):on "pluck".
--- @param model one that continues: folk, drums, performance, melody, markov { … } or any other
--- @param listen the device, as midi_in gives it; the computer's keys when left out
--- @param keys the instrument of what is played; "keys" when left out
--- @param name of the slot of the answers; "answer" when left out
--- @param rest how many beats without a note end a phrase; 1 when left out
--- @param bars how many bars an answer lasts; 2 when left out
--- @param on where an answer begins, as quantum takes it: "beat" when left out
--- @param temperature how wild answers are; 1 when left out
--- @example duet(markov(clip { 60, 62, 64, 67, 64 }), { listen = keys_in(), bars = 2 }):on "pluck"
function duets.duet(model, given)
    local defaults = { keys = "keys", name = "answer", rest = 1, bars = 2, on = "beat", temperature = 1 }
    local o = options.read("duet", given, defaults, { "listen" })
    local input = o.listen or keys_in()
    play(o.name .. " to", input):on(o.keys)
    local said = phrase { from = input, rest = o.rest }
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
--- @param keys the instrument of what is played; "keys" when left out
--- @param name of the slot of the chords; "chords" when left out
--- @param bass the instrument of the bass, or false for none; "bass" when left out
--- @param changes how many chords a bar has, 1 or 2; 2 when left out
--- @param lead how many beats before it sounds a chord is settled, 1 to 4; 1 when left out
--- @example accompany({ listen = keys_in(), changes = 1 }):on "pad"
function duets.accompany(given)
    local defaults = { keys = "keys", name = "chords", changes = 2, lead = 1 }
    local o = options.read("accompany", given, defaults, { "bass", "listen" })
    local input = o.listen or keys_in()
    local asked = { from = input, changes = o.changes, lead = o.lead }
    play(o.name .. " to", input):on(o.keys)
    if o.bass ~= false then
        local low = table.clone(asked)
        low.part = "bass"
        play(o.name .. " bass", accompaniment(low)):on(o.bass or "bass"):gain(0.8)
    end
    return play(o.name, accompaniment(asked)):gain(0.7)
end

return duets
