-- 43. A bird on every bar.
-- You see: a bird that nobody drew before in each bar, stroke by stroke over two
-- beats. A low temperature gives plain ones, a high one wild ones.
-- Change: `temperature = 0.3` to `temperature = 0.8`; then the kind, to "cat" or "key".
-- Break: `kind = "bird"` to `kind = "brid"`. Lilt says: `kind` cannot be "brid"

tempo(96)
show "stage"

local birds = model("sketch", { kind = "bird" })
local flock = {}
for i = 1, 8 do flock[i] = birds:sample { temperature = 0.3, seed = i } end

draw("bird", flock, { over = 2, fade = 1, glow = 0.3, hue = sine(32) / 4 })
  :width(env("beat", { sound = "bd", decay = 1 }) + 1)

play("beat", drums "bd ~ [~ bd] ~, ~ rs, hh*8?0.2"):gain(0.7)
play("song", "<g5 e5 [a5 g5] d5>(3,8)"):on(synth "bell"):delay(0.4):reverb(0.4):gain(0.5)
play("ground", "<[c2,g2] [a1,e2] [f1,c2] [g1,d2]>"):on(synth "pad"):gain(0.5)
