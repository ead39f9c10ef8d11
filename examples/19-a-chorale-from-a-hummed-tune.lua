-- 19. A chorale from a hummed tune.
-- You hear: a tune alone, then the same tune with three voices that the model sets
-- under it as it learnt from Bach.
-- Change: `{ pitch = "c5" }` to `{ pitch = "d5" }`; then the seed, for another setting.
-- `voice = "bass"` makes your tune the lowest voice (write it low, then).
-- Break: `choir:harmonise(` to `choir:harmonize(`. Lilt says: a model has no `harmonize`

tempo(76)
key "G"

local hummed = clip {
  { pitch = "g4" }, { pitch = "a4" }, { pitch = "b4" }, { pitch = "g4" },
  { pitch = "c5" }, { pitch = "b4" }, { pitch = "a4", duration = 2 },
}

local choir = model "chorale"
local setting = choir:harmonise(hummed, { temperature = 0.5, seed = 4 })

play("tune", hummed .. clip { length = 8 }):on(synth "keys")
play("choir", clip { length = 8 } .. setting):on(synth "pad"):reverb(0.4)
