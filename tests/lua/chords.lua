-- Tests of stdlib/chords.lua.

local check = require "check"

local tests = {}

function tests.chords_by_name()
    check.equal(chord "C", { 48, 52, 55 })
    check.equal(chord("Am7", 4), { 69, 72, 76, 79 })
    check.equal(chord "F#m", { 54, 57, 61 })
    check.equal(chord "C7b9", { 48, 52, 55, 58, 61 })
    check.equal(chord "Bh7", { 59, 62, 65, 69 })
    check.fails(function() chord "Xyz" end, "`Xyz` is no chord")
end

function tests.a_progression_takes_every_other_pitch_of_the_scale()
    check.equal(progression("I V7", "C major"), { { 48, 52, 55 }, { 55, 59, 62, 65 } })
    check.equal(progression("bVII Im C", "C major"), { { 58, 62, 65 }, { 48, 51, 55 }, { 48, 52, 55 } })
    check.fails(function() progression "I X" end, "`X` is no chord")
end

function tests.block_lasts_as_long_as_its_chords()
    local clip = block({ chord "C", chord "F" }, 2)
    check.equal(clip:length(), 4)
    check.equal(#clip, 6)
    check.equal(clip:notes()[4].start, 2)
end

function tests.roots_lie_in_one_octave()
    check.equal(check.pitches(roots({ chord "C", chord("A", 5) }, 1)), { 36, 45 })
end

function tests.an_inversion_turns_from_below()
    check.equal(inversion(chord "C"), { 52, 55, 60 })
    check.equal(inversion(chord "C", 2), { 55, 60, 64 })
end

return tests
