-- Duets: a model that answers what is played on keys.

local options = require "options"

local duets = {}

-- The length of a bar of the script's metre, in beats.
local function bar()
    local count, unit = string.match(meter(), "(%d+)/(%d+)")
    return 4 * tonumber(count) / tonumber(unit)
end

--- once(clip, bars)
--- The clip, and then silence: music that is played one time from where its slot begins, as with slot:restart.
--- @param clip what is played
--- @param bars after how many bars it is over; as many as it lasts when left out
--- @example play("fanfare", once(clip { 60, 64, 67, 72 })):restart()
function duets.once(given, bars)
    options.clip("once", given)
    local beats = if bars then bars * bar() else nil
    return function(beat)
        if beat < (beats or given:length()) then return given end
        return nil
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
    local listen = if type(given) == "table" then given.listen else nil
    local told = if type(given) == "table" then table.clone(given) else given
    if type(told) == "table" then told.listen = nil end
    local o = options.read("duet", told, {
        keys = "keys", name = "answer", rest = 1, bars = 2, on = "beat", temperature = 1,
    })
    local input = listen or keys_in()
    play(o.name .. " to", input):on(o.keys)
    local said = phrase { from = input, rest = o.rest }
    local answer = nil
    if #said:notes() > 0 then
        answer = model:continue(said, { bars = o.bars, temperature = o.temperature })
    end
    local length = o.bars * bar()
    return play(o.name, function(beat)
        if answer and beat < length then return answer end
        return nil
    end):restart():quantum(o.on)
end

return duets
