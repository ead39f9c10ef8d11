-- Rewards of music: functions from a clip to a number, larger is better. They
-- are plain functions: call one to measure music, or sort takes by it. Those
-- that take a parameter give the reward.
--
-- Most of them count: each note or step adds its share, so that music that is
-- still being made can be scored too, and what is counted is the unit in which a
-- tilt's strength is given. What is unwanted is counted down, below 0.

local options = require "options"
local rules = require "rules"
local scales = require "scales"

local rewards = {}

-- The melody: the highest note at each moment. Notes come sorted by start, then
-- pitch; drums have no part in it.
local function melody(clip)
    local line = {}
    for _, note in clip:notes() do
        if note.pitch then
            local last = line[#line]
            line[last and last.start == note.start and #line or #line + 1] = note
        end
    end
    return line
end

-- The pitch classes of a scale, as a set.
local function classes_of(name)
    local classes = {}
    for _, pitch in scales.scale(name) do classes[pitch % 12] = true end
    return classes
end

-- A pitch that may be written as "f#3".
local function midi(pitch)
    return clip({ pitch }):notes()[1].pitch
end

-- The length of a bar of the script's metre, in beats.
local function bar()
    local count, unit = string.match(meter(), "(%d+)/(%d+)")
    return 4 * tonumber(count) / tonumber(unit)
end

--- reward.calm(clip)
--- Fewer leaps are better: minus the number of steps wider than a whole tone.
--- @param clip what is measured
--- @example print(reward.calm(clip { 60, 67, 65 }))
function rewards.calm(clip)
    return -clip:leaps()
end

--- reward.variety(clip)
--- More different pitches are better: their number, as a part of all notes.
--- @param clip what is measured
--- @example print(reward.variety(clip { 60, 60, 62 }))
function rewards.variety(clip)
    local seen, different = {}, 0
    local notes = clip:notes()
    for _, note in notes do
        local tone = note.pitch or note.sound
        if not seen[tone] then
            seen[tone] = true
            different += 1
        end
    end
    return #notes == 0 and 0 or different / #notes
end

--- reward.density(target)
--- A reward for so many notes a beat: minus the distance from it.
--- @param target notes a beat
--- @example print(reward.density(2)(clip { 60, 62 }))
function rewards.density(target)
    return function(clip)
        return -math.abs(#clip / clip:length() - target)
    end
end

--- reward.in_scale(name)
--- A reward for staying in a scale: the part of the notes that are in it.
--- @param name a tonic and a scale; the script's key when left out
--- @example print(reward.in_scale("C major")(clip { 60, 61 }))
function rewards.in_scale(name)
    local classes = classes_of(name)
    return function(clip)
        local notes, inside = clip:notes(), 0
        for _, note in notes do
            if note.pitch and classes[math.round(note.pitch) % 12] then inside += 1 end
        end
        return #notes == 0 and 0 or inside / #notes
    end
end

--- reward.rising(clip)
--- Upward steps are better: the sum of the contour, as a part of all steps.
--- @param clip what is measured
--- @example print(reward.rising(clip { 60, 62, 64 }))
function rewards.rising(clip)
    local contour, sum = clip:contour(), 0
    for _, step in contour do sum += step end
    return #contour == 0 and 0 or sum / #contour
end

--- reward.height(clip)
--- Higher music is better: the mean pitch of the melody, in octaves above middle C.
--- @param clip what is measured
--- @example print(reward.height(clip { 72, 84 }))
function rewards.height(clip)
    local sum, line = 0, melody(clip)
    for _, note in line do sum += note.pitch - 60 end
    return sum / 12 / math.max(1, #line)
end

--- reward.off_beat(clip)
--- Notes beside the beat are better: their number, as a part of all notes.
--- @param clip what is measured
--- @example print(reward.off_beat(clip({ 60, 62 }):stretch(1/2)))
function rewards.off_beat(clip)
    local count, notes = 0, clip:notes()
    for _, note in notes do
        if note.start % 1 ~= 0 then count += 1 end
    end
    return count / math.max(1, #notes)
end

--- reward.in_key(name)
--- A reward for keeping to a key: minus one for each note outside it.
--- @param name a tonic and a scale; the script's key when left out
--- @example print(reward.in_key("D dorian")(clip { 62, 66, 69 }))
function rewards.in_key(name)
    local classes = classes_of(name)
    return rules.step(function(note)
        return note.pitch and not classes[math.round(note.pitch) % 12] and -1 or 0
    end)
end

--- reward.tonic(name)
--- A reward for coming home: one when the melody begins on the tonic, one more when it ends there.
--- @param name a tonic and a scale; the script's key when left out
--- @example print(reward.tonic("C major")(clip { 60, 64, 67, 72 }))
function rewards.tonic(name)
    local class = scales.scale(name)[1] % 12
    local function home(note)
        return note and math.round(note.pitch) % 12 == class and 1 or 0
    end
    return function(clip)
        local line = melody(clip)
        return home(line[1]) + home(line[#line])
    end
end

--- reward.range(low, high)
--- A reward for staying where a voice can sing: minus one for each note outside.
--- @param low the lowest pitch that is welcome, a number or a name
--- @param high the highest
--- @example print(reward.range("c4", "a5")(clip { "g3", "c4", "e4" }))
function rewards.range(low, high)
    low, high = midi(low), midi(high)
    return rules.step(function(note)
        return note.pitch and (note.pitch < low or note.pitch > high) and -1 or 0
    end)
end

--- reward.repeats(most)
--- A reward against hammering: minus one for each melody note that strikes a pitch once more than is allowed in a row.
--- @param most how often a pitch may sound in a row; 4 when left out
--- @example print(reward.repeats(2)(clip { 60, 60, 60, 62 }))
function rewards.repeats(most)
    most = most or 4
    return function(clip)
        local excess, run, before = 0, 0, nil
        for _, note in melody(clip) do
            run = note.pitch == before and run + 1 or 1
            before = note.pitch
            if run > most then excess += 1 end
        end
        return -excess
    end
end

-- Where each half of a shape goes.
local SHAPES = { rising = { 1, 1 }, falling = { -1, -1 }, arch = { 1, -1 }, valley = { -1, 1 } }

-- The directions that a clip, a list of directions or a list of heights gives.
local function directions(shape)
    local list = typeof(shape) == "clip" and shape:contour() or shape
    local steps, heights = {}, false
    for i, number in type(list) == "table" and list or {} do
        if type(number) ~= "number" then
            error("`contour` expects numbers in its list, got a " .. typeof(number), 3)
        end
        heights = heights or number ~= math.sign(number)
        steps[i] = number
    end
    if heights then
        for i = 2, #list do steps[i - 1] = math.sign(list[i] - list[i - 1]) end
        steps[#list] = nil
    end
    if #steps == 0 then
        error("`contour` expects \"rising\", \"falling\", \"arch\", \"valley\", a list of numbers or a melody", 3)
    end
    return steps
end

--- reward.contour(shape, beats)
--- A reward for a line's shape: one for each step of the melody that goes the right way, minus one for
--- the opposite way.
--- @param shape "rising", "falling", "arch" or "valley"; or a melody to go along with; or a list, step by step,
---   of -1 (down), 0 (level) and 1 (up); or a list of other numbers, whose ups and downs count.
---   A shape that is over begins again
--- @param beats how long a shape with a name is; four bars when left out
--- @example print(reward.contour("arch", 4)(clip { 60, 62, 64, 60 }))
function rewards.contour(shape, beats)
    local halves = SHAPES[shape]
    local half = (beats or 4 * bar()) / 2
    local steps = not halves and directions(shape)
    return function(clip)
        local score, line = 0, melody(clip)
        for i = 1, #line - 1 do
            local wanted = halves and halves[line[i].start // half % 2 + 1] or steps[(i - 1) % #steps + 1]
            score += 1 - math.abs(wanted - math.sign(line[i + 1].pitch - line[i].pitch))
        end
        return score
    end
end

--- reward.motif(pattern)
--- A reward for a motif, at any pitch: one each time that the melody plays it.
--- @param pattern the motif as a clip, or its steps in semitones as a list
--- @example print(reward.motif({ 2, 2 })(clip { 60, 62, 64, 67, 69, 71 }))
function rewards.motif(pattern)
    local steps = typeof(pattern) == "clip" and pattern:intervals() or pattern
    if type(steps) ~= "table" or #steps == 0 then
        error("`motif` expects a clip of two notes or more, or a list of steps in semitones, as in { 2, 2, -4 }", 2)
    end
    return function(clip)
        local line, count, i = clip:intervals(), 0, 1
        while i + #steps - 1 <= #line do
            local same = 0
            while same < #steps and line[i + same] == steps[same + 1] do same += 1 end
            if same == #steps then count += 1 end
            i += same == #steps and same or 1
        end
        return count
    end
end

--- reward.leaps_resolved(clip)
--- After a leap of a fifth or more, one when the melody turns back, minus one when it goes on the same way.
--- @param clip what is measured
--- @example print(reward.leaps_resolved(clip { 60, 67, 65 }))
function rewards.leaps_resolved(clip)
    local score, leap = 0, 0
    for _, step in clip:intervals() do
        -- A pitch that is struck again leaves the leap open.
        if step ~= 0 then
            score -= math.sign(leap * step)
            leap = math.abs(step) >= 7 and step or 0
        end
    end
    return score
end

-- What a step is worth by its size in semitones: Gauldin's counterpoint, as RL
-- Tuner gives it in numbers.
local PREFERRED = { [2] = 0.08, [4] = 0.09, [5] = 0.07, [7] = 0.02, [9] = 0.05, [11] = -0.3 }

--- reward.preferred_intervals(clip)
--- Steps that sing well: up to 0.09 for each whole tone, major third, fourth, fifth or major sixth, -0.3 for a
--- major seventh, -1 for more than an octave.
--- @param clip what is measured
--- @example print(reward.preferred_intervals(clip { 60, 62, 75 }))
function rewards.preferred_intervals(clip)
    local score = 0
    for _, step in clip:intervals() do
        local size = math.abs(step)
        score += size > 12 and -1 or PREFERRED[size] or 0
    end
    return score
end

--- reward.shimmer(clip)
--- Trills and tremolos high up: one for each melody note from c5 up that comes within half a beat
--- from another pitch at most four semitones away and turns back, half of one when it goes on.
--- @param clip what is measured
--- @example print(reward.shimmer(clip({ 84, 86, 84, 86 }):stretch(1/4)))
function rewards.shimmer(clip)
    local score, before, way = 0, nil, 0
    for _, note in melody(clip) do
        local step = before and note.pitch - before.pitch or 0
        local near = step ~= 0 and math.abs(step) <= 4
        if near and note.pitch >= 72 and note.start - before.start <= 1 / 2 then
            score += step * way < 0 and 1 or 1 / 2
        end
        before, way = note, step
    end
    return score
end

-- What the notes have in common with those of the other list that start with
-- them: 1 for the same tone, at most a half for another pitch, less the farther.
local function matched(notes, others)
    local sum, from = 0, 1
    for _, note in notes do
        while others[from] and others[from].start < note.start do from += 1 end
        local best, i = 0, from
        while others[i] and others[i].start == note.start do
            local other = others[i]
            if note.pitch == other.pitch and note.sound == other.sound then
                best = 1
            elseif note.pitch and other.pitch then
                best = math.max(best, 2 ^ (-math.abs(note.pitch - other.pitch) / 4) / 2)
            end
            i += 1
        end
        sum += best
    end
    return sum
end

--- reward.like(model)
--- A reward for likeness to a clip: up to one for each of its notes, when the same tone starts at the same time.
--- Another pitch counts less, the farther it is; missing and added notes take away. A beginning is
--- compared with as much of the clip.
--- @param model the clip to be like
--- @example print(reward.like(clip { 60, 62, 64 })(clip { 60, 62, 65 }))
function rewards.like(model)
    local wanted = options.clip("like", model):notes()
    return function(clip)
        local notes, begun, length = clip:notes(), {}, clip:length()
        for i, note in wanted do
            if note.start < length then begun[i] = note end
        end
        if #begun == 0 then return 0 end
        return #begun * (matched(notes, begun) + matched(begun, notes)) / (#notes + #begun)
    end
end

-- What sounds whenever a note starts: a list of chords, each sorted from low to high.
local function chords_of(clip)
    local chords, sounding, notes = {}, {}, clip:notes()
    for i, note in notes do
        if note.pitch then table.insert(sounding, note) end
        local after = notes[i + 1]
        if not after or after.start > note.start then
            local held, chord = {}, {}
            for _, other in sounding do
                if other.start + other.duration > note.start + 1e-6 then
                    table.insert(held, other)
                    table.insert(chord, other.pitch)
                end
            end
            table.sort(chord)
            table.insert(chords, chord)
            sounding = held
        end
    end
    return chords
end

-- 1 when two voices keep a fifth or an octave between them as both go the same way.
local function parallel(from, to, low, high, to_low, to_high)
    local interval = (from[high] - from[low]) % 12
    local kept = (to[to_high] - to[to_low]) % 12 == interval and (interval == 0 or interval == 7)
    return kept and (to[to_low] - from[low]) * (to[to_high] - from[high]) > 0 and 1 or 0
end

--- reward.parallels(clip)
--- Independent voices: minus one for each pair of voices that moves in parallel fifths or octaves.
--- The voices of a chord are its notes from low to high; between chords of different sizes only the
--- lowest and the highest are compared.
--- @param clip what is measured
--- @example print(reward.parallels(block({ { 48, 55 }, { 50, 57 } }, 1)))
function rewards.parallels(clip)
    local count, from = 0, {}
    for _, to in chords_of(clip) do
        if #from == #to then
            for high = 2, #to do
                for low = 1, high - 1 do count += parallel(from, to, low, high, low, high) end
            end
        elseif #from > 1 and #to > 1 then
            count += parallel(from, to, 1, #from, 1, #to)
        end
        from = to
    end
    return -count
end

--- reward.unique_extremes(clip)
--- One summit and one valley: one when the highest pitch sounds once only, one more when the lowest does.
--- @param clip what is measured
--- @example print(reward.unique_extremes(clip { 60, 64, 67, 60 }))
function rewards.unique_extremes(clip)
    local times, low, high = {}, math.huge, -math.huge
    for _, note in clip:notes() do
        local pitch = note.pitch
        if pitch then
            times[pitch] = (times[pitch] or 0) + 1
            low, high = math.min(low, pitch), math.max(high, pitch)
        end
    end
    if low >= high then return 0 end
    return (times[low] == 1 and 1 or 0) + (times[high] == 1 and 1 or 0)
end

-- How far the melody is from its mean at each quarter of a beat, rests held over,
-- and the sum of the squares.
local function deviations(clip)
    local line, heard, sum, spread = melody(clip), {}, 0, 0
    for i, note in line do
        local till = line[i + 1] and line[i + 1].start or note.start + note.duration
        for _ = 1, math.round(4 * till) - math.round(4 * note.start) do
            table.insert(heard, note.pitch)
            sum += note.pitch
        end
    end
    for i, pitch in heard do
        heard[i] = pitch - sum / #heard
        spread += heard[i] ^ 2
    end
    return heard, spread
end

--- reward.autocorrelation(clip)
--- A melody that does not foretell itself: minus its beats, times how well the melody one, two and three
--- beats before predicts it, from 0 to 1 (the mean size of the three autocorrelations).
--- @param clip what is measured
--- @example print(reward.autocorrelation(clip { 60, 62, 60, 62 }))
function rewards.autocorrelation(clip)
    local heard, spread = deviations(clip)
    local sum = 0
    for lag = 4, math.min(12, #heard - 1), 4 do
        local product = 0
        for i = lag + 1, #heard do product += heard[i] * heard[i - lag] end
        -- One pitch alone foretells itself entirely.
        sum += spread > 0 and math.abs(product) / spread or 1 - lag / #heard
    end
    return -sum / 3 * #heard / 4
end

-- The melody bar by bar, bars of fewer than three different pitches left out:
-- the pitches of each, and when they start in it.
local function motifs(clip, beats)
    local bars, last = {}, nil
    local function close()
        if last and last.different >= 3 then table.insert(bars, last) end
    end
    for _, note in melody(clip) do
        local number = note.start // beats
        if not last or last.number ~= number then
            close()
            last = { number = number, different = 0, pitches = {}, starts = {} }
        end
        if not table.find(last.pitches, note.pitch) then last.different += 1 end
        table.insert(last.pitches, note.pitch)
        table.insert(last.starts, note.start - number * beats)
    end
    close()
    return bars
end

--- reward.varied_bars(beats)
--- A reward for bars that say something: one for each with three different pitches or more.
--- @param beats how long a bar is; the script's metre when left out
--- @example print(reward.varied_bars(4)(clip { 60, 62, 64, 60, 65, 65, 65, 65 }))
function rewards.varied_bars(beats)
    beats = beats or bar()
    return function(clip)
        return #motifs(clip, beats)
    end
end

local function same_bar(one, other)
    if #one.pitches ~= #other.pitches then return false end
    for i, pitch in one.pitches do
        if pitch ~= other.pitches[i] or math.abs(one.starts[i] - other.starts[i]) > 1e-6 then return false end
    end
    return true
end

--- reward.returning_bars(beats)
--- A reward for form: one for each bar with three different pitches or more that was heard before, note for note.
--- @param beats how long a bar is; the script's metre when left out
--- @example print(reward.returning_bars(4)(clip { 60, 62, 64, 60, 60, 62, 64, 60 }))
function rewards.returning_bars(beats)
    beats = beats or bar()
    return function(clip)
        local bars, count = motifs(clip, beats), 0
        for i, one in bars do
            for earlier = 1, i - 1 do
                if same_bar(one, bars[earlier]) then
                    count += 1
                    break
                end
            end
        end
        return count
    end
end

-- The clip for many rewards in one: its notes, most of the work, are read once.
local function read_once(clip)
    local notes = clip:notes()
    return {
        notes = function() return notes end,
        intervals = function() return clip:intervals() end,
    }
end

--- reward.rl_tuner(name, weights)
--- The music theory of RL Tuner (Jaques et al. 2017) as one reward, a sum of nine. Its code gives the terms of
--- motifs and autocorrelation at every eighth note, here once a bar and once a beat. Its weights made a few good
--- things crowd out the others; these make a tilted `folk` better by each of them (models/README.md).
--- @param name a tonic and a scale; the script's key when left out
--- @param key for each note outside the key, counted down; 5 (RL Tuner: 1)
--- @param tonic for the first and for the last note on the tonic; 3 each (3)
--- @param repeats for each pitch struck more than four times in a row, counted down; 10 (100)
--- @param autocorrelation for each beat that foretells itself, counted down; 2 (3)
--- @param motifs for each bar of three different pitches or more; 1/2 (3)
--- @param returns for each such bar that was heard before; 1/2 (4)
--- @param intervals for the steps that sing well; 1/2 (5)
--- @param leaps for each leap resolved, counted down when it goes on; 1/2 (5)
--- @param extremes for a highest and a lowest pitch that sound once; 3 each (3)
--- @example print(reward.rl_tuner("C major", { repeats = 100 })(clip { 60, 62, 64, 67, 65, 64, 62, 60 }))
function rewards.rl_tuner(name, weights)
    local w = options.read("rl_tuner", weights, {
        key = 5, tonic = 3, repeats = 10, autocorrelation = 2, motifs = 1/2, returns = 1/2,
        intervals = 1/2, leaps = 1/2, extremes = 3,
    })
    local in_key, tonic, repeats = rewards.in_key(name), rewards.tonic(name), rewards.repeats(4)
    local varied_bars, returning_bars = rewards.varied_bars(), rewards.returning_bars()
    return function(given)
        local clip = read_once(given)
        return w.key * in_key(clip) -- reward_key
            + w.tonic * tonic(clip) -- reward_tonic, there on the first note of the last bar
            + w.repeats * repeats(clip) -- reward_penalize_repeating
            + w.autocorrelation * rewards.autocorrelation(clip) -- reward_penalize_autocorrelation
            + w.motifs * varied_bars(clip) -- reward_motif
            + w.returns * returning_bars(clip) -- reward_repeated_motif
            + w.intervals * rewards.preferred_intervals(clip) -- reward_preferred_intervals
            + w.leaps * rewards.leaps_resolved(clip) -- reward_leap_up_back
            + w.extremes * rewards.unique_extremes(clip) -- reward_high_low_unique
    end
end

return rewards
