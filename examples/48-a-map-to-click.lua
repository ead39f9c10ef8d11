-- 48. A map to click.
-- You see: a map of the way from a sheep to a bus, below, through the space in which the model
-- keeps its drawings; above, the drawing at the ring. Click beside the path: with the next bar
-- the ring is there, the drawing with it, and the tune, which is on a way of its own.
-- Change: `shapes:clicked(0.5)` to `sine(64)`, and nobody needs to click; then the kinds.
-- Break: `clicked(0.5)` to `clicked(5)`. Lilt says: `clicked` is 5: write a number from 0 to 1

tempo(108)
key "G major"
show "stage"

local sheep = model("sketch", { kind = "sheep" }):sample { temperature = 0.2, seed = 3 }
local bus = model("sketch", { kind = "bus" }):sample { temperature = 0.2, seed = 5 }
local shapes = model("sketch"):morph(sheep, bus, { steps = 10, temperature = 0.1, seed = 1 })

local melody = model "melody"
local tunes = melody:morph(melody:sample { bars = 2, seed = 4 }, melody:sample { bars = 2, seed = 9 }, { steps = 10 })

local here = shapes:clicked(0.5)

draw("map", shapes:chart(here), { over = 0, colour = "mint", opacity = 0.8 })
draw("shape", shapes:at(here), { over = 2, fade = 1, size = 0.7, y = 0.36, colour = "amber", glow = 0.4 })

play("tune", tunes:at(here)):on(synth "pluck"):reverb(0.3)
play("ground", "<[g2,d3] [c3,g3] [e2,b2] [d2,a2]>"):on(synth "pad"):gain(0.4)
play("steps", drums "bd hh sd hh"):gain(0.5)
