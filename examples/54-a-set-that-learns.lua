-- 54. A set that learns what you like.
-- You hear: a tune, another one every four bars. In the terminal, press N a moment after you heard
-- something that you like, and M after something that you do not: what you said is kept in the file
-- mine.taste beside this script, and the next tunes lean by it. What was learnt is printed.
-- Change: `nats = 1` to `nats = 2`, and it follows you farther; then "folk" to "melody".
-- Break: `nats = 1` to `nats = 10`. Lilt says: `nats` is 10: write a number from 0 to 4

tempo(112)
key "D dorian"
seed(6)

local mine = taste("mine", { like = "n", nope = "m", nats = 1 })
print(mine:words())

local leaning = model("folk"):tilt(mine)

local tunes = each(4, function(n)
  return leaning:sample { bars = 4, seed = n }
end)

play("tune", tunes):on "pluck":delay(0.2)
play("drone", "d2'sus4"):on(synth("pad", { attack = 2 })):gain(0.35):reverb(0.5)
play("beat", drums "bd ~ [~ bd] ~, ~ hh ~ hh"):gain(0.6)
