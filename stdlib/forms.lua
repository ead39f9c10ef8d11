-- Forms: long music made of short clips.

local options = require "options"

local forms = {}

--- form { clip, … }
--- The clips one after the other. Or, without a clip, the form of the whole piece: which parts it has, in
--- their order, and how many bars each lasts. Slots play in some of them with slot:only and slot:except, and
--- parts { … } plays other music in each. A part may come again. Bar 0 of the form lies where it is first
--- heard; editing it does not begin it anew.
--- @param clips a list of clips, as in { a, a, b, a }; or parts: "intro@4 verse@8", where a part lasts 4 bars
---   when it does not say, or a list such as { { "intro", 4 }, { "verse", 8, fade = 1 } }, or
---   { intro = 4, verse = 8 }, in the order of the text
--- @param fade over how many bars slots, and the music of parts, fade in and out where a part begins; 0 when left
---   out, and each part of a list may say it for itself
--- @param ending what comes after the last part: "repeat", all again, when left out; "hold", the last goes on;
---   or "stop": every slot ends
--- @example local a, b = clip { 60, 62 }, clip { 67, 65 } play("song", form { a, a, b, a })
--- form("intro@2 verse@4 chorus@4 verse@4", { fade = 1, ending = "stop" })
--- play("bass", "c2*4"):except "intro"
--- play("lead", parts { verse = "c4 e4", chorus = "g4*4" })
function forms.form(clips)
    if type(clips) ~= "table" or #clips == 0 then
        error("`form` expects a list of clips, as in form { a, a, b, a }", 2)
    end
    local result = options.clip("form", clips[1])
    for i = 2, #clips do
        result = result .. options.clip("form", clips[i])
    end
    return result
end

--- times(clip, number)
--- The clip so many times.
--- @param clip what is repeated
--- @param number how often, from 1 to 256
--- @example play("four", times(clip { 60, 62 }, 4))
function forms.times(given, number)
    options.clip("times", given)
    if type(number) ~= "number" or number < 1 or number > 256 or number % 1 ~= 0 then
        error("`times` expects a whole number from 1 to 256, got " .. tostring(number), 2)
    end
    local result = given
    for _ = 2, number do result = result .. given end
    return result
end

--- rest(beats)
--- Silence.
--- @param beats how long
--- @example play("late", rest(4) .. clip { 60, 62, 64, 65 })
function forms.rest(beats)
    if type(beats) ~= "number" or beats <= 0 then
        error("`rest` expects a number of beats above 0, got " .. tostring(beats), 2)
    end
    return clip { length = beats }
end

--- canon(music, options)
--- The music against itself, each voice later than the one before. A clip stays one.
--- @param music a clip, a pattern or a text of notes
--- @param voices how many; 2 when left out
--- @param beats how much later each voice enters; 4 when left out
--- @param transpose how much higher each voice is, in semitones; 0 when left out
--- @example play("round", canon(clip { 60, 62, 64, 60 }, { voices = 3, beats = 2, transpose = 12 }))
function forms.canon(given, written)
    local music = options.music(given)
    if not music then options.clip("canon", given) end
    local o = options.read("canon", written, { voices = 2, beats = 4, transpose = 0 })
    if o.voices < 1 or o.voices > 16 then
        error("`voices` is " .. o.voices .. ": write a number from 1 to 16", 2)
    end
    if music then return music:canon(o.voices, o.beats, o.transpose) end
    local result = given
    for voice = 1, o.voices - 1 do
        result = result:stack(forms.rest(voice * o.beats) .. given:transpose(voice * o.transpose))
    end
    return result
end

return forms
