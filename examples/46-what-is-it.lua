-- 46. What is it?
-- You see: what your hand draws. Lilt says what it takes it for, in the terminal, and
-- plays the number of things that it might be: a chord that narrows to one note when it
-- is sure. Until you draw, a model draws for you.
-- Change: `kind = "flower"` to `kind = "bicycle"`; then draw one yourself.
-- Break: `recognize(hand)` to `recognise(hand)`. Lilt says: unknown name `recognise`

tempo(80)
show "stage"

local hand = drawn()
if #hand == 0 then hand = model("sketch", { kind = "flower" }):sample { temperature = 0.1, seed = 2 } end

local seen = recognize(hand)
local chord, steps = {}, { "c4", "eb4", "g4", "bb4", "d5" }
for i = 1, 5 do
  print(string.format("%s: %d %%", seen[i].kind, 100 * seen[i].p))
  if i == 1 or seen[i].p > 0.05 then table.insert(chord, steps[i]) end
end

draw("hand", hand, { over = 2, glow = 0.3, colour = "mint" })
draw("echo", hand, { over = 2, layer = -1, size = 0.3, grid = 4, opacity = 0.3 })

play("guess", "[" .. table.concat(chord, ",") .. "]*2"):on(synth "keys"):reverb(0.5)
play("clock", drums "hh*4, bd ~ ~ ~"):gain(0.5)
