-- 36. A reel.
-- You hear: a reel as it is played in a kitchen: first part twice, second part twice, and from the
-- top; a guitar that strums the off-beats, a frame drum, a drone; and the second part tempts a
-- second player into thirds. The tune is written as fiddlers write it, in ABC, chords and all:
-- a letter is a note, c is the octave above C, a number makes it longer, a slash shorter. A file
-- of such tunes is read by `read "tunes/nine-lamps.abc"`, and one of MIDI by `read "song.mid"`.
-- Change: `K:Edor` to `K:Em`, and it darkens; then any letter; then tempo to 126.
-- Break: `reel:key()` to `reel:keys()`. Lilt says: a clip has no `keys`

tempo(108)

local reel = abc [[
X:1
T:The kettle on the hob
M:4/4
L:1/8
K:Edor
|: "Em"EBBA BEBA | EBBc edcB | "D"DAAG ADAG | DEFG ABcd |
   "Em"edeB cBAB | EBBc efge | "D"fedB cAFG | "Em"AFGD E2 z2 :|
|: "Em"efge bgeg | "D"fedf afdf | "Em"efge bgeg | "Bm"fdcA B2 A/B/c |
   "Em"efge bgeg | "D"fedf afdf | "G"bagf edcB | "Em"AFGD E2 z2 :|
]]
key(reel:key())

-- A roll: a note that is held tempts the finger.
local function above(music) return music:scaleTranspose(1):late(1/32):legato(0.3):gain(0.5) end
local function roll(music) return music:superimpose(above) end

play("fiddle", reel:swingBy(0.12, 4):sometimesBy(0.12, roll))
  :on(synth("string", { attack = 0.02, release = 0.06, vibrato = 10 }))
  :gain("0.62 0.45 0.52 0.45"):reverb(0.2):pan(-0.15)
play("second", reel:swingBy(0.12, 4):scaleTranspose(2):mask("<0!16 1!16>"))
  :on(synth "pluck"):gain(0.34):pan(0.4)

play("guitar", reel:chords():struct("~ x ~ x ~ x ~ [x x]"):strum(1/32):legato(0.6))
  :on(synth "pluck"):gain(0.36):pan(0.2)
play("bass", notes("<[e2!2 d2!2 e2!2 d2 e2]!2 [e2 d2 e2 b1 e2 d2 g2 e2]!2>/8"):ply(2))
  :on(synth "bass"):gain(0.4):lowpass(900)

play("drone", "[e2,b2]"):on(synth "organ"):gain(0.14):lowpass(900)
play("bodhran", drums("[lt ~ [mt mt] mt]*2"):velocity("0.9 0.5 0.7 0.4"):tone(0.3)):gain(0.8)
play("foot", drums "bd*4"):gain(0.25):tone(0.2)
