-- 43. A sheep on every bar.
-- You see: a sheep that nobody drew before in each bar, stroke by stroke over two
-- beats, for you to count. A low temperature gives plain ones, a high one wild ones.
-- Change: `temperature = 0.2` to `temperature = 0.8`; then the kind, to "bird" or "flower".
-- Break: `kind = "sheep"` to `kind = "ship"`. Lilt says: `kind` cannot be "ship"

tempo(96)
show "stage"

local sheep = model("sketch", { kind = "sheep" })
local flock = {}
for i = 1, 8 do flock[i] = sheep:sample { temperature = 0.2, seed = i } end

draw("sheep", flock, { over = 2, fade = 1, glow = 0.3, hue = sine(32) / 4 })
  :width(env("beat", { sound = "bd", decay = 1 }) + 1)

play("beat", drums "bd ~ [~ bd] ~, ~ rs, hh*8?0.2"):gain(0.7)
play("song", "<g5 e5 [a5 g5] d5>(3,8)"):on(synth "bell"):delay(0.4):reverb(0.4):gain(0.5)
play("ground", "<[c2,g2] [a1,e2] [f1,c2] [g1,d2]>"):on(synth "pad"):gain(0.5)
