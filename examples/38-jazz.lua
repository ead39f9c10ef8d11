-- 38. Jazz.
-- You hear: a quartet late at night: a ride cymbal that swings, a bass that walks, a piano that
-- drops chords where nobody expects them, and a vibraphone that improvises, by dice that
-- keep to the scale of the moment. Thirty-two bars, A A B A.
-- Change: `swingBy(1/3, 4)` to `swingBy(1/6, 4)`, and it is straighter; then the seed: another solo.
-- Break: `Ebmaj7 Am7` to `Ebmaj7 Hm7`. Lilt says: `Hm7` is no chord

tempo(148)
seed(9)

local A, B = "Cm9 F13 Bbmaj7 Ebmaj7 Am7 D7 Gm6 Gm6 ", "Am7 D7 Gm7 Gm7 Cm7 F7 Bbmaj7 Ebmaj7 "
local changes = "<" .. A .. A .. B .. A .. ">"

local low_a = "[c2 eb2 g2 gb2] [f2 a2 c3 b2] [bb1 d2 f2 e2] [eb2 g2 bb2 a2] "
           .. "[a1 c2 eb2 e2] [d2 f#2 a2 ab2] [g2 d2 bb1 g1] [g1 bb1 b1 b1] "
local low_b = "[a1 c2 eb2 e2] [d2 c2 a1 ab1] [g1 bb1 d2 f2] [g2 f2 d2 db2] "
           .. "[c2 eb2 g2 gb2] [f2 eb2 c2 b1] [bb1 d2 f2 e2] [eb2 d2 c2 b1] "
local walk = "<" .. low_a .. low_a .. low_b .. low_a .. ">"
local comping = "<[~ [~ x] ~ ~] [x ~ [~ x] ~] [~ ~ [~ x] ~] [[~ x] ~ ~ [~ x]]>"
local scales = "<[Bb:major!4 G:minor!4]!2 [G:minor!4 Bb:major!4] [Bb:major!4 G:minor!4]>/8"

local function swung(music) return music:swingBy(1/3, 4) end

play("ride",  swung(drums "rd [rd rd] rd [rd rd]"):velocity("0.55 0.7 0.55 0.75")):gain(0.5):pan(0.3)
play("brush", swung(drums "[~ sd?0.6] [~ sd?0.7] ~ [sd?0.5 sd?0.8], ~ hh ~ hh"):velocity(rand:range(0.15, 0.45)))
  :gain(0.6):reverb(0.15)
play("bass",  notes(walk):legato(0.9):humanize(1/48, 0.1))
  :on(synth("bass", { attack = 0.01, decay = 0.5, sustain = 0.4 })):gain(0.6):lowpass(900)
play("piano", swung(chords(changes):voicing():struct(comping)):legato(0.5))
  :on(synth "keys"):gain(0.5):pan(-0.3):reverb(0.2)

local dice = numbers("0 2 4 7 6 4 2 1"):iter("<1 3 5 2>") + irand(5)
play("vibes", swung(dice:scale(scales):degradeBy(0.45):mask("<1 1 1 [1 0]>"):humanize(1/40, 0.2)))
  :on(synth("fm", { fmh = 4, fm = 0.6, fmdecay = 0.1, decay = 1.2, sustain = 0, release = 0.6 }))
  :tremolo(0.3):tremolorate(5):gain(0.5):reverb(0.35):pan(0.15)
