-- 52. A drummer that joins.
-- You hear: a bass and a soft beat. Tap a rhythm on the letters A to L in the terminal: low keys are
-- the kick, those in the middle the snare, high ones the hats. When you rest, the drummer plays what
-- you tapped in your last bar as a funk drummer would, until you tap another.
-- Change: "funk" to "jazz"; then `bars = 1` to `bars = 2`, and `length = 4` to `length = 8`.
-- Break: `"bd ~ ~ ~,` to `"bm ~ ~ ~,`. Lilt says: `bm` is no drum

tempo(100)
key "C minor"
seed(5)

play("keys", keys_in()):on "pluck":gain(0.4)
play("bass", "c2 ~ [~ c2] <eb2 g1>"):on "sub":gain(0.8)

local function drum(note)
  return if note.pitch < 64 then "bd" elseif note.pitch < 69 then "sd" else "hh"
end

local hits = { length = 4 }
for _, note in played({ bars = 1, from = keys_in() }):notes() do
  table.insert(hits, { sound = drum(note), start = note.start, duration = 1/4, velocity = note.velocity })
end

local beat = drums "bd ~ ~ ~, ~ hh ~ hh"
if #hits > 0 then
  beat = model("drums", { style = "funk" }):groove(clip(hits))
end
play("drummer", beat)
