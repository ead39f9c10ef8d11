-- 29. Techno.
-- You hear: a kick on every beat, an open hat between, a rumble under both; an acid line whose
-- filter somebody opens for sixteen bars; a stab that echoes; and before each drop the kick
-- goes, and is missed.
-- Change: `cutoff    = saw(64):range(300, 3200)` to `cutoff    = tri(32):range(300, 3000)`; then tempo to 145.
-- Break: `"bd*4"` to `"bd*4,"`. Lilt says: there is nothing after this `,`

tempo(132)
key "A minor"
form "in@4 groove@8 drop@8 break@4 drop@8"

play("kick", drums("bd*4"):click(0.8):decay(1.1)):except "break":gain(1)
play("rumble", notes("[~ a0 a0 a0]*4"):lowpass(140)):on(synth("sub", { release = 0.1, drive = 0.5 }))
  :gain(0.35):except("in", "break")

play("open", drums("[~ oh]*4"):decay(0.5)):gain(0.95):highpass(3000)
play("hats", drums "hh*16"):gain("0.7 0.4 0.9 0.4"):pan(sine(3):range(-0.4, 0.4)):only("groove", "drop")
play("clap", drums "~ cp ~ <cp cp cp [cp ~ ~ cp]>"):gain(0.8):reverb(0.2):only("drop", "break")

play("acid", "<[a1 a1 a2 a1 ~ a1 c2 a1 a1 ~ a2 a1 e2 a1 g1 a1]!3 [a1 a1 a2 a1 ~ d2 c2 a1 a1 ~ a2 g2 e2 d2 c2 g1]>")
  :on(synth("acid", {
    cutoff    = saw(64):range(300, 3200),
    resonance = 0.78,
    fenv      = 2.6,
    fdecay    = 0.16,
    accent    = "0 0 .8 0 0 0 .6 0 .3 0 .9 0 .4 0 0 .7",
    drive     = 0.4,
  })):gain(0.85):delay(0.12):except "in"

play("stab", "<[~ ~ ~ [a3,c4,e4] ~ ~ ~ ~] [~ ~ ~ [a3,c4,e4] ~ ~ [g3,b3,d4] ~]>")
  :on(synth("supersaw", { attack = 0.005, decay = 0.15, sustain = 0, release = 0.2 }))
  :gain(0.8):lowpass(5000):width(1.6):delay(0.5):delaytime(3/4):delayfeedback(0.6):reverb(0.3)
  :duck("kick", { depth = 0.6, release = 0.15 }):only("drop", "break")

play("rise", "a5*16"):on "noise":only "break":gain(saw(16):range(0, 0.25)):highpass(saw(16):range(400, 6000))
