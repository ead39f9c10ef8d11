-- Waiting for a cue: a round stands still until it is given, and goes on from there.

local yield = coroutine.yield

return function(follow)
    return function(name)
        while not follow(name) do
            yield()
        end
    end
end
