-- 45. A sheep becomes a bus, in sixteen bars.
-- You see: sixteen drawings on the way from a sheep to a bus, one a bar: the model's own
-- space of drawings, in which a place between two of them is a drawing too.
-- Change: `steps = 16` to `steps = 4`; then the kinds.
-- Break: `steps = 16` to `steps = 1`. Lilt says: `steps` is 1: write a whole number from 2 to 64

tempo(112)
show "stage"

local sheep = model("sketch", { kind = "sheep" }):sample { temperature = 0.2, seed = 3 }
local bus = model("sketch", { kind = "bus" }):sample { temperature = 0.2, seed = 5 }

draw("way", model("sketch"):interpolate(sheep, bus, { steps = 16, temperature = 0.1, seed = 1 }), {
  over = 2, fade = 2, glow = 0.4, hue = isaw(64) / 3,
})

play("meadow", "c2(5,8)"):on(synth "sub"):gain(line(0.2, 0.8, 64))
play("engine", "<c3 c3 d3 g2>*4"):on(synth("acid", { cutoff = 400 })):gain(line(0, 0.5, 64))
play("street", drums "bd*4, ~ cp, hh*8"):gain(0.6)
