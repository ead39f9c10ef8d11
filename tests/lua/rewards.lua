-- Tests of stdlib/rewards.lua.

local check = require "check"

local tests = {}

-- Each row: what the reward gives, the reward, and the notes of a clip.
local function scores(rows)
    for _, row in rows do
        check.equal(row[2](clip(row[3])), row[1])
    end
end

-- Notes of a quarter of a beat.
local function quick(pitches)
    local notes = {}
    for i, pitch in pitches do notes[i] = { pitch = pitch, duration = 1/4 } end
    return notes
end

function tests.rewards_of_clips()
    check.equal(reward.calm(clip { 60, 67, 65 }), -1)
    check.equal(reward.variety(clip { 60, 60, 62, 62 }), 1/2)
    check.equal(reward.density(2)(clip { 60, 62 }), -1)
    check.equal(reward.in_scale("C major")(clip { 60, 61, 62, 64 }), 3/4)
    check.equal(reward.rising(clip { 60, 62, 61 }), 0)
end

function tests.height_and_place_in_the_beat()
    check.equal(reward.height(clip { 72, 84 }), 3/2)
    check.equal(reward.height(rest(4)), 0)
    check.equal(reward.off_beat(clip({ 60, 62 }):stretch(1/2)), 1/2)
    check.equal(reward.off_beat(clip { 60, 62 }), 0)
end

function tests.notes_outside_are_counted()
    scores {
        { 0, reward.in_key("C major"), { 60, 64, 67 } },
        { -2, reward.in_key("C major"), { 60, 61, 66 } },
        { 0, reward.in_key("D dorian"), { "d4", "f4", "b4" } },
        { -1, reward.in_key("D minor"), { "d4", "f4", "b4" } },
        { -1, reward.range(60, 72), { 60, 72, 73 } },
        { -2, reward.range("c4", "c5"), { "b3", "c4", "c5", "c#5" } },
    }
    key "E major"
    scores {
        { -1, reward.in_key(), { "e4", "g#4", "c5" } },
        { 2, reward.tonic(), { "e4", "g#4", "e5" } },
    }
end

function tests.a_melody_comes_home()
    scores {
        { 2, reward.tonic("C major"), { 60, 64, 72 } },
        { 1, reward.tonic("C major"), { 60, 64, 67 } },
        { 1, reward.tonic("A minor"), { 60, 64, 57 } },
        { 0, reward.tonic("C major"), { 62, 60, 64 } },
    }
end

function tests.repeats_beyond_a_number_are_counted()
    scores {
        { 0, reward.repeats(), { 60, 60, 60, 60, 62, 60 } },
        { -2, reward.repeats(), { 60, 60, 60, 60, 60, 60 } },
        { -1, reward.repeats(1), { 60, 62, 62, 60 } },
    }
end

function tests.a_line_has_a_shape()
    scores {
        { 3, reward.contour("rising"), { 60, 62, 64, 65 } },
        { -3, reward.contour("falling"), { 60, 62, 64, 65 } },
        { 0, reward.contour("rising"), { 60, 60, 60 } },
        { 3, reward.contour("arch", 4), { 60, 62, 64, 62 } },
        { 3, reward.contour("valley", 4), { 64, 62, 60, 62 } },
        -- The shape begins again with the second four beats.
        { 7, reward.contour("arch", 4), { 60, 62, 64, 62, 60, 62, 64, 62 } },
        { 3, reward.contour { 1, -1, 0 }, { 60, 67, 62, 62 } },
        { 4, reward.contour { 1, -1 }, { 60, 67, 62, 64, 60 } },
        { 2, reward.contour { 50, 80, 70 }, { 60, 61, 60 } },
        { 2, reward.contour(clip { 60, 67, 62 }), { 50, 51, 50 } },
    }
    check.fails(function() reward.contour "wave" end, "`contour` expects \"rising\"")
    check.fails(function() reward.contour { 60 } end, "`contour` expects \"rising\"")
    check.fails(function() reward.contour { "up" } end, "numbers in its list")
end

function tests.a_motif_is_found_at_any_pitch()
    scores {
        { 2, reward.motif { 2, 2 }, { 60, 62, 64, 70, 72, 74 } },
        { 1, reward.motif { 2, 2 }, { 60, 62, 64, 66 } },
        { 2, reward.motif { 2, 2 }, { 60, 62, 64, 66, 68 } },
        { 1, reward.motif(clip { 60, 64, 62 }), { 67, 71, 69 } },
        { 0, reward.motif { 4, -2 }, { 60, 64 } },
    }
    check.fails(function() reward.motif(clip { 60 }) end, "`motif` expects a clip of two notes")
    check.fails(function() reward.motif {} end, "`motif` expects a clip of two notes")
end

function tests.leaps_turn_back()
    scores {
        { 1, reward.leaps_resolved, { 60, 67, 65 } },
        { -1, reward.leaps_resolved, { 60, 67, 69 } },
        { 1, reward.leaps_resolved, { 67, 60, 60, 62 } },
        { 2, reward.leaps_resolved, { 60, 72, 60, 62 } },
        { 0, reward.leaps_resolved, { 60, 66, 68 } },
        { 0, reward.leaps_resolved, { 60, 67 } },
        { 0.08 - 1, reward.preferred_intervals, { 60, 62, 75 } },
        { 0.09 - 0.3, reward.preferred_intervals, { 60, 64, 75 } },
    }
end

function tests.what_shimmers_is_high_quick_and_near()
    scores {
        { 2.5, reward.shimmer, quick { 84, 86, 84, 86 } },
        { 1.5, reward.shimmer, quick { 84, 86, 88, 90 } },
        { 0, reward.shimmer, quick { 60, 62, 60, 62 } },
        { 0, reward.shimmer, quick { 84, 91, 84, 91 } },
        { 0, reward.shimmer, quick { 84, 84, 84, 84 } },
        { 0, reward.shimmer, { 84, 86, 84, 86 } },
    }
end

function tests.likeness_counts_notes()
    local like = reward.like(clip { 60, 62, 64, 65 })
    scores {
        { 4, like, { 60, 62, 64, 65 } },
        -- Three tones, and a fifth note's worth: half of 2^(-4/4).
        { 3.25, like, { 60, 62, 64, 69 } },
        -- A beginning is all it can be.
        { 2, like, { 60, 62 } },
        -- Two of two, and two that were added: 2 · 4/6.
        { 4/3, reward.like(clip { 60, 62 }), { 60, 62, 64, 65 } },
        { 1, reward.like(clip { { sound = "bd" }, { sound = "sd" } }), { { sound = "bd" }, { sound = "hh" } } },
        { 0, like, { length = 4 } },
    }
    check.fails(function() reward.like(60) end, "`like` expects a clip")
end

function tests.voices_are_independent()
    check.equal(reward.parallels(block({ { 48, 55 }, { 50, 57 } }, 1)), -1)
    check.equal(reward.parallels(block({ { 48, 60 }, { 50, 62 }, { 52, 64 } }, 1)), -2)
    -- A fifth that stays, one in contrary motion, thirds.
    check.equal(reward.parallels(block({ { 48, 55 }, { 48, 55 } }, 1)), 0)
    check.equal(reward.parallels(block({ { 48, 67 }, { 57, 64 } }, 1)), 0)
    check.equal(reward.parallels(block({ { 48, 52 }, { 50, 53 } }, 1)), 0)
    -- Fifth, fifth and octave at once; chords of different sizes by their outer voices.
    check.equal(reward.parallels(block({ { 48, 55, 60 }, { 50, 57, 62 } }, 1)), -2)
    check.equal(reward.parallels(block({ { 48, 52, 60 }, { 50, 62 } }, 1)), -1)
    -- A voice that holds its note moves with the other later on.
    scores {
        { -1, reward.parallels, {
            { pitch = 67, duration = 2 }, { pitch = 69, start = 2 },
            { pitch = 52, start = 0 }, { pitch = 48, start = 1 }, { pitch = 50, start = 2 },
        } },
        { 0, reward.parallels, { 60, 67, 62, 69 } },
    }
end

function tests.highest_and_lowest_stand_alone()
    scores {
        { 2, reward.unique_extremes, { 60, 64, 67, 64 } },
        { 1, reward.unique_extremes, { 60, 64, 67, 60 } },
        { 0, reward.unique_extremes, { 60, 67, 60, 67 } },
        { 0, reward.unique_extremes, { 60 } },
    }
end

function tests.what_foretells_itself_is_counted_in_beats()
    scores {
        -- Deviations -1 1 -1 1: 3/4, 2/4 and 1/4 at the three lags, a half of four beats.
        { -2, reward.autocorrelation, { 60, 62, 60, 62 } },
        { -2, reward.autocorrelation, { 60, 60, 60, 60 } },
        { 0, reward.autocorrelation, { 60 } },
    }
    check.holds(reward.autocorrelation(clip { 60, 67, 62, 64, 71, 60, 65, 62 })
        > reward.autocorrelation(clip { 60, 67, 60, 67, 60, 67, 60, 67 }))
end

function tests.bars_vary_and_return()
    scores {
        { 1, reward.varied_bars(4), { 60, 62, 64, 60, 65, 65, 65, 67 } },
        { 2, reward.varied_bars(4), { 60, 62, 64, 60, 65, 65, 69, 67 } },
        { 1, reward.returning_bars(4), { 60, 62, 64, 60, 60, 62, 64, 60 } },
        { 0, reward.returning_bars(4), { 60, 62, 64, 60, 60, 62, 64, 67 } },
        { 0, reward.returning_bars(4), { 60, 62, 60, 62, 60, 62, 60, 62 } },
        { 2, reward.returning_bars(3), { 60, 62, 64, 60, 62, 64, 60, 62, 64 } },
    }
    meter "3/4"
    scores {
        { 2, reward.varied_bars(), { 60, 62, 64, 60, 62, 64 } },
        { 1, reward.returning_bars(), { 60, 62, 64, 60, 62, 64 } },
    }
end

-- Only one weight is left in each row.
function tests.rl_tuner_is_a_sum()
    local function only(name)
        local weights = {
            key = 0, tonic = 0, repeats = 0, autocorrelation = 0, motifs = 0, returns = 0,
            intervals = 0, leaps = 0, extremes = 0,
        }
        weights[name] = 1
        return reward.rl_tuner("C major", weights)
    end
    scores {
        { -1, only "key", { 60, 61 } },
        { 1, only "tonic", { 60, 61 } },
        { -1, only "repeats", { 60, 60, 60, 60, 60 } },
        { -2, only "autocorrelation", { 60, 62, 60, 62 } },
        { 2, only "motifs", { 60, 62, 64, 60, 60, 62, 64, 60 } },
        { 1, only "returns", { 60, 62, 64, 60, 60, 62, 64, 60 } },
        { 0.08, only "intervals", { 60, 62 } },
        { 1, only "leaps", { 60, 67, 65 } },
        { 2, only "extremes", { 60, 67, 65 } },
        -- Begins on the tonic, 3; a whole tone, 0.08 / 2; both extremes alone, 6; deviations -1 1 foretell
        -- themselves by 1/2 at the first lag: 2 · (1/2)/3 in each of two beats.
        { 3 + 0.04 + 6 - 2/3, reward.rl_tuner("C major"), { 60, 62 } },
    }
    check.fails(function() reward.rl_tuner("C major", { keys = 1 }) end, "no option `keys`")
end

function tests.every_reward_gives_a_number_for_any_clip()
    local clips = {
        clip { length = 4 },
        clip { 60 },
        clip { { sound = "bd" }, { sound = "sd" }, { sound = "bd", start = 0 } },
        clip { { sound = "bd", start = 0 }, { pitch = 60, start = 0 }, { pitch = 67, start = 0 }, "~", 62 },
        clip { 60.5, 61.25, { pitch = 127, duration = 1/64 }, 0 },
        block({ { 60, 60 }, { 62, 64, 67 }, { 0, 127 } }, 3),
    }
    local rewards = {
        reward.calm, reward.variety, reward.density(2), reward.in_scale(), reward.rising, reward.in_key(),
        reward.tonic(), reward.range(40, 80), reward.repeats(), reward.contour("arch"), reward.contour { 1, -1 },
        reward.motif { 2 }, reward.leaps_resolved, reward.preferred_intervals, reward.shimmer,
        reward.like(clips[1]), reward.like(clips[4]), reward.parallels, reward.unique_extremes,
        reward.autocorrelation, reward.varied_bars(), reward.returning_bars(), reward.rl_tuner(),
        reward.must(function() return true end), reward.never(reward.in_key()), reward.step(function() return 1 end),
    }
    for _, one in rewards do
        check.equal(type(one), "function")
        for _, any in clips do
            local score = one(any)
            check.holds(type(score) == "number" and score == score and score < math.huge)
        end
    end
end

return tests
