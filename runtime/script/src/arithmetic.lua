-- Arithmetic of rewards: functions of a clip add up, and numbers scale them, so that
-- reward.calm + 2 * reward.variety is a reward. Runs once for each VM; what it returns
-- becomes the metatable of all functions.

-- `worth_of(reward)` is what reward.step was given, where the reward came of that;
-- `note_worth(reward, worth)` notes it, so that a model can ask before it plays.
-- `looks_back(worth)` tells whether what notes are worth may depend on the notes before.
local worth_of, note_worth, looks_back = ...

-- Notes what single notes are worth to a reward. Where that was made of two others and neither looks back,
-- it does not either, and shows it.
local function by_steps(reward, worth, one, other)
    if worth and (one or other) and not (looks_back(one) or looks_back(other)) then
        return note_worth(reward, function(note) return worth(note) end)
    end
    return note_worth(reward, worth)
end

local function at(value, clip)
    if type(value) == "function" then return value(clip) end
    return value
end

-- A number counts once for the whole and not for each note.
local function each(worth, note, before)
    return worth and worth(note, before) or 0
end

-- What single notes are worth in a sum or difference; nil where neither side knows.
local function of_both(combine, one, other)
    return (one or other) and function(note, before)
        return combine(each(one, note, before), each(other, note, before))
    end
end

-- What single notes are worth when a number scales a reward; nil for a product of two rewards.
local function scaled(combine, one, other, a, b)
    if one and type(b) == "number" then
        return function(note, before) return combine(one(note, before), b) end
    elseif other and type(a) == "number" then
        return function(note, before) return combine(a, other(note, before)) end
    end
end

local function lifted(sign, combine, combine_worth)
    return function(a, b)
        for _, value in { a, b } do
            local kind = type(value)
            if kind ~= "function" and kind ~= "number" then
                error("a reward " .. sign .. " a " .. kind
                    .. ": write a number or another reward (a function of a clip)", 2)
            end
        end
        if a == nil or b == nil then
            error("a reward " .. sign .. " nothing: write a number or another reward (a function of a clip)", 2)
        end
        local function whole(clip) return combine(at(a, clip), at(b, clip)) end
        local one, other = worth_of(a), worth_of(b)
        return by_steps(whole, combine_worth(combine, one, other, a, b), one, other)
    end
end

return {
    __add = lifted("+", function(a, b) return a + b end, of_both),
    __sub = lifted("-", function(a, b) return a - b end, of_both),
    __mul = lifted("*", function(a, b) return a * b end, scaled),
    __div = lifted("/", function(a, b) return a / b end, function(combine, one, _, a, b)
        return scaled(combine, one, nil, a, b)
    end),
    __unm = function(a)
        local worth = worth_of(a)
        local function whole(clip) return -a(clip) end
        return by_steps(whole, worth and function(note, before) return -worth(note, before) end, worth)
    end,
    worth_of = worth_of,
    by_steps = by_steps,
}
