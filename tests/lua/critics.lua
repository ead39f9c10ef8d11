-- Tests of stdlib/critics.lua.

local check = require "check"

local tests = {}

-- Two kinds of music: one that walks by steps and one that leaps, each from a chain of its own.
local walking = markov(clip { 60, 62, 64, 65, 67, 65, 64, 62, 60, 62, 64, 62 }, { order = 1 })
local leaping = markov(clip { 60, 67, 62, 72, 65, 74, 60, 69, 55, 67, 60, 72 }, { order = 1 })

-- So many clips of a model, of seeds that nobody else has.
local function made(model, from, count)
    local clips = {}
    for i = 1, count do clips[i] = model:sample { bars = 2, seed = from + i } end
    return clips
end

function tests.a_critic_parts_clips_that_it_has_never_seen()
    local judge = critic(made(leaping, 0, 12), made(walking, 0, 12))
    local right = 0
    for _, clip in made(leaping, 100, 20) do if judge(clip) > 0 then right += 1 end end
    for _, clip in made(walking, 100, 20) do if judge(clip) < 0 then right += 1 end end
    check.equal(right >= 36, true)
end

function tests.a_critic_pulls_a_model_toward_the_good_ones()
    -- A chain that does both, leaned toward what walks: measured by leaps, which the critic was never told of.
    local both = markov(clip { 60, 62, 64, 72, 65, 67, 60, 69, 67, 65, 74, 62, 64, 60 }, { order = 1 })
    local judge = critic(made(walking, 0, 12), made(leaping, 0, 12))
    local function leaps(model)
        local sum = 0
        for _, clip in made(model, 200, 12) do sum += clip:leaps() end
        return sum
    end
    local plain, leaned = leaps(both), leaps(both:tilt(judge, { strength = 2, particles = 32 }))
    check.equal(leaned < 0.8 * plain, true)
end

function tests.a_critic_says_what_it_expects()
    check.fails(function() critic({}, { clip { 60 } }) end, "`critic` expects a list of clips")
    check.fails(function() critic({ 60 }, { clip { 60 } }) end, "`critic` expects a clip, got a number")
end

function tests.novelty_is_distance_from_the_nearest()
    local a, b = clip { 60, 62, 64 }, clip { 48, 55, 41 }
    local new = novelty { a, b }
    check.equal(new(a), -1)
    check.equal(new(b), -1)
    check.equal(new(clip { 71, 90, 73 }) > -1, true)
end

return tests
