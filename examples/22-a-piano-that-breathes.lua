-- 22. A piano that breathes.
-- You hear: both hands of a pianist, early and late, loud and soft: four calm bars,
-- four that go on from them with more notes, and four that come to rest again.
-- Change: `density = 6` to `density = 9` (notes a beat); then the key, the seeds;
-- `timing = "strict"` puts every note right on its sixteenth or triplet.
-- Break: `density = 6` to `density = 60`. Lilt says: `density` is 60: write a number from 0.5
-- to 16

tempo(76)
key "A minor"

local calm = model("performance", { density = 3, bpm = 76 })
local busy = model("performance", { density = 6, bpm = 76 })

local opening = calm:sample { bars = 4, temperature = 0.9, seed = 4 }
local middle = busy:continue(opening, { bars = 4, temperature = 0.9, seed = 4 })
local ending = calm:continue(opening .. middle, { bars = 4, temperature = 0.9, seed = 4 })

play("piano", opening .. middle .. ending):on(synth "keys"):reverb(0.3)
