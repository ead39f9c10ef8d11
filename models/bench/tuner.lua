-- The table of RL Tuner (Jaques et al. 2017, table 1) for models of ours: what each does
-- by itself and under the paper's rewards, beside the paper's figures before and after
-- (its Note RNN, and its model Q). To see it:
--
--     lilt run models/bench/tuner.lua
--
-- To put another model into the table, add it to `models`: its name, then the model.

local KEY, BARS, SAMPLES = "D major", 8, 200
meter "4/4"
key(KEY)

local folk = model("folk", { key = KEY, meter = "4/4" })
local tuner = reward.rl_tuner(KEY)
-- For what has to be learnt: a line's one highest note is the hardest of it, and bars that return are in its way.
local harder = reward.rl_tuner(KEY, { extremes = 10, returns = 1 })

local models = {
    { "folk", folk },
    { "folk, tilted", folk:tilt(tuner, { strength = 1, particles = 128, every = 2 }) },
    { "folk, baked", folk:bake(harder, { strength = 1, particles = 128, every = 2, bars = BARS, pieces = 128, rounds = 160 }) },
}

-- The paper's figures; motifs are counted there at every step of an eighth, here bar by bar.
local PAPER = {
    { "notes excessively repeated", "63.3%", "0.0%" },
    { "mean autocorrelation, lag 1", "-.16", "-.11" },
    { "mean autocorrelation, lag 2", ".14", ".03" },
    { "mean autocorrelation, lag 3", "-.13", ".03" },
    { "notes not in key", "0.1%", "1.00%" },
    { "melodies that start with the tonic", "0.9%", "28.8%" },
    { "leaps resolved", "77.2%", "91.1%" },
    { "melodies with a unique highest note", "64.7%", "56.4%" },
    { "melodies with a unique lowest note", "49.4%", "51.9%" },
    { "notes in a motif", "5.9%", "75.7%" },
    { "notes in a repeated motif", "0.007%", "0.11%" },
}

-- What is counted of a model's melodies.
local function count(model)
    local sums = { clips = 0, notes = 0, repeated = 0, outside = 0, tonic = 0, resolved = 0, doubled = 0,
        high = 0, low = 0, motif = 0, returning = 0, reward = 0, correlated = { 0, 0, 0 }, heard = 0 }
    local tonic, repeats, in_key = scale(KEY)[1] % 12, reward.repeats(4), reward.in_key(KEY)

    -- Pitches at each quarter of a beat, as reward.autocorrelation hears them; lags in beats.
    local function correlate(notes)
        local line, mean, spread = {}, 0, 0
        for i, note in notes do
            local till = notes[i + 1] and notes[i + 1].start or note.start + note.duration
            for _ = 1, math.round(4 * till) - math.round(4 * note.start) do table.insert(line, note.pitch) end
        end
        for _, pitch in line do mean += pitch / #line end
        for _, pitch in line do spread += (pitch - mean) ^ 2 end
        if spread == 0 then return end
        sums.heard += 1
        for lag = 1, 3 do
            local product = 0
            for i = 4 * lag + 1, #line do product += (line[i] - mean) * (line[i - 4 * lag] - mean) end
            sums.correlated[lag] += product / spread
        end
    end

    local function leaps(clip)
        local leap = 0
        for _, step in clip:intervals() do
            if step ~= 0 then
                if leap * step < 0 then sums.resolved += 1 elseif leap * step > 0 then sums.doubled += 1 end
                leap = math.abs(step) >= 7 and step or 0
            end
        end
    end

    local function extremes(notes)
        local times, low, high = {}, math.huge, -math.huge
        for _, note in notes do
            times[note.pitch] = (times[note.pitch] or 0) + 1
            low, high = math.min(low, note.pitch), math.max(high, note.pitch)
        end
        if times[high] == 1 then sums.high += 1 end
        if times[low] == 1 then sums.low += 1 end
    end

    local function motifs(notes)
        local bars, seen = {}, {}
        for _, note in notes do
            local bar = note.start // 4 + 1
            bars[bar] = bars[bar] or { notes = 0, different = 0, pitches = {}, text = "" }
            local one = bars[bar]
            one.notes += 1
            if not one.pitches[note.pitch] then one.different += 1 end
            one.pitches[note.pitch] = true
            one.text ..= note.pitch .. "@" .. math.round(1000 * (note.start % 4)) .. " "
        end
        for bar = 1, BARS do
            local one = bars[bar]
            if one and one.different >= 3 then
                sums.motif += one.notes
                if seen[one.text] then sums.returning += one.notes end
                seen[one.text] = true
            end
        end
    end

    for first = 1, SAMPLES, 20 do
        local clips = {}
        for number = first, math.min(first + 19, SAMPLES) do
            clips[number - first + 1] = model:sample { bars = BARS, seed = number }
        end
        for _, clip in clips do
            local notes = clip:notes()
            sums.clips += 1
            sums.notes += #notes
            sums.repeated -= repeats(clip)
            sums.outside -= in_key(clip)
            if notes[1] and notes[1].pitch % 12 == tonic then sums.tonic += 1 end
            sums.reward += tuner(clip)
            correlate(notes)
            leaps(clip)
            extremes(notes)
            motifs(notes)
        end
    end
    return sums
end

local function percent(part, whole)
    return whole > 0 and string.format("%.1f%%", 100 * part / whole) or "-"
end

local head, line, columns = "| |", "|---|", {}
for _, entry in models do
    local name, model = entry[1], entry[2]
    local s = count(model)
    head ..= " " .. name .. " |"
    line ..= "---|"
    local function mean(sum) return string.format("%.2f", sum / s.heard) end
    table.insert(columns, {
        percent(s.repeated, s.notes), mean(s.correlated[1]), mean(s.correlated[2]), mean(s.correlated[3]),
        percent(s.outside, s.notes), percent(s.tonic, s.clips), percent(s.resolved, s.resolved + s.doubled),
        percent(s.high, s.clips), percent(s.low, s.clips), percent(s.motif, s.notes),
        percent(s.returning, s.notes),
        reward = string.format("%.1f", s.reward / s.clips),
    })
end
print(head .. " paper, before | paper, after |")
print(line .. "---|---|")
for i, row in PAPER do
    local text = "| " .. row[1] .. " |"
    for _, column in columns do text ..= " " .. column[i] .. " |" end
    print(text .. " " .. row[2] .. " | " .. row[3] .. " |")
end
local text = "| mean reward |"
for _, column in columns do text ..= " " .. column.reward .. " |" end
print(text .. " | |")
