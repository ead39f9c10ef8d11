-- 53. A chorale under a hummed line.
-- You hear: a low chord, and nothing else until you play: hum a line on the letters A to L in the
-- terminal, four bars at most. When you rest for two beats, Bach's four voices answer with your line
-- above and three of their own below it, once, from the next bar.
-- Change: `rest = 2` to `rest = 1`; then `voice = "soprano"` to `voice = "tenor"`.
-- Break: `rest = 2` to `rest = 20`. Lilt says: `rest` is 20: write a number from 0.25 to 16

tempo(72)
key "G"
seed(3)

local line = phrase { from = keys_in(), rest = 2, bars = 4, grid = 1/2 }
play("voice", keys_in()):on(synth("organ", { attack = 0.05 })):gain(0.6):reverb(0.4)
play("ground", "g2'sus4"):on(synth("pad", { attack = 2 })):gain(0.3):reverb(0.6)

local choir = function() end
if #line:notes() > 0 then
  choir = once(model("chorale"):harmonise(line, { voice = "soprano", temperature = 0.4 }))
end
play("choir", choir):on(synth("voice", { attack = 0.1, release = 0.3 })):gain(0.8):restart():quantum "bar"
