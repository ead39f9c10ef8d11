-- 15. Drawing.
-- You see: a flower of mirrors that turns and changes colour, and a star that the
-- bass drum blows up. A sketch is a list of strokes; draw draws them over two
-- beats, and every look of it is a number, a text or a signal, as in music.
-- Change: `kaleidoscope = 7` to `kaleidoscope = 3`; then "bd ~ ~ bd" to "bd*4"; then
-- `show "plan"` to `show "stage"`.
-- Break: `hue = sine` to `hew = sine`. Lilt says: `draw` has no option `hew`

tempo(84)
show "plan"

local petal = spiral { x = 0.68, y = 0.42, radius = 0.22, turns = 1.5, width = 0.004 }
draw("flower", petal, {
  over = 2, kaleidoscope = 7, blend = "add", glow = 0.35,
  rotate = saw(64), hue = sine(32) / 3,
})

draw("star", polygon { corners = 5, radius = 0.11, width = 0.008 }, { over = 0, colour = "amber", layer = 1 })
  :size(env("floor", { sound = "bd", decay = 1 }) + 0.6):rotate(isaw(16)):trail(1)

play("floor", drums "bd ~ ~ bd, ~ rs ~ rs?, hh*8?0.3"):gain(0.6)
play("bells", "<c5 e5 g5 b5>(5,8)"):on(synth "bell"):reverb(0.5):gain(0.6)
play("pad", "<[c2,g2] [a1,e2]>"):on(synth "pad"):gain(0.4)
