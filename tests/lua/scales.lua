-- Tests of stdlib/scales.lua.

local check = require "check"

local tests = {}

function tests.a_scale_goes_from_tonic_to_tonic()
    check.equal(scale("C major"), { 60, 62, 64, 65, 67, 69, 71, 72 })
    check.equal(scale("D dorian", 3), { 50, 52, 53, 55, 57, 59, 60, 62 })
    check.equal(scale "Bb pentatonic", { 70, 72, 74, 77, 79, 82 })
end

function tests.the_key_of_the_script_counts_when_none_is_written()
    check.equal(scale()[1], 60)
    key "E minor"
    check.equal(scale()[1], 64)
end

function tests.degrees_go_on_above_and_below()
    check.equal(degree(1, "C major"), 60)
    check.equal(degree(8, "C major"), 72)
    check.equal(degree(0, "C major"), 59)
    check.equal(degree(-6, "C major"), 48)
end

function tests.snap_moves_to_the_nearest_pitch()
    local snapped = snap(clip { 60, 61, 66, 71 }, "C major")
    check.equal(check.pitches(snapped), { 60, 60, 65, 71 })
end

function tests.a_wrong_scale_says_which_there_are()
    check.fails(function() scale "D dorianish" end, "`D dorianish` is no scale (did you mean D dorian?)")
    check.fails(function() scale "H major" end, "`H major` is no scale (write a tonic and a scale, as in D dorian")
end

return tests
