-- 13. A piano that breathes.
-- You hear: both hands of a pianist, early and late, loud and soft: four calm bars,
-- four that go on from them with more notes, and four that come to rest again.
-- Change: the key, the densities (notes a beat), the seeds; `timing = "strict"` puts
-- every note right on its sixteenth or triplet.

tempo(76)
key "A minor"

local calm = model("performance", { density = 3, bpm = 76 })
local busy = model("performance", { density = 6, bpm = 76 })

local opening = calm:sample { bars = 4, temperature = 0.9, seed = 4 }
local middle = busy:continue(opening, { bars = 4, temperature = 0.9, seed = 4 })
local ending = calm:continue(opening .. middle, { bars = 4, temperature = 0.9, seed = 4 })

play("piano", opening .. middle .. ending):on(synth "keys"):reverb(0.3)
