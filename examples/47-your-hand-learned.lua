-- 47. Your hand, learned.
-- First: draw, and have a model learn it, in the folder of this script. Play
--   `42-a-duet-with-your-hand.lua`, draw a bird in its window and press K, which keeps it
--   and wipes the canvas for the next. When there are twenty:
--   lilt train sketch --data 42-a-duet-with-your-hand.drawn.ndjson --out hand --from sketch
-- You see: a bird in every bar that you never drew, with your lines. What you begin with
-- the mouse, in this window, the model completes in rose.
-- Change: `temperature = 0.4` to `temperature = 1`; then draw trees, and train again.
-- Break: `show "stage"` to `show "stages"`. Lilt says: the canvas has no view `stages`

tempo(96)
show "stage"

local hand = model "hand"
local birds = {}
for bar = 1, 8 do
  birds[bar] = hand:sample { temperature = 0.4, seed = bar }
end
draw("birds", birds, { over = 3, fade = 1, hue = saw(32), glow = 0.3 })

local begun = drawn()
if #begun > 0 then
  draw("completed", hand:continue(begun, { temperature = 0.3, seed = 1 }), { over = 2, colour = "rose" })
end

play("flight", map(birds[1], { beats = 8, step = 1/2, scale = "D major pentatonic" })):on(synth "bell"):reverb(0.4)
play("air", "<[d3,a3] [g2,d3] [b2,f#3] [a2,e3]>"):on(synth "pad"):gain(0.4)
play("wings", drums "~ hh ~ hh, bd ~ ~ ~"):gain(0.4)
