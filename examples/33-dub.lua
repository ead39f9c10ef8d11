-- 33. Dub.
-- You hear: a one-drop beat, a bass that does the singing, a guitar on the off-beats, and a desk
-- at which somebody throws a snare or a chord into the echo, and takes the rest away.
-- Change: `delayfeedback(0.75)` to `delayfeedback(0.9)`; then `only` and `except`, which are the dub itself.
-- Break: `only("song")` to `only(song)`. Lilt says: unknown name `song`

tempo(74)
key "A minor"
form "riddim@4 song@8 dub@4 song@8 dub@8"

play("kick",  drums("~ ~ bd ~"):decay(1.3):tone(0.35)):gain(1)
play("snare", drums "~ ~ [rs, sd] <~ ~ ~ [~ rs]>"):gain(0.6):delay("<0!3 .7>"):delaytime(3/4):delayfeedback(0.65)
play("hats",  drums("[hh ~ hh]*4"):tone(0.6)):gain("0.7 0.4 0.65 0.5"):pan(0.3):except "dub"
play("spice", drums "<~ [~ ~ ~ cb] ~ [~ [~ ~ rs] ~ ~]>"):gain(0.35):pan(-0.5):delay(0.8):delayfeedback(0.7)

play("bass", "<[a1 ~ c2 e2 ~ e2 d2 c2] [a1 ~ ~ a1 g1 ~ a1 ~] [d2 ~ f2 a2 ~ a2 g2 f2] [e2 ~ ~ e2 d2 c2 b1 ~]>")
  :on(synth("bass", { cutoff = 320, fenv = 0.5, release = 0.12 })):gain(0.75):lowpass(900)

play("skank", chords("<Am Am Dm Em>"):voicing():struct("~ x ~ x ~ x ~ x"):legato(0.35))
  :on(synth("organ", { click = 0.8 })):gain(0.5):highpass(400):pan(-0.2):except "dub"

play("bubble", chords("<Am Am Dm Em>"):voicing():octave(-1):struct("~ [x x] ~ [x ~]"):legato(0.4))
  :on(synth "keys"):gain(0.35):pan(0.25):except "dub"

play("throw", chords("<Am7 ~ Dm7 ~>"):voicing():struct("~ ~ ~ [~ x]"):legato(0.5))
  :on(synth "organ"):gain(0.34):delay(0.9):delaytime(3/4):delayfeedback(0.75):phaser(0.7):only "dub"

play("melodica", "<[e5@2 d5 c5 a4@3 ~] ~ [f5@2 e5 d5 a4@3 ~] [g4 a4 b4 d5 e5@3 ~]>")
  :on(synth("square", { pw = 0.3, attack = 0.04, cutoff = 2200, vibrato = 18 }))
  :gain(0.24):delay(0.35):delaytime(3/2):reverb(0.4):only("song")

play("siren", "<~ ~ ~ [e5 b5]*4>"):on(synth("sine", { glide = 0.12 })):gain(0.1)
  :delay(0.9):delayfeedback(0.8):only "dub"
