-- `state`: the table that outlives an evaluation. It and every table in it are empty in front of a hidden
-- table that holds what they hold, so that each write passes here: what would break a limit is refused on
-- its line. Whoever reads sees plain tables. Runs once for each VM, before the library tables are frozen.

-- `refuse(why, value)` raises what is wrong.
local refuse, MOST_VALUES, MOST_BYTES = ...

local next, pairs, ipairs, select, type, rawequal = next, pairs, ipairs, select, type, rawequal
local getmetatable, setmetatable = getmetatable, setmetatable
local insert, move, clear, clone, isfrozen = table.insert, table.move, table.clear, table.clone, table.isfrozen

-- The hidden table of each table of `state`; no entry keeps either alive.
local stores = setmetatable({}, { __mode = "kv" })

-- How many values `state` holds and how many bytes their texts take: at most so many, for nobody counts
-- what is taken out.
local values, bytes = 0, 0

-- How often something was written.
local changes = 0

-- What each table held before it was first written to in the evaluation under way; nil when none is.
local before, values_before, bytes_before

-- Every write says first what it is about to change.
local function touch(t, store)
    changes += 1
    if before and not before[t] then before[t] = clone(store) end
end

local state = {}

local function iterate(t)
    local store = stores[t]
    return function(_, key) return next(store, key) end, t
end

-- Counts anew what can be reached.
local function measure()
    local seen, waiting, at = { [state] = true }, { state }, 1
    local count, size = 0, 0
    while waiting[at] do
        for key, value in next, stores[waiting[at]] do
            count += 1
            if type(key) == "string" then size += #key end
            if type(value) == "string" then
                size += #value
            elseif type(value) == "table" and not seen[value] then
                seen[value] = true
                insert(waiting, value)
            end
        end
        at += 1
    end
    values, bytes = count, size
end

-- What `weigh` has found: how many values are in it, how many bytes their texts take, the tables that are
-- not yet of `state`, and whether some are.
local count, size, tables, known, seen = 0, 0, {}, false, {}

local function look(part)
    local kind = type(part)
    if kind == "string" then
        size += #part
    elseif kind == "table" then
        if stores[part] then
            known = true
        elseif not seen[part] then
            if isfrozen(part) then refuse("frozen") end
            if getmetatable(part) ~= nil then refuse("metatable") end
            seen[part] = true
            insert(tables, part)
        end
    elseif kind ~= "number" and kind ~= "boolean" and kind ~= "vector" then
        refuse("value", part)
    end
end

-- Finds out what a value would add. Nothing is changed.
local function weigh(value)
    count, size, tables, known, seen = 0, 0, {}, false, {}
    look(value)
    local at = 1
    while tables[at] do
        for key, inner in next, tables[at] do
            count += 1
            if count > MOST_VALUES then refuse("values") end
            if type(key) == "table" then refuse("key", key) end
            look(key)
            look(inner)
        end
        at += 1
    end
end

local write

local function length(t) return #stores[t] end

local function adopt(t)
    local store = clone(t)
    stores[t] = store
    clear(t)
    setmetatable(t, {
        __index = store,
        __newindex = write,
        __len = length,
        __iter = iterate,
        __metatable = "state",
    })
end

function write(t, key, value)
    local store = stores[t]
    local old = store[key]
    if value == nil or rawequal(old, value) then
        if not rawequal(old, value) then touch(t, store) end
        store[key] = value
        return
    end
    local kind = type(key)
    if kind == "table" then refuse("key", key) end
    weigh(value)
    if old == nil then
        -- Nothing, or no number, is no key of any table.
        if key == nil or key ~= key then store[key] = value end
        count += 1
        look(key)
    end
    touch(t, store)
    local fits = not known and values + count <= MOST_VALUES and bytes + size <= MOST_BYTES
    -- Counted before it is there: whoever is stopped in between has counted too much and not too little.
    values += count
    bytes += size
    if not fits then values = MOST_VALUES + 1 end
    for _, own in tables do adopt(own) end
    store[key] = value
    if fits then return end
    -- Perhaps something was taken out, or comes back.
    measure()
    if values > MOST_VALUES or bytes > MOST_BYTES then
        store[key] = old
        refuse(if values > MOST_VALUES then "values" else "bytes")
    end
end

adopt(state)

local function forget()
    touch(state, stores[state])
    clear(stores[state])
    values, bytes = 0, 0
end

-- The functions that look past what stands in front see what is behind.

local function behind(original)
    return function(t, ...) return original(stores[t] or t, ...) end
end

local function in_front(original)
    return function(t)
        if stores[t] then return iterate(t) end
        return original(t)
    end
end

local function counted(t)
    local at = 0
    return function()
        at += 1
        local value = stores[t][at]
        if value ~= nil then return at, value end
        return nil
    end
end

local base = {
    next = behind(next),
    pairs = in_front(pairs),
    ipairs = function(t)
        if stores[t] then return counted(t) end
        return ipairs(t)
    end,
    rawget = behind(rawget),
    rawlen = behind(rawlen),
    unpack = behind(unpack),
    state = state,
    forget = forget,
}

for _, name in { "concat", "find", "foreach", "foreachi", "getn", "maxn", "unpack", "clone" } do
    table[name] = behind(table[name])
end

for _, name in { "remove", "sort", "clear" } do
    local original = table[name]
    table[name] = function(t, ...)
        local store = stores[t]
        if not store then return original(t, ...) end
        touch(t, store)
        return original(store, ...)
    end
end

table.insert = function(t, ...)
    local store = stores[t]
    if not store then return insert(t, ...) end
    local given, at, value = select("#", ...), ...
    local last = #store + 1
    if given == 1 then
        write(t, last, at)
    elseif given == 2 and type(at) == "number" and at >= 1 and at < last and value ~= nil then
        -- Whatever is wrong with it shows at the end of the list.
        write(t, last, value)
        store[last] = nil
        insert(store, at, value)
    elseif given == 2 and type(at) == "number" then
        write(t, at, value)
    else
        insert(store, ...)
    end
end

local move_plain = table.move
table.move = function(from, first, last, at, into)
    local target = if into == nil then from else into
    if not stores[target] then return move_plain(stores[from] or from, first, last, at, into) end
    local moved = move_plain(stores[from] or from, first, last, 1, {})
    for i = 1, last - first + 1 do write(target, at + i - 1, moved[i]) end
    return target
end

local freeze = table.freeze
table.freeze = function(t)
    if stores[t] then refuse("freeze") end
    return freeze(t)
end

local rawset = rawset
base.rawset = function(t, key, value)
    if not stores[t] then return rawset(t, key, value) end
    write(t, key, value)
    return t
end

base.setmetatable = function(t, metatable)
    if stores[t] then refuse("metatable") end
    return setmetatable(t, metatable)
end

-- An evaluation begins: from here on `rollback` can undo what it does.
local function begin()
    before, values_before, bytes_before = {}, values, bytes
end

-- An evaluation is over and stands.
local function commit()
    before = nil
end

-- An evaluation is over and failed: everything is as it was, in the same tables.
local function rollback()
    for t, held in before or {} do
        local store = stores[t]
        clear(store)
        for key, value in next, held do store[key] = value end
    end
    before, values, bytes = nil, values_before, bytes_before
end

return {
    base = base,
    state = state,
    stores = stores,
    write = write,
    begin = begin,
    commit = commit,
    rollback = rollback,
    forget = forget,
    changes = function() return changes end,
}
