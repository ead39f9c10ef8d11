-- What `tilt` does to drawings: the part of the ink that lies straight, plain and under a rule that hates straight
-- lines, and how many of them `recognize` still holds for what they are. To see it:
--
--     lilt run models/bench/drawings.lua
--
-- The time of a drawing is that of this script with DRAWINGS more of them, on one thread.

local KINDS, DRAWINGS = { "bird", "bicycle", "house" }, 40
local STRENGTH, PARTICLES, TEMPERATURE = 8, 16, 0.2

local function measure(model, kind)
    local straight, known = 0, 0
    for seed = 1, DRAWINGS do
        local drawn = model:sample { temperature = TEMPERATURE, seed = seed }
        straight += reward.straight(drawn) / DRAWINGS
        local seen = recognize(drawn)
        for place = 1, 5 do
            if seen[place].kind == kind then known += 1 / DRAWINGS end
        end
    end
    return straight, known
end

print(`{DRAWINGS} of each at temperature {TEMPERATURE}; strength {STRENGTH}, {PARTICLES} particles`)
print("kind     | straight ink | tilted | among the five likeliest | tilted")
for _, kind in KINDS do
    local plain = model("sketch", { kind = kind })
    local tilted = plain:tilt(reward.no_straight_lines, { strength = STRENGTH, particles = PARTICLES })
    local ink, known = measure(plain, kind)
    local less, still = measure(tilted, kind)
    print(string.format("%-8s | %.3f | %.3f | %.2f | %.2f", kind, ink, less, known, still))
end
