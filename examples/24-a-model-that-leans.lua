-- 24. A model that leans.
-- You hear: two bars that the model wrote, then two bars of the same model when it
-- is told what you like: few leaps, and nothing outside a singer's range. The
-- reward is yours: any function from a clip to a number, larger is better.
-- Change: `strength = 1` to `strength = 3` (0 is the model itself, below 0 it does what you
-- hate), or write a taste of your own. `print` tells how far it had to bend.
-- Write `bake` for `tilt`, and the model learns the taste while the exact tilt plays:
-- a minute or two later it plays so by itself, without trying many pieces side by side.
-- Break: `folk:tilt(taste,` to `folk:tilt(tasty,`. Lilt says: unknown name `tasty`

tempo(104)
key "D dorian"

local folk = model("folk", { kind = "reel" })

-- As many points as there are notes below the middle of the staff.
local function low(clip)
  local count = 0
  for _, note in clip:notes() do
    if note.pitch < 69 then count += 1 end
  end
  return count
end

local taste = reward.calm + 0.5 * low

local plain = folk:sample { bars = 2, seed = 12 }
local calm = folk:tilt(taste, { strength = 1 }):sample { bars = 2, seed = 12 }

print("points without the tilt:", taste(plain), "with it:", taste(calm))

play("plain then calm", plain .. calm):on(synth "pluck"):gain(0.55):reverb(0.2)
play("drone", "d2"):on(synth "pad"):gain(0.4)
play("drums", drums "bd ~ [~ bd] ~, ~ sd, hh*8?"):gain(0.5)
