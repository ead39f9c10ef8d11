-- Rewards: functions from a clip or a sketch to a number, larger is better. They
-- are plain functions: call one to measure music, or sort takes by it. Those
-- that take a parameter give the reward.

local scales = require "scales"

local rewards = {}

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
    local classes = {}
    for _, pitch in scales.scale(name) do classes[pitch % 12] = true end
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

--- reward.no_straight_lines(sketch)
--- Curves are better: how far the pen turns at its points, in radians, on average.
--- @param sketch what is measured
--- @example print(reward.no_straight_lines(circle { radius = 0.3 }))
function rewards.no_straight_lines(sketch)
    local turns, count = 0, 0
    for _, stroke in sketch:strokes() do
        for i = 2, #stroke - 1 do
            local before, here, after = stroke[i - 1], stroke[i], stroke[i + 1]
            local one = math.atan2(here[2] - before[2], here[1] - before[1])
            local other = math.atan2(after[2] - here[2], after[1] - here[1])
            turns += math.abs((other - one + math.pi) % (2 * math.pi) - math.pi)
            count += 1
        end
    end
    return count == 0 and 0 or turns / count
end

return rewards
