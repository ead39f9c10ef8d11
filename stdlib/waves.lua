-- Waves: numbers from 0 to 1 that move with the beat. Each makes a function of the beat,
-- which can stand wherever one may: in a control, in the place of a morph.

local waves = {}

local function length(what, beats)
    if type(beats) ~= "number" or not (beats > 0) then
        error("`" .. what .. "` expects a number of beats above 0, got " .. tostring(beats), 3)
    end
    return beats
end

--- sine(beats)
--- From 0 softly up to 1 and down again, once in so many beats.
--- @param beats how long one wave takes
--- @example play("pad", "c4"):on("pad"):gain(sine(16))
function waves.sine(beats)
    length("sine", beats)
    return function(beat) return 0.5 - 0.5 * math.cos(2 * math.pi * beat / beats) end
end

--- triangle(beats)
--- From 0 straight up to 1 and down again, once in so many beats.
--- @param beats how long one wave takes
--- @example play("bell", "c5*8"):on("bell"):pan(triangle(8))
function waves.triangle(beats)
    length("triangle", beats)
    return function(beat) return 1 - math.abs(1 - 2 * (beat / beats % 1)) end
end

--- saw(beats)
--- From 0 straight up to 1, then from 0 again, once in so many beats.
--- @param beats how long one wave takes
--- @example play("hats", drums "hh*16"):gain(saw(4))
function waves.saw(beats)
    length("saw", beats)
    return function(beat) return beat / beats % 1 end
end

return waves
