-- A set of some 120 lines that uses more than forty verbs: what a keystroke costs late in an evening.

tempo(126)
meter "4/4"
key "D dorian"
seed(11)

local energy = 0.6
local wide = 0.4

-- Drums.

play("kick", drums "bd*4"
  :every(4, fast(2))
  :gain(0.95))

play("snare", drums "~ sd ~ sd"
  :off(3/16, gain(0.4))
  :sometimesBy(0.3, ply(2))
  :reverb(0.15))

play("hats", drums "hh*8"
  :swingBy(1/3, 4)
  :degradeBy(0.15)
  :velocity "0.9 0.4 0.7 0.4"
  :pan(sine(8):range(-wide, wide)))

play("open", drums "oh"
  :euclid("<3 5>", 8, 2)
  :mask "<1 1 1 [0 1]>"
  :gain(0.5))

play("toms", drums "lt mt ht mt"
  :iter(4)
  :chunk(4, hurry(2))
  :rarely(rev)
  :gain(0.6))

play("perc", drums "rs cb"
  :struct "x(5,16)"
  :stut(3, 0.6, 1/16)
  :juxBy(wide, late(1/32)))

play("fill", drums "sd*2 [sd cp]"
  :whenmod(8, 7, linger(1/4))
  :lastOf(8, stutter(2, 1/16))
  :somecyclesBy(0.4, brak())
  :degrade())

-- Bass and chords.

play("bass", degrees "0 ~ [0 4] <7 -3>"
  :octave(-2)
  :euclidLegato(5, 8)
  :add "<0 0 3 -2>"
  :cutoff(perlin(16):range(200, 1800))
  :resonance(0.4)):on "saw"

play("sub", notes "d1"
  :segment(4)
  :mask "1 0 1 [1 0]"
  :legato(0.8)
  :gain(0.8))
  :on "bass"

local harmony = chords "<Dm9 G13 C^7 Am7>"

play("pad", harmony
  :voicing(76)
  :attack(0.4)
  :release(1.2)
  :gain(0.35))
  :on "pad"
  :lowpass(function(beat) return 700 + 1500 * energy * math.sin(beat / 16) end)

play("stabs", harmony
  :struct "~ x ~ <x [x x]>"
  :rolled(1/8)
  :echo(3, 3/16, 0.5)
  :zoom(0, 1/2)
  :pan "-0.3 0.3")
  :on "keys"

play("arp", harmony
  :arp "<up down updown>"
  :fast "<1 2>"
  :transpose(12)
  :often(velocity(0.5))
  :superimpose(early(1/8):pan(0.7)))
  :on "pluck"

-- Lines.

local line = degrees "0 2 <4 6> [7 5]"

play("lead", line
  :inside(2, rev)
  :within(1/2, 1, ply(2))
  :when("<0 0 0 1>", palindrome())
  :scaleTranspose "<0 1 2 1>"
  :humanize(1/64, 0.15))
  :on "lead"
  :delay(0.25)

play("answer", line
  :rot "<0 1 2 3>"
  :outside(4, chunkBack(4, fast(2)))
  :layer(late(1/4), transpose(7))
  :compress(1/4, 1)
  :gain(0.4))
  :on "bell"
  :reverb(0.5)

play("dots", irand(8)
  :segment(16)
  :scale "D dorian"
  :ribbon(3, 2)
  :almostNever(transpose(12))
  :thin(0.6))
  :on "pluck"
  :pan(function(beat) return math.sin(beat / 3) end)

play("phrases", pick("<0 1 0 2>", "d5 ~ a4 ~", "f5*3 e5", "[d5 c5]*2")
  :fix("a4", crush(6))
  :quantize(1/4)
  :undegradeBy(0.8))
  :on "bell"
