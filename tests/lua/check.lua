-- What the tests of the standard library say: each check raises an error that
-- shows both sides.

local check = {}

-- A value as text, tables with their keys in order.
local function shown(value)
    if type(value) ~= "table" then return tostring(value) end
    local keys, words = {}, {}
    for name in value do table.insert(keys, name) end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    for _, name in keys do table.insert(words, tostring(name) .. " = " .. shown(value[name])) end
    return "{ " .. table.concat(words, ", ") .. " }"
end

local function same(a, b)
    if type(a) == "number" and type(b) == "number" then return math.abs(a - b) < 1e-6 end
    if type(a) ~= "table" or type(b) ~= "table" then return a == b end
    for name, value in a do
        if not same(value, b[name]) then return false end
    end
    for name in b do
        if a[name] == nil then return false end
    end
    return true
end

-- Both are the same, tables by what they hold, numbers to a millionth.
function check.equal(got, wanted)
    if not same(got, wanted) then
        error("got " .. shown(got) .. ", wanted " .. shown(wanted), 2)
    end
end

-- The condition holds.
function check.holds(condition, what)
    if not condition then error(what or "it does not hold", 2) end
end

-- The function raises an error whose text holds `words`.
function check.fails(call, words)
    local ran, message = pcall(call)
    if ran then error("it did not fail", 2) end
    if not string.find(tostring(message), words, 1, true) then
        error("it failed with: " .. tostring(message), 2)
    end
end

-- The pitches of a clip, in order.
function check.pitches(clip)
    local pitches = {}
    for i, note in clip:notes() do pitches[i] = note.pitch end
    return pitches
end

-- The starts of a clip's notes, in order.
function check.starts(clip)
    local starts = {}
    for i, note in clip:notes() do starts[i] = note.start end
    return starts
end

return check
