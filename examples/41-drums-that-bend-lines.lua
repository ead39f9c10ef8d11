-- 41. Drums that bend lines.
-- You see: rings that the bass drum blows up, a character that nobody can read, since a
-- model made it up, thrown aside by the snare, and a dust of dots that the hats light up.
-- env "beat" is a signal that follows what the slot strikes.
-- Change: `ring = 12` to `ring = 3`; then "bd*4" to "bd(3,8)".
-- Break: `colour = "rose"` to `colour = "rosy"`. Lilt says: there is no colour `rosy`

tempo(124)
show "stage"
background "#060a10"

play("beat", drums "bd*4, ~ sd ~ <sd sd*2>, hh*8, ~ ~ ~ oh")
play("bass", "<c2 c2 eb2 g1>*2, ~ c2 ~ [~ c3]"):on(synth "sub"):gain(0.7)
play("stab", "~ [c4,eb4,g4] ~ ~"):on(synth("saw", { release = 0.1 }))
  :lowpass(sine(32):range(600, 3000)):delay(0.3):gain(0.5)

local kick = env("beat", { sound = "bd", decay = 1 })
local snare = env("beat", { sound = "sd", decay = 1 })
local hats = env("beat", { sound = "hh", decay = 1/2 })

draw("rings", circle { x = 0.5, y = 0.3, radius = 0.18, width = 0.003 }, {
  over = 0, ring = 12, blend = "add", glow = 0.3, hue = saw(64), rotate = saw(64),
}):size(kick / 2 + 0.8):trail(1/2)

local character = model("kanji"):sample { seed = 7, temperature = 0.3 }
draw("character", character, { over = 0, colour = "rose", layer = 1, glow = 0.6 })
  :rotate(snare / 8):opacity(snare):size(snare / 2 + 0.7)

local dots = { width = 0.012 }
for i = 1, 60 do dots[i] = { { math.random(), math.random() } } end
draw("dust", sketch(dots), { over = 0, colour = "lemon", layer = -1 }):opacity(hats * 0.8):width(hats + 0.4)
