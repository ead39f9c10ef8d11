-- 39. Trap.
-- You hear: a bass that hums and slides, a snare on three and a lot of room, hats that stumble
-- into rolls, and a music box in minor that has seen better days.
-- Change: `"<2 3 2 [4 6]>"` to `"<4 8>"`; then glide to 0.3; then tempo to 150.
-- Break: `glide = 0.12` to `gliide = 0.12`. Lilt says: `sub` has no `gliide`

tempo(140)
key "C# minor"
form "box@4 hook@8 verse@8 hook@8 out@4"

play("808", "<[c#1@3 ~ ~ c#1@2 e1] [c#1@4 ~ g#1@3] [a0@3 ~ ~ a0@2 c#1] [b0@3 ~ [b0 b0] ~ g#0@2]>")
  :on(synth("sub", { glide = 0.12, release = 0.5, drive = 0.6 })):gain(0.7):except "box"

local steps = "<[x ~ ~ x ~ ~ x ~] [x ~ ~ ~ ~ x ~ ~] [x ~ ~ x ~ ~ x [~ x]] [x ~ ~ [x x] ~ ~ ~ x]>"
play("kick", sound("bd:3"):struct(steps))
  :gain(0.75):except "box"
play("snare", sound("~ ~ [808sd, 808cp] <~ ~ ~ [~ 808sd:1]>"):tune(-2)):gain(0.62):reverb(0.3):except "box"

local function roll(hats) return hats:ply("<2 3 2 [4 6]>") end
play("hats", sound("808hh*8"):sometimesBy(0.25, roll)):gain("0.8 0.55 0.7 0.55")
  :pan(tri(8):range(-0.5, 0.5)):only("verse", "hook")
play("open", sound "<~ [~ ~ ~ [~ 808oh]]>"):gain(0.4):pan(0.3):only "hook"

play("box", degrees("<[0 ~ 4 2 ~ 7 6 4] [0 ~ 4 2 ~ 5 4 2] [-2 ~ 2 0 ~ 5 4 2] [-1 ~ 3 1 ~ 6 4 3]>"):octave(1))
  :on(synth("fm", { fmh = 5, fm = 1, fmdecay = 0.15, decay = 0.9, sustain = 0, release = 0.6 }))
  :gain(0.36):reverb(0.4):delay(0.2):delaytime(3/4):coarse("<1 1 1 3>")

play("pad", chords("<C#m C#m A B>"):voicing())
  :on(synth("voice", { attack = 0.3, release = 0.8 })):vowel("<4 [4 5]>"):gain(0.26):reverb(0.5):lowpass(2500)

play("flute", degrees("<[7@2 6 4@3 ~@2] ~ [9@2 8 7@3 ~@2] [6 7 4@4 ~@2]>"):octave(1))
  :on(synth("triangle", { attack = 0.05, noise = 0.15, vibrato = 25, glide = 0.05 }))
  :gain(0.3):delay(0.35):pan(-0.2):only "hook"
