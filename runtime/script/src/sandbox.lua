-- Bounds on the built-in functions whose C code no watchdog can interrupt:
-- each works in time proportional to the product or the sum checked here.
-- Runs once for each VM, before the library tables are frozen.

-- 30 million comparisons take some 50 ms.
local MOST_STEPS = 30000000
local MOST_SORTED = 100000
local MOST_MOVED = 1000000

for _, name in { "find", "match", "gmatch", "gsub", "split" } do
    local original = string[name]
    string[name] = function(text, pattern, ...)
        if type(text) == "string" and type(pattern) == "string" and #text * #pattern > MOST_STEPS then
            error("string." .. name .. ": a text of " .. #text .. " letters and a pattern of " .. #pattern
                .. " take too long: cut the text into pieces", 2)
        end
        return original(text, pattern, ...)
    end
end

local sort = table.sort
table.sort = function(list, ...)
    if type(list) == "table" and rawlen(list) > MOST_SORTED then
        error("table.sort: " .. rawlen(list) .. " values: " .. MOST_SORTED .. " at most", 2)
    end
    return sort(list, ...)
end

local move = table.move
table.move = function(list, first, last, ...)
    if type(first) == "number" and type(last) == "number" and last - first > MOST_MOVED then
        error("table.move: " .. (last - first + 1) .. " values: " .. MOST_MOVED .. " at most", 2)
    end
    return move(list, first, last, ...)
end
