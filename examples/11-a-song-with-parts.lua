-- 11. A song with parts.
-- You hear: a whole song in thirty-two bars: it begins with chords alone, tells two verses and
-- a chorus twice, goes quiet, and ends. The first line is its form, and each slot says
-- where in it it plays.
-- Change: `verse@8 chorus@8` to `verse@4 chorus@8`; then let the bass play in the intro too.
-- Break: `except("intro", ` to `except("intor", `. Lilt says: the form has no part `intor`

tempo(120)
key "G major"

form("intro@4 verse@8 chorus@8 verse@4 chorus@4 outro@4", { fade = 1, ending = "stop" })

local verse  = "<G Em C D>"
local chorus = "<C D Em G>"

play("chords", parts {
  intro  = chords(verse):voicing(),
  verse  = chords(verse):voicing():struct "x ~ [~ x] x",
  chorus = chords(chorus):voicing():struct "x*4",
  outro  = chords("<G C G G>"):voicing(),
}):on(synth "keys"):gain(0.5):reverb(0.25)

play("tune", parts {
  verse  = "<[b4 ~ a4 g4] [g4 a4 b4 ~] [c5 ~ b4 a4] [a4@3 ~]>",
  chorus = "<[e5 [d5 c5]] [d5 [e5 f#5]] [g5@3 e5] [d5@3 b4]>",
}):on(synth "lead"):gain(0.35):pan(0.2):delay(0.15)

play("high", "<c5 d5 e5 d5>*8"):on(synth "pluck"):gain(0.25):pan(-0.4):only "chorus"

play("bass", parts {
  verse  = "<g1 e2 c2 d2>(3,8)",
  chorus = notes("<c2 d2 e2 g1>"):ply(8),
  outro  = "<g1 c2 g1 g1>",
}):on(synth "bass"):gain(0.75)

play("kick",  drums "<[bd ~ ~ bd bd ~ ~ ~] [bd ~ ~ bd ~ bd ~ ~]>"):except("intro", "outro"):gain(0.85)
play("snare", drums "~ sd ~ <sd sd sd [sd [sd sd]]>"):only("verse", "chorus"):gain(0.7):reverb(0.15)
play("hats",  drums "hh*8"):only "chorus":gain(0.5):pan(0.2)
