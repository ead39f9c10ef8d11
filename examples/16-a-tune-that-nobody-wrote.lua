-- 16. A tune that nobody wrote.
-- You hear: a jig from a model that has read some four thousand folk tunes. It is
-- the same tune each time, because it has a seed: the same text sounds the same.
-- Change: `seed = 11` to `seed = 12`, and hear another tune; then the key; temperature to
-- 0.5 (plain) or 1.3 (drunk); the metre to "9/8", and the model knows slip jigs.
-- Break: `model "folk"` to `model "flok"`. Lilt says: there is no model `flok`

tempo(170)
meter "6/8"
key "D major"

local folk = model "folk"
local tune = folk:sample { bars = 8, temperature = 0.8, seed = 11 }

play("tune",  tune):on(synth "pluck"):gain(0.6):reverb(0.2)
play("drone", "[d2,a2]"):on(synth "pad"):gain(0.35)
play("foot",  drums "bd ~ ~ rs ~ ~"):gain(0.5)
