-- 27. A full set.
-- You hear: a tune by the model, its answer, a bass drawn from the tune, chords,
-- drums that build up, and you see a drawing that turns with the bar.
-- Play it like an instrument: put `--` before a line and take it away again,
-- change a seed. Nothing that you type stops the music.
-- Change: `energy = 0.7` to `energy = 0.1` (how full the drums are, how bright the pad).
-- Break: `local star = {}` to `local star = {`. Lilt says: a value is missing before `for`

tempo(112)
meter "4/4"
key "D dorian"
seed(2026)

local energy = 0.7 -- 0 to 1

-- The tune, and what the model makes of it. ----------------------------------

local folk   = model "folk"
local tune   = folk:sample { bars = 8, temperature = 0.85, seed = 21 }
local answer = folk:continue(tune, { bars = 8, temperature = 0.9, seed = 3 })

play("lead", tune):on(synth "pluck"):gain(0.9):pan(-0.2):reverb(0.25):delay(0.15)
play("answer", answer):on(synth "bell"):gain(0.45):pan(0.35):reverb(0.4)

-- Harmony: four chords, eight bars. ------------------------------------------

local harmony = "<[d3,f3,a3,c4] [d3,f3,a3] [g3,b3,d4] [g3,b3,d4,f4] "
             .. "[c3,e3,g3,b3] [c3,e3,g3] [a2,c3,e3] [a2,c3,e3,g3]>"

play("pad", harmony):on(synth "pad"):gain(0.4)
  :lowpass(function(beat)
    return 600 + 2200 * energy * (0.5 + 0.5 * math.sin(beat / 32 * 2 * math.pi))
  end)
  :reverb(0.5)

play("bass", "<[d2 ~ d2 a1] [d2 ~ c2 d2] [g1 ~ g1 d2] [g1 ~ f2 d2] "
          .. "[c2 ~ c2 g1] [c2 ~ b1 c2] [a1 ~ a1 e2] [a1 ~ g1 c2]>")
  :on(synth "bass")
  :gain(0.95)

-- Drums. ---------------------------------------------------------------------

play("kick", drums "bd(3,8), ~ ~ ~ <~ ~ ~ [~ bd]>"):gain(0.85)
play("snare", drums "~ sd ~ <sd sd sd [sd [~ sd]]>"):reverb(0.12):gain(1.2)
play("hats", drums "hh(5,8,2), ~ oh? ~ oh?"):gain(0.5 + 0.5 * energy):pan(0.2)
play("clap", drums "<~ ~ ~ [~ ~ ~ cp]>"):gain(0.9):reverb(0.3)

-- A drawing that the bar turns. ----------------------------------------------

local drawing = require "drawing"
local star = {}
for ray = 0, 10 do
  local angle = ray / 11 * 2 * math.pi
  local far = 0.18 + 0.2 * (ray % 2)
  star[#star + 1] = drawing.line {
    x1 = 0.5, y1 = 0.5,
    x2 = 0.5 + far * math.cos(angle), y2 = 0.5 + far * math.sin(angle),
  }
end
draw("star", drawing.together(star))
