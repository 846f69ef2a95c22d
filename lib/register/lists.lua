-- lists - all lists as one text
--
-- KEYS  1 version  2 and so on: the lists
-- Answer: a line "VERSION LENGTH LENGTH ...", as version.lua says it, then a
-- line "N PATTERN RECORD" for each entry of list number N, from 0.
--
-- Entries that are over are taken off by whoever sees them. A Redis that lets
-- nothing be written keeps them until the next time; the reader skips them.
local now = tonumber(redis.call('TIME')[1])
local lines = { '' }

local function over(record)
	local ends = string.match(record, 'until=(%d+)')
	return ends and tonumber(ends) > 0 and tonumber(ends) <= now
end

-- What cannot stand in a line is no entry: no pattern has a blank.
local function add(n, pattern, record)
	if not string.find(pattern .. record, '%c') and
		string.find(pattern, '^[^ ]+$') then
		lines[#lines + 1] = n .. ' ' .. pattern .. ' ' .. record
	end
end

local function shown(n)
	return type(n) == 'table' and '-' or tostring(n or 0)
end

local words = { shown(redis.pcall('GET', KEYS[1])) }
for i = 2, #KEYS do
	local list = redis.pcall('HGETALL', KEYS[i])
	for j = 1, #list, 2 do
		if over(list[j + 1]) then
			redis.pcall('HDEL', KEYS[i], list[j])
		else
			add(i - 2, list[j], list[j + 1])
		end
	end
	words[i] = shown(redis.pcall('HLEN', KEYS[i]))
end
lines[1] = table.concat(words, ' ')
return table.concat(lines, '\n')
