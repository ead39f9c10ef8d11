-- 36. A reel.
-- You hear: a reel as it is played in a kitchen: first part twice, second part twice, and from the
-- top; a guitar that strums the off-beats, a frame drum, a drone; and the second time through
-- the second fiddle cannot keep still any longer.
-- Change: `"E dorian"` to `"A dorian"`, and all of them follow; then tempo to 126.
-- Break: `local B = ` to `local b = `. Lilt says: unknown name `B`

tempo(108)
key "E dorian"

-- Steps of the scale, eight to the bar: 0 is the tonic.
local A = "[0 4 4 3 4 0 4 3] [0 4 4 5 7 6 5 4] [-1 3 3 2 3 -1 3 2] [-1 0 1 2 3 4 5 6] "
       .. "[7 6 7 4 5 4 3 4] [0 4 4 5 7 8 9 7] [8 7 6 4 5 3 1 2] [3 1 2 -1 0@2 ~@2]"
local B = "[7 8 9 7 11 9 7 9] [8 7 6 8 10 8 6 8] [7 8 9 7 11 9 7 9] [8 6 5 3 4@2 [3 4] 5] "
       .. "[7 8 9 7 11 9 7 9] [8 7 6 8 10 8 6 8] [11 10 9 8 7 6 5 4] [3 1 2 -1 0@2 ~@2]"
local tune = degrees("<" .. A .. A .. B .. B .. ">")

-- A roll: a note that is held tempts the finger.
local function above(music) return music:scaleTranspose(1):late(1/32):legato(0.3):gain(0.5) end
local function roll(music) return music:superimpose(above) end

play("fiddle", tune:swingBy(0.12, 4):sometimesBy(0.12, roll))
  :on(synth("string", { attack = 0.02, release = 0.06, vibrato = 10 }))
  :gain("0.62 0.45 0.52 0.45"):reverb(0.2):pan(-0.15)

play("second", tune:swingBy(0.12, 4):scaleTranspose(2):mask("<0!16 1!16>"))
  :on(synth "pluck"):gain(0.34):pan(0.4)

local changes = "<Em Em D D Em Em D Em Em Em D D Em Em D Em Em D Em Bm Em D G Em Em D Em Bm Em D G Em>"

play("guitar", chords(changes):voicing():struct("~ x ~ x ~ x ~ [x x]"):strum(1/32):legato(0.6))
  :on(synth "pluck"):gain(0.36):pan(0.2):octave(-1)
play("bass", notes("<[e2!2 d2!2 e2!2 d2 e2]!2 [e2 d2 e2 b1 e2 d2 g2 e2]!2>/8"):ply(2))
  :on(synth "bass"):gain(0.4):lowpass(900)
play("drone", "[e2,b2]"):on(synth "organ"):gain(0.14):lowpass(900)
play("bodhran", drums("[lt ~ [mt mt] mt]*2"):velocity("0.9 0.5 0.7 0.4"):tone(0.3)):gain(0.8)
play("foot", drums "bd*4"):gain(0.25):tone(0.2)
