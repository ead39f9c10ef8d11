-- 42. A duet with your hand.
-- You see: what you draw in the window with the mouse, a pen or a finger, as a wheel
-- of six. It plays as a melody, left early and right late, high where you drew high.
-- Delete wipes it. Until you draw, a spiral stands in.
-- Change: `ring = 6` to `ring = 3`; then the scale of the melody.
-- Break: `drawn()` to `draw()`. Lilt says: `draw` expects the slot's name
-- first, as in "lead", got nothing

tempo(100)
show "stage"

local hand = drawn()
if #hand == 0 then hand = spiral { x = 0.5, y = 0.5, radius = 0.3, turns = 2 } end

draw("hand", hand, { over = 4, ring = 6, hue = saw(16), glow = 0.3, blend = "add", fade = 2 })
draw("frame", circle { radius = 0.46, width = 0.002 }, { over = 0, colour = "dusk", opacity = 0.4 })

play("melody", map(hand, { beats = 8, step = 1/2, scale = "C minor pentatonic" })):on(synth "pluck"):reverb(0.4)
play("pad", "<[c2,g2] [ab1,eb2]>"):on(synth "pad"):gain(0.4)
play("pulse", drums "bd ~ ~ rs, hh*4"):gain(0.5)
