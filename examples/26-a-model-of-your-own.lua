-- 26. A model of your own.
-- First: make the model, in the folder of this script; this takes a minute or two:
--   lilt train folk --data tunes --out island --from folk
-- You hear: four bars by the plain `folk`, and an answer by `island`, the same model
-- after the strathspeys in `tunes`: short notes snap before long ones, and five
-- pitches are enough. The same seed, the same key, the same kind of tune.
-- Change: `local told = island:sample { bars = 4, seed = 6` to `local told = island:sample { bars = 4, seed = 7`;
-- or put your own .abc and .mid files into a folder, train on that, and write its name here.
-- Break: `folk:sample` to `folk:simple`. Lilt says: a model has no `simple`

tempo(112)
key "A minor"

local folk = model("folk", { kind = "strathspey" })
local asked = folk:sample { bars = 4, seed = 6, temperature = 0.9 }

local island = model("island", { kind = "strathspey" })
local told = island:sample { bars = 4, seed = 6, temperature = 0.9 }

play("folk", asked .. rest(16)):on(synth "pluck"):pan(-0.3)
play("island", rest(16) .. told):on(synth "bell"):pan(0.3)
play("drone", "<a2 [a2 e2]>"):on(synth "pad"):gain(0.4)
play("drums", drums "bd ~ [~ bd] ~, ~ hh ~ hh"):gain(0.4)
