-- Tests of stdlib/rewards.lua.

local check = require "check"

local tests = {}

function tests.rewards_of_clips()
    check.equal(reward.calm(clip { 60, 67, 65 }), -1)
    check.equal(reward.variety(clip { 60, 60, 62, 62 }), 1/2)
    check.equal(reward.density(2)(clip { 60, 62 }), -1)
    check.equal(reward.in_scale("C major")(clip { 60, 61, 62, 64 }), 3/4)
    check.equal(reward.rising(clip { 60, 62, 61 }), 0)
end

function tests.curves_are_better_than_lines()
    check.equal(reward.no_straight_lines(line {}), 0)
    check.holds(reward.no_straight_lines(circle {}) > 0.05)
end

return tests
