-- 25. A rule for every note.
-- You hear: a bass that goes round, and over it a tune that knows its rules of
-- counterpoint. A model wrote it; the rules were asked about each note before it was
-- written, with the note before it, so that the tune finds its way.
-- Change: `points += 1 end` to `points -= 1 end`, and it runs along with the bass; then the bass, or
-- what is SOUR: thirds, if you like. Write a rule of your own. Play `plain` to hear none.
-- Break: `reward.step(` to `reward.stop(`. Lilt says: `reward` has no `stop`

tempo(96)
key "D dorian"

local ground = clip({ "d3", "a2", "c3", "g2", "f2", "c3", "a2", "d3" }):stretch(2)
local bass = ground:notes()

local function bass_at(beat)
  return bass[beat // 2 % #bass + 1].pitch
end

-- Semitones over the bass, octaves left out: seconds, fourths, the tritone, sevenths.
local SOUR = { [1] = true, [2] = true, [5] = true, [6] = true, [10] = true, [11] = true }

local counterpoint = reward.step(function(note, before)
  local under, points = bass_at(note.start), 0
  local over = (note.pitch - under) % 12
  -- On the beat a note agrees with the bass; between the beats it may pass.
  if note.start % 1 == 0 and SOUR[over] then points -= 3 end
  if before then
    local step = note.pitch - before.pitch
    local under_before = bass_at(before.start)
    -- A leap may not leave a sour note, and a tune sings in steps.
    if math.abs(step) > 2 and SOUR[(before.pitch - under_before) % 12] then points -= 2 end
    if math.abs(step) > 7 then points -= 2 end
    -- When the bass moves, the tune goes the other way, and never along in fifths or octaves.
    local move = under - under_before
    if step * move < 0 then points += 1 end
    if step * move > 0 and step == move and (over == 0 or over == 7) then points -= 4 end
  end
  return points
end)

local folk = model("folk", { kind = "air", meter = "4/4" })
local plain = folk:sample { bars = 4, seed = 9 }
local tune = folk:tilt(counterpoint):sample { bars = 4, seed = 9 }

print("points without the rules:", counterpoint(plain), "with them:", counterpoint(tune))

play("tune", tune):on(synth "pluck"):reverb(0.25)
play("bass", ground):on(synth "bass"):gain(0.8)
play("pad", ground:transpose(12)):on(synth "pad"):gain(0.25)
