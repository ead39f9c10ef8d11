-- What rewards are made of: single notes and rules. These stand among the rewards,
-- as reward.step, reward.must and reward.never.

local rules = {}

-- What single notes are worth to a reward, if it knows, is kept for tilt, which asks before they are played.
local worth_of, by_steps = getmetatable(print).worth_of, getmetatable(print).by_steps

--- reward.step(worth)
--- A reward that is a sum over notes: each note by itself, or with the one before it. A tilted `folk` or
--- `markov` then leans toward every next note instead of waiting for whole bars, and fewer particles do.
--- It adds up with other rewards, and -math.huge forbids a note.
--- @param worth a function from a note (its pitch or sound, start, duration and velocity) to a number; its second
---   argument is the note before, by start and then from low to high, or nil at the beginning
--- @example
--- local smooth = reward.step(function(note, before)
---   return before and -math.abs(note.pitch - before.pitch) or 0
--- end)
--- play("smooth", model("folk"):tilt(0.5 * smooth):sample { bars = 2 })
function rules.step(worth)
    if type(worth) ~= "function" then
        error("`step` expects a function from a note, and the one before it, to a number, got a " .. typeof(worth), 2)
    end
    return by_steps(function(clip)
        local sum, before = 0, nil
        for _, note in clip:notes() do
            local points = worth(note, before)
            if type(points) ~= "number" then
                error("`step` expects a number for each note, got "
                    .. (points == nil and "nothing" or "a " .. typeof(points)), 0)
            end
            sum += points
            before = note
        end
        return sum
    end, worth)
end

--- reward.must(condition)
--- A rule: 0 where it holds, minus infinity where it does not, so that such music never comes.
--- Music that is still being made has to keep it too: ask for what a good beginning has as well.
--- @param condition a function from a clip to true or false
--- @example print(reward.must(function(clip) return clip:leaps() < 3 end)(clip { 60, 67, 65 }))
function rules.must(condition)
    if type(condition) ~= "function" then
        error("`must` expects a function from a clip to true or false, got a " .. typeof(condition), 2)
    end
    return function(clip)
        return condition(clip) and 0 or -math.huge
    end
end

--- reward.never(reward)
--- A rule out of a reward that counts down: 0 while it has nothing to count, minus infinity below 0.
--- @param reward a reward, as reward.in_key gives it
--- @example print(reward.never(reward.in_key "C major")(clip { 60, 61 }))
function rules.never(reward)
    if type(reward) ~= "function" then
        error("`never` expects a reward, got a " .. typeof(reward), 2)
    end
    local worth = worth_of(reward)
    -- Not quite forbidden: other notes may make up for this one.
    return by_steps(function(clip)
        return reward(clip) < 0 and -math.huge or 0
    end, worth and function(note, before) return worth(note, before) < 0 and -10 or 0 end, worth)
end

return rules
