-- 31. Jungle.
-- You hear: one bar of a drummer, cut into eight and shuffled, faster than anybody could play it; a
-- bass so low that you feel it first; and chords that float as if none of it were their business.
-- Change: `chunk(4, double)` to `chunk(8, double)`; then tempo to 174; then the order of the cuts.
-- Break: `splice(8, cuts)` to `splice(0, cuts)`. Lilt says: `splice` is 0: write a whole
-- number from 1 to 256

tempo(166)
key "D minor"
form "mist@4 roll@8 full@8 air@4 full@8"

local function double(music) return music:ply(2) end
local function lower(music) return music:tune(-3) end

local cuts = "<[0 1 2 3 4 5 6 7] [0 1 2 [0 3] 4 5 2 7] [0 0 2 3 5 4 6 [2 2]] [0 5 2 3 4 [2 2 2] 6 6]>"

play("break", sound("breaks:3"):splice(8, cuts):chunk(4, double):lastOf(4, lower))
  :gain(0.5):compressor(0.4):drive(0.15):except "mist"
play("tops", sound "hh:1*8, ~ ~ ~ cr?0.7"):gain(0.3):highpass(5000):pan(0.2):except "mist"

play("sub", "<[d1@3 ~ f1@2 ~ a0] [d1@4 ~ c1@3] [bb0@3 ~ bb0@2 c1@2] [a0@5 [~ a0] c1@2]>")
  :on(synth("sub", { glide = 0.06, release = 0.15, drive = 0.3 })):gain(0.65):only("roll", "full")

play("reese", "<d2 d2 bb1 a1>")
  :on(synth("saw", { unison = 4, detune = 28, attack = 0.1, cutoff = sine(32):range(200, 900) }))
  :gain(0.3):width(1.5):only "full"

play("pad", chords("<Dm9 Dm9 Bbmaj7 Am7>"):voicing():octave(1))
  :on(synth("pad", { attack = 0.8, release = 1.5 })):gain(0.32):lowpass(sine(64):range(900, 4000)):reverb(0.6)

play("stab", "~ <~ [d5,f5,a5]> ~ [~ <[c5,e5,g5] ~>]")
  :on(synth("organ", { decay = 0.2, sustain = 0.2 })):gain(0.22):delay(0.5):delaytime(3/4):only("full", "air")

play("bells", degrees("<[9 ~ ~ 7] [~ 4 ~ ~] [5 ~ 7 ~] ~>"):octave(1))
  :on(synth "bell"):gain(0.2):reverb(0.7):pan(tri(12):range(-0.7, 0.7))
