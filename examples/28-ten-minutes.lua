-- 28. Ten minutes.
-- You hear: a whole set that needs nobody: it wakes slowly, finds a beat, sings, breaks off, runs
-- with everything it has, and goes home. 296 bars, ten minutes, one text. On stage you play
-- it faster than its form: take slots away, bring them back, let a part go on.
-- Change: `wake@32` to `wake@2`, to hear soon what comes; then the order of the parts.
-- Break: `only "peak"` to `only "peek"`. Lilt says: the form has no part `peek`

tempo(line(112, 124, 592))
key "D dorian"
seed(28)

form("wake@32 walk@48 sing@56 still@24 run@64 peak@40 home@32", { fade = 2, ending = "stop" })

local function up(music) return music:octave(1) end
local function double(music) return music:ply(2) end

local slow  = "<Dm9 G7 Am7 Cmaj7>/2"
local quick = "<Dm9 Fmaj7 G7 Am7>"
local theme = degrees "<[4@3 2] [0 2 4 ~] [6@2 5 4] [3@3 ~] [4@3 6] [7 6 4 ~] [5 4 3 1] [0@3 ~]>"

play("pad", parts {
  wake = chords(slow):voicing(), walk = chords(slow):voicing(), sing = chords(quick):voicing(),
  still = chords(slow):voicing():octave(1), run = chords(quick):voicing(), peak = chords(quick):voicing(),
  home = chords(slow):voicing(),
}):on(synth("pad", { attack = 0.6, release = 1.2 })):gain(0.45)
  :lowpass(sine(128):range(500, 4500)):reverb(0.5):width(1.5)

play("stars", (degrees("0*8") + irand(10)):degradeBy(tri(256):range(0.9, 0.3)))
  :on(synth "bell"):gain(0.22):octave(1):pan(perlin(4):range(-0.8, 0.8)):delay(0.4):reverb(0.5)

play("theme", theme:sometimesBy("<0!32 0.2!32>", up)):on(synth("lead", { cutoff = 2600 }))
  :gain(0.34):delay(0.3):delaytime(3/4):reverb(0.3):only("sing", "peak")
play("echo", theme:late(1/2):octave(-1)):on(synth "pluck"):gain(0.36):pan(0.4):only("sing", "still")

play("riff", degrees("0 [~ 4] 2 [~ 3] 0 [~ 6] 4 2"):every(4, double):iter("<1 1 1 4>"))
  :on(synth("acid", { cutoff = tri(128):range(300, 2600), resonance = 0.65, fenv = 2, fdecay = 0.15 }))
  :gain(0.4):octave(-2):delay(0.1):only("run", "peak")
play("bass", "<[d2 ~ d2 a1] [d2 ~ c2 d2] [g1 ~ g1 b1] [a1 ~ e2 c2]>")
  :on(synth "bass"):gain(0.75):except("wake", "still")

local walking, running = drums "bd ~ [~ bd] ~", drums "bd*4"
play("kick", parts { walk = walking, sing = walking, run = running, peak = running, home = drums "bd" }):gain(0.8)
play("snare", drums "~ sd ~ <sd sd sd [sd [~ sd]]>"):gain(0.6):reverb(0.15):only("sing", "run", "peak")
play("claps", drums "~ cp ~ [cp | [cp ~ ~ cp]]"):gain(0.5):reverb(0.25):only "peak"
play("hats",  drums("hh*16"):degradeBy("<0.5!32 0.1!32>")):gain("0.5 0.25 0.4 0.25")
  :pan(sine(6):range(-0.3, 0.3)):except("wake", "still")
play("open",  drums "[~ oh]*4"):gain(0.5):only("run", "peak")
play("toms",  drums("lt(5,16), ht(3,16,4)"):lastOf(8, double)):gain(0.4):pan(-0.3):only("walk", "run")
play("fall",  drums "<cr ~!7>"):gain(0.5):reverb(0.4):only("run", "peak")

local drawing = require "drawing"
draw("sun", drawing.spiral { radius = 0.35, turns = 9 })
