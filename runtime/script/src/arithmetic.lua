-- Arithmetic of rewards: functions of a clip add up, and numbers scale them, so that
-- reward.calm + 2 * reward.variety is a reward. Runs once for each VM; what it returns
-- becomes the metatable of all functions.

local function at(value, clip)
    if type(value) == "function" then return value(clip) end
    return value
end

local function lifted(sign, combine)
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
        return function(clip) return combine(at(a, clip), at(b, clip)) end
    end
end

return {
    __add = lifted("+", function(a, b) return a + b end),
    __sub = lifted("-", function(a, b) return a - b end),
    __mul = lifted("*", function(a, b) return a * b end),
    __div = lifted("/", function(a, b) return a / b end),
    __unm = function(a)
        return function(clip) return -a(clip) end
    end,
}
