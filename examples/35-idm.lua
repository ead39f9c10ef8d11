-- 35. IDM.
-- You hear: drums that cannot count to four and do not mind, bits that crackle, a lullaby over
-- it in seven, and everything held together by a bass that knows where one is.
-- Change: `seed(23)` to `seed(24)`; then `shatter` to anything that takes music and gives music.
-- Break: `sometimesBy(0.3, shatter)` to `sometimesBy(30, shatter)`. Lilt says: `sometimesBy`
-- is 30: write a number from 0 to 1

tempo(142)
meter "7/8"
key "F# minor"
seed(23)

local function shatter(music) return music:ply("<3 4 6>"):gain(saw(1/2):range(1, 0.3)) end
local function back(music) return music:rev():tune("<-5 7 12>") end
local function tiny(music) return music:linger("<.25 .125>") end

play("drums", drums("bd ~ [~ bd] sd ~ bd [sd | [~ sd]], hh*14?0.15")
  :sometimesBy(0.3, shatter):somecyclesBy(0.25, back):lastOf(8, tiny))
  :gain(0.75):crush("<16!6 6 4>"):compressor(0.4)

play("clicks", drums("rs*28"):degradeBy(0.7):tune(irand(24)):pan(rand:range(-1, 1)):velocity(rand))
  :gain(0.4):highpass(2500):delay(0.2):delaytime(1/3)

play("lullaby", degrees("<[7 ~ 9 8 ~ 4 ~] [5 ~ 4 2 ~ 3 ~] [7 ~ 9 11 ~ 9 8] [6 4@3 ~@3]>"))
  :on(synth("fm", { fmh = 2, fm = 1.4, fmdecay = 0.4, decay = 0.8, sustain = 0.2, release = 0.5 }))
  :gain(0.4):reverb(0.45):delay(0.3):delaytime(7/8):vibrato(12)

play("pad", chords("<F#m9 Dmaj7 Bm9 C#m7>/2"):voicing())
  :on(synth("pad", { attack = 0.5 })):gain(0.4):coarse("<1 1 1 6>"):lowpass(perlin(7):range(600, 3500)):width(1.5)

play("bass", "<[f#1@3 ~ f#1 ~ c#2] [f#1@2 ~ [f#1 f#2] ~ e1@2] [d1@3 ~ d1 ~ a1] [d1 ~ c#1 ~ [~ c#2] e1 ~]>")
  :on(synth("acid", { cutoff = 350, resonance = 0.4, fenv = 1.5, drive = 0.5 })):gain(0.6)

play("bits", (degrees("0 4 7 11 14 7 4") + irand(8)):fast(2):mask("<0 0 1 [0 1]>"):legato(0.3))
  :on "square":pw(perlin(3):range(0.1, 0.9)):gain(0.16):pan(square(7/4):range(-0.7, 0.7))
