-- 15. Drawing.
-- You see: a spiral and a ring that are drawn anew in every bar, in time with
-- what you hear. A sketch is a list of strokes, a stroke is a list of points
-- {x, y} from 0 to 1, and the canvas draws it over the bar.
-- Change: `turns = 4` to `turns = 9`; then the number of petals; then the melody.
-- Break: `turns = 4` to `turn = 4`. Lilt says: `spiral` has no option `turn`: its options are
-- points, radius, turns, width, x, y

tempo(84)

local drawing = require "drawing"

local petals = {}
for petal = 0, 6 do
  local angle = petal / 7 * 2 * math.pi
  petals[#petals + 1] = drawing.circle {
    x = 0.5 + 0.25 * math.cos(angle), y = 0.5 + 0.25 * math.sin(angle), radius = 0.12,
  }
end

draw("spiral", drawing.spiral { x = 0.5, y = 0.5, radius = 0.4, turns = 4 })
draw("flower", drawing.together(petals))

play("bells", "<c5 e5 g5 b5>(5,8)"):on(synth "bell"):reverb(0.5):gain(0.6)
play("floor", "<[c2,g2] [a1,e2]>"):on(synth "pad"):gain(0.4)
