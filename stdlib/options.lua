-- Options of the standard library's functions: a default for each, and an error
-- for a name that is not one of them.

local options = {}

--- options.read(what, given, defaults, others)
--- The options that were given, with the defaults for the others.
--- @param what the function's name, for the message
--- @param given the table that the caller wrote, or nil
--- @param defaults a table with every option the function takes, but for the others
--- @param others names of options without a default, which may be anything; none when left out
--- @example local o = options.read("circle", { radius = 0.2 }, { radius = 0.3, x = 0.5 }) print(o.x)
function options.read(what, given, defaults, others)
    local result = table.clone(defaults)
    if given == nil then return result end
    if type(given) ~= "table" then
        error("`" .. what .. "` expects a table of options, got a " .. typeof(given), 3)
    end
    for name, value in given do
        if others and table.find(others, name) then
            result[name] = value
            continue
        end
        if defaults[name] == nil then
            local known = if others then table.clone(others) else {}
            for option in defaults do table.insert(known, option) end
            table.sort(known)
            error("`" .. what .. "` has no option `" .. tostring(name) .. "`: its options are "
                .. table.concat(known, ", "), 3)
        end
        if type(value) ~= type(defaults[name]) then
            error("`" .. name .. "` expects a " .. type(defaults[name]) .. ", got a " .. typeof(value), 3)
        end
        result[name] = value
    end
    return result
end

--- options.clip(what, value)
--- The clip that was given, or an error that says that one was expected.
--- @param what the function's name, for the message
--- @param value what the caller wrote
--- @example print(options.clip("invert", clip { 60 }))
function options.clip(what, value)
    if typeof(value) ~= "clip" then
        error("`" .. what .. "` expects a clip, got " .. (value == nil and "nothing" or "a " .. typeof(value)), 3)
    end
    return value
end

--- options.music(value)
--- Other music than a clip, as a pattern: a pattern, or a text of notes. Of all else nil.
--- @param value what the caller wrote
--- @example print(options.music(clip { 60 }))
function options.music(value)
    if type(value) == "string" then return notes(value) end
    return if typeof(value) == "pattern" then value else nil
end

return options
