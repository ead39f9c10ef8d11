-- Tests of stdlib/transformations.lua.

local check = require "check"

local tests = {}

local tune = clip { { pitch = 60, duration = 2 }, 64, 67 }

function tests.each_changes_or_leaves_out()
    local low = each(tune, function(note)
        if note.pitch == 64 then return nil end
        note.pitch -= 12
        return note
    end)
    check.equal(check.pitches(low), { 48, 55 })
    check.equal(low:length(), tune:length())
    check.fails(function() each(60) end, "`each` expects a clip, got a number")
end

function tests.invert_turns_around_an_axis()
    check.equal(check.pitches(invert(tune)), { 60, 56, 53 })
    check.equal(check.pitches(invert(tune, 64)), { 68, 64, 61 })
end

function tests.retrograde_keeps_the_rhythm()
    local back = retrograde(tune)
    check.equal(check.pitches(back), { 67, 64, 60 })
    check.equal(check.starts(back), check.starts(tune))
end

function tests.octave()
    check.equal(check.pitches(octave(tune, -1)), { 48, 52, 55 })
end

function tests.arpeggio_goes_round()
    check.equal(check.pitches(arpeggio({ 60, 64, 67 }, { step = 1, beats = 4 })), { 60, 64, 67, 60 })
    check.equal(check.pitches(arpeggio({ 60, 64, 67 }, { step = 1, order = "down", beats = 3 })), { 67, 64, 60 })
    check.equal(check.pitches(arpeggio({ 60, 64, 67 }, { step = 1, order = "updown", beats = 5 })),
        { 60, 64, 67, 64, 60 })
    check.fails(function() arpeggio({ 60 }, { order = "sideways" }) end, "write \"up\", \"down\" or \"updown\"")
end

function tests.strum_spreads_chords_from_below()
    check.equal(check.starts(strum(block({ { 60, 64, 67 } }, 4), 1/4)), { 0, 1/4, 1/2 })
end

function tests.quantize_moves_to_the_grid()
    check.equal(check.starts(quantize(clip { { pitch = 60, start = 0.1 }, { pitch = 60, start = 0.9 } })), { 0, 1 })
end

function tests.thin_keeps_a_part()
    local notes = {}
    for i = 1, 200 do notes[i] = 60 end
    local left = #thin(clip(notes), 0.25)
    check.holds(left > 30 and left < 70, "left " .. left)
    check.equal(#thin(clip(notes), 1), 200)
end

return tests
