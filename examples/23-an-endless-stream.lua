-- 23. An endless stream.
-- You hear: a tune and a drummer that the models make while you listen, a few bars
-- ahead of the playhead. Neither is a loop, though a tune may repeat a phrase.
-- Now and then a slow wave brings up the same tune an octave lower.
-- Change: `tempo(108)` to `tempo(124)`, then the bass, a gain: the streams play on.
-- Another seed or temperature begins another stream.
-- Break: `"reel"` to `"real"`. Lilt says: `kind` cannot be "real"

tempo(108)
key "D dorian"

local folk = model("folk", { kind = "reel" })
local drummer = model("drums", { style = "funk", bpm = 108 })

local tune = folk:stream { seed = 5, temperature = 0.9 }

play("tune", tune):on(synth "pluck"):gain(0.6):reverb(0.2)
play("octave", tune:transpose(-12)):on(synth "keys"):gain(sine(64)):pan(0.4)
play("kit", drummer:stream { seed = 2, temperature = 0.8 }):gain(0.6)
play("bass", "<[d2 ~ a2 d2] [d2 ~ c2 a1] [f2 ~ g2 a2] [d2*4]>"):on(synth "bass"):gain(0.5)
