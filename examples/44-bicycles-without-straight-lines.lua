-- 44. Bicycles without straight lines.
-- You see: left the model as it learned, right the same model bent by a rule that
-- hates straight lines: exactly so far as strength says.
-- Change: `strength = 8` to `strength = 0`; then to -8, which loves them.
-- Break: `strength = 8` to `strength = "8"`. Lilt says: `strength` expects a number,
-- got the text "8"

tempo(90)
show "stage"

local bicycles = model("sketch", { kind = "bicycle" })
local round = bicycles:tilt(reward.no_straight_lines, { strength = 8, particles = 32 })

local plain, bent = {}, {}
for i = 1, 4 do
  plain[i] = bicycles:sample { temperature = 0.2, seed = i }
  bent[i] = round:sample { temperature = 0.2, seed = i }
end

draw("plain", plain, { over = 3, x = 0.1, size = 0.5, colour = "sky" })
draw("bent", bent, { over = 3, x = 0.6, size = 0.5, colour = "amber", glow = 0.3 })

play("left", "<c4 e4 g4 b4>*2"):on(synth "pluck"):pan(-0.6)
play("right", "<g4 a4 e4 d4>(3,8)"):on(synth "bell"):pan(0.6):reverb(0.4):gain(0.6)
play("floor", drums "bd ~ ~ bd, ~ rs, hh*4"):gain(0.6)
