-- 30. House.
-- You hear: four to the floor with a swing in the hats, a bass that talks back to the kick, an
-- organ off the beat, strings that come with the second half, and a voice that sings "ah".
-- Change: `"<Fm9 Fm9 Dbmaj7 Eb6>"` to `"<Fm9 Bbm7 Dbmaj7 C7>"`; then the `1/5` of both swings to `1/3`.
-- Break: `synth "organ"` to `synth "orgon"`. Lilt says: there is no instrument `orgon`

tempo(122)
key "F minor"
form "in@4 floor@8 song@8 breath@4 song@8"

local changes = "<Fm9 Fm9 Dbmaj7 Eb6>"

play("kick",  drums("bd*4"):click(0.6)):except "breath":gain(0.85)
play("clap",  sound "~ 909cp ~ 909cp, ~ ~ ~ <~ ~ ~ [~ ~ ~ cp:1]>"):gain(0.5):reverb(0.2):except "in"
play("hats",  sound("[~ 909oh]*4, 909hh*16"):swingBy(1/5, 8)):gain("0.7 0.45 0.85 0.45"):pan(0.15)
play("shake", sound("sh(<7 9>,16,<0 3>)"):swingBy(1/5, 8)):gain(0.25):pan(-0.4):only("floor", "song")

play("bass", "<[~ f1 ~ f1 ~ [~ ab1] f1 eb1] [~ f1 ~ f1 ~ c2 [~ bb1] ab1] "
          .. "[~ db2 ~ db2 ~ [~ ab1] db2 c2] [~ eb2 ~ eb2 ~ bb1 [~ eb2] e2]>")
  :on(synth("bass", { cutoff = 700, fenv = 1.4 })):gain(0.6):except "breath"

play("organ", chords(changes):voicing():struct "~ x ~ [x ~ ~ x] ~ x [~ x] ~")
  :on(synth "organ"):gain(0.42):reverb(0.15):chorus(0.2):duck("kick", { depth = 0.5 }):except "in"

play("strings", chords(changes):voicing():octave(1))
  :on(synth("string", { attack = 0.4, release = 0.8 })):gain(0.2):pan(-0.2):reverb(0.4)
  :duck "kick":only("song", "breath")

play("voice", "<[c5@3 bb4] [ab4@3 ~] [ab4 bb4 c5@2] [bb4@2 ~ g4]>")
  :on(synth("voice", { attack = 0.08, vibrato = 20 })):vowel("<1 1 4 [1 5]>")
  :gain(0.3):delay(0.3):delaytime(3/4):reverb(0.35):only "song"

play("keys", degrees("<[~ 4 ~ 6 7 ~ 4 ~] [~ 2 4 ~ 6 ~ [4 2] ~]>"):octave(1):degradeBy(0.2))
  :on(synth "keys"):gain(0.25):pan(0.35):delay(0.25):only("floor", "song")
