-- 51. The brain of SuperDirt.
-- You hear: from Lilt a bass alone. With SuperDirt running in SuperCollider (it listens at port 57120),
-- you hear drums and a piano from there too, on the same beat: what Tidal would send it, Lilt does.
-- Change: `"superpiano"` to `"superfork"`; then 127.0.0.1 to the machine where SuperDirt runs, and start
-- Lilt with --network.
-- Break: `{ host` to `{ hots`. Lilt says: `dirt` has no option `hots`

tempo(112)
key "A minor"

play("kit", drums "bd [~ bd] sd ~, hh*8, ~ ~ ~ cp"):dirt { host = "127.0.0.1" }

local chain = markov(clip { 57, 60, 64, 67, 69, 67, 64, 60, 57, 55, 57, 64 }, { order = 1 })
play("piano", chain:stream { seed = 3 }):dirt "superpiano":reverb(0.4)
play("bass", "<a1 f1 c2 g1>*2"):on "sub":gain(0.8)
