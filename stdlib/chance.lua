-- Chance that can be asked again: the same question, the same answer.

local chance = {}

-- A whole number below 2^32 times another, modulo 2^32: the product alone would
-- not fit the 53 bits of a number.
local function times(a, b)
    local high, low = math.floor(a / 65536), a % 65536
    return (high * b % 65536 * 65536 + low * b) % 4294967296
end

--- noise(seed, n)
--- Chance that can be asked again: a number from 0 to 1 for each seed and n, always the same.
--- @param seed a whole number
--- @param n which number of that seed
--- @example print(noise(7, 1), noise(7, 2))
function chance.noise(seed, n)
    -- The finaliser of MurmurHash3 (Appleby 2011), on 32 bits.
    local h = (times(seed % 4294967296, 0x9e3779b1) + times(n % 4294967296, 0x85ebca77) + 1) % 4294967296
    h = times(bit32.bxor(h, bit32.rshift(h, 16)), 0x85ebca6b)
    h = times(bit32.bxor(h, bit32.rshift(h, 13)), 0xc2b2ae35)
    return bit32.bxor(h, bit32.rshift(h, 16)) / 4294967296
end

return chance
