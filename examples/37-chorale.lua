-- 37. A chorale.
-- You hear: a hymn of eight bars in four voices, each a line of its own, with passing notes and
-- a fermata where the line of the text would end. The second time the choir hums it.
-- Change: `meter "4/4"` to `meter "5/4"`, and it sways; then move a tenor note by a step, and read what is counted.
-- Break: `[g3 f#3]` to `[g3 h3]`. Lilt says: `h3` is no note

tempo(72)
meter "4/4"
key "G major"

local soprano = "<[g4 a4 b4 g4] [c5 b4 a4@2] [b4 c5 d5 b4] [a4 g4 f#4@2] "
             .. "[b4 d5 c5 b4] [a4 [g4 a4] b4@2] [c5 b4 a4 [g4 f#4]] g4>"
local alto    = "<[d4 f#4 g4 d4] [e4 [d4 e4] f#4@2] [g4 g4 f#4 g4] [e4 [d4 e4] d4@2] "
             .. "[d4 g4 [f#4 e4] d4] [[e4 f#4] e4 d#4@2] [e4 d4 [e4 d4] d4] d4>"
local tenor   = "<[b3 d4 d4 b3] [[c4 b3] a3 d4@2] [d4 [e4 d4] [a3 b3] d4] [c4 b3 a3@2] "
             .. "[b3 b3 c4 g3] [c4 b3 b3@2] [a3 b3 [c4 b3] a3] b3>"
local bass    = "<[g3 d3 [g2 a2] b2] [[a2 g2] c3 d3@2] [g2 c3 d3 g2] [[c3 a2] e3 d3@2] "
             .. "[g3 [g3 f#3] [a3 a2] b2] [[c3 a2] e3 b2@2] [a2 g2 c3 d3] g2>"

local choir = synth("voice", { attack = 0.09, release = 0.3 })
local function voice(name, line, place)
  play(name, notes(line):legato(0.95):humanize(1/64, 0.05)):on(choir)
    :vowel("<[1 4 1 4]!8 3!8>"):pan(place):gain(0.42):reverb(0.5):size(0.8)
end

voice("soprano", soprano, -0.4)
voice("alto", alto, 0.25)
voice("tenor", tenor, -0.15)
voice("bass", bass, 0.4)

play("organ", "<g1 d2 g1 d2 g1 b1 [a1 d2] g1>"):on(synth("organ", { attack = 0.1, release = 0.4 }))
  :gain(0.22):reverb(0.5):size(0.8)
