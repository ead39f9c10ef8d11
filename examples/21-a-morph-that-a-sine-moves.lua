-- 21. A morph that a slow sine moves.
-- You hear: a pop melody over four chords that turns into another one and back, in
-- eight bars; each step between the two is music of its own.
-- Change: `sine(32)` to `0.5`, which keeps it half way; then the chords, then the two seeds.
-- `way:more("density", 0.5):at(…)` has more notes all along.
-- Break: `{ steps = 9 }` to `{ steps = 1 }`. Lilt says: `steps` is 1: write a whole number
-- from 2 to 64

tempo(100)
key "C major"

local pop = model("melody", { chords = "C G Am F" })

local from = pop:sample { bars = 2, temperature = 0.7, seed = 3 }
local to = pop:sample { bars = 2, temperature = 0.7, seed = 9 }
local way = pop:morph(from, to, { steps = 9 })

-- Where on the way from 0 to 1 the tune is: there and back in 32 beats.
play("morph", way:at(sine(32))):on(synth "keys"):reverb(0.2)
play("chords", "<[c3,e3,g3] [g2,b2,d3] [a2,c3,e3] [f2,a2,c3]>"):on(synth "pad"):gain(0.4)
play("drums", drums "bd ~ bd ~, ~ sd, hh*8"):gain(0.5)
