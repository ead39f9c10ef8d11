-- Notes as scripts read them, made of numbers that Rust has written into a buffer: the border is
-- crossed once for many notes. Runs once for each VM.

-- Names of drums by key, and how many bytes a note takes.
local drums, NOTE = ...

-- The note at a place of the buffer: its pitch (or minus the key of its drum), start, duration and
-- velocity. Nothing lasts 0 beats.
local function read(numbers, at)
    local tone, duration = buffer.readf64(numbers, at), buffer.readf64(numbers, at + 16)
    if duration == 0 then return nil end
    local start, velocity = buffer.readf64(numbers, at + 8), buffer.readf64(numbers, at + 24)
    if tone < 0 then
        return { sound = drums[-tone], start = start, duration = duration, velocity = velocity }
    end
    return { pitch = tone, start = start, duration = duration, velocity = velocity }
end

local function notes(numbers, count)
    local list = table.create(count)
    for i = 1, count do list[i] = read(numbers, (i - 1) * NOTE) end
    return list
end

-- What `worth` gives for pairs of a note and the one before it, written over them. Returns how many are
-- right, and the answer after them, which is no number.
local function worths(worth, numbers, count)
    for i = 1, count do
        local at = (i - 1) * 2 * NOTE
        local points = worth(read(numbers, at), read(numbers, at + NOTE))
        if type(points) ~= "number" then return i - 1, points end
        buffer.writef64(numbers, at, points)
    end
    return count
end

return notes, worths
