-- version - what would change if the lists did
--
-- KEYS  1 version  2 and so on: the lists
-- Answer: "VERSION LENGTH LENGTH ..."; somebody with redis-cli changes the
-- lengths at least. What is no list has none.
local function shown(n)
	return type(n) == 'table' and '-' or tostring(n or 0)
end

local words = { shown(redis.pcall('GET', KEYS[1])) }
for i = 2, #KEYS do
	words[i] = shown(redis.pcall('HLEN', KEYS[i]))
end
return table.concat(words, ' ')
