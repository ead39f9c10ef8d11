-- Critics: rewards that are learnt from examples, and rewards for what is new.

local options = require "options"

local critics = {}

-- What a critic looks at: twelve numbers that say how a clip moves, and not which notes it has.
local function looked_at(clip)
    local notes, intervals = clip:notes(), clip:intervals()
    local length, velocity, off = 0, 0, 0
    local low, high, sum, pitched, classes, different = 127, 0, 0, 0, {}, 0
    for _, note in notes do
        length += note.duration
        velocity += note.velocity
        if note.start % 1 ~= 0 then off += 1 end
        if note.pitch then
            low, high = math.min(low, note.pitch), math.max(high, note.pitch)
            sum, pitched = sum + note.pitch, pitched + 1
            local class = math.floor(note.pitch + 0.5) % 12
            if not classes[class] then
                classes[class] = true
                different += 1
            end
        end
    end
    local moves, still, steps, leaps, up = 0, 0, 0, 0, 0
    for _, interval in intervals do
        local far = math.abs(interval)
        moves += far
        if far == 0 then still += 1 elseif far <= 2 then steps += 1 elseif far > 4 then leaps += 1 end
        up += math.sign(interval)
    end
    local count, pairs = math.max(1, #notes), math.max(1, #intervals)
    return {
        #notes / clip:length(), length / count, off / count, velocity / count,
        moves / pairs, still / pairs, steps / pairs, leaps / pairs, up / pairs,
        math.max(0, high - low) / 12, sum / math.max(1, pitched) / 12, different / 12,
    }
end

-- A list of clips, or an error that says what was expected.
local function clips(what, given)
    if typeof(given) == "clip" then given = { given } end
    if type(given) ~= "table" or #given == 0 then
        error("`" .. what .. "` expects a list of clips", 3)
    end
    for _, clip in given do options.clip(what, clip) end
    return given
end

-- How often the weights are moved, how far, and how strongly they are drawn to 0: with a dozen clips of either kind they
-- stand still by then.
local ROUNDS, RATE, RIDGE = 300, 0.5, 0.02

--- critic(good, bad)
--- A reward that is learnt from two lists of clips, in a blink: above 0 for what moves like the first, below 0 for what
--- moves like the second (a logistic regression on how dense, long, loud, high and wide their notes are, and how they
--- step). To push a model out of its safe spot, let its own samples be the bad ones.
--- @param good a list of clips
--- @param bad another
--- @example local leaping = { clip { 60, 72, 61, 75 }, clip { 55, 70, 58, 74 } }
--- local walking = { clip { 60, 62, 64, 65 }, clip { 67, 65, 64, 62 } }
--- print(critic(leaping, walking)(clip { 50, 66, 53, 71 }) > 0)
function critics.critic(good, bad)
    good, bad = clips("critic", good), clips("critic", bad)
    local seen, wanted = {}, {}
    for _, clip in good do
        table.insert(seen, looked_at(clip))
        table.insert(wanted, 1)
    end
    for _, clip in bad do
        table.insert(seen, looked_at(clip))
        table.insert(wanted, 0)
    end
    -- Each number is measured from its mean, in deviations.
    local size = #seen[1]
    local means, deviations, weights, bias = {}, {}, {}, 0
    for i = 1, size do
        local sum, squares = 0, 0
        for _, row in seen do sum += row[i] end
        means[i] = sum / #seen
        for _, row in seen do squares += (row[i] - means[i]) ^ 2 end
        deviations[i] = math.max(1e-3, math.sqrt(squares / #seen))
        weights[i] = 0
    end
    local function score(row)
        local sum = bias
        for i = 1, size do
            -- What is far beyond all examples counts as far, and not as farther still.
            sum += weights[i] * math.clamp((row[i] - means[i]) / deviations[i], -3, 3)
        end
        return sum
    end
    -- Lists of different lengths have the same say.
    local share = { [0] = 0.5 / #bad, [1] = 0.5 / #good }
    for _ = 1, ROUNDS do
        local slopes, slope = table.create(size, 0), 0
        for at, row in seen do
            local miss = (wanted[at] - 1 / (1 + math.exp(-score(row)))) * share[wanted[at]]
            slope += miss
            for i = 1, size do
                slopes[i] += miss * math.clamp((row[i] - means[i]) / deviations[i], -3, 3)
            end
        end
        bias += RATE * slope
        for i = 1, size do weights[i] += RATE * (slopes[i] - RIDGE * weights[i]) end
    end
    return function(clip)
        return score(looked_at(clip))
    end
end

--- novelty(clips)
--- A reward for what is far from what has been played: minus the likeness to the nearest of the clips, from -1 for one of
--- them to 0.
--- @param clips what is known
--- @example print(novelty { clip { 60, 62, 64 } }(clip { 60, 62, 64 }))
function critics.novelty(known)
    known = clips("novelty", known)
    return function(clip)
        local nearest = 0
        for _, other in known do nearest = math.max(nearest, clip:likeness(other)) end
        return -nearest
    end
end

return critics
