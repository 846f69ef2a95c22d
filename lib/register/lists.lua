-- lists - all lists as one text
--
-- KEYS  1 version  2 and so on: the lists
-- Answer: a line "VERSION LENGTH LENGTH ...", as version.lua says it, then three
-- of each entry: the number of its list, from 0, its pattern and its record.
--
-- Entries that are over are taken off by whoever sees them. A Redis that lets
-- nothing be written keeps them until the next time; the reader skips them.
--
-- Nobody else is served meanwhile, and lists can be long: what is common is
-- found out without making a string of it.
local now = tonumber(redis.call('TIME')[1])
local lines, size = { '' }, 1

local function over(record)
	if string.find(record, ' until=0 ', 1, true) then
		return false
	end
	local ends = tonumber(string.match(record, 'until=(%d+)'))
	return ends and ends > 0 and ends <= now
end

-- What cannot stand in a line is no entry: no pattern has a blank.
local function fits(pattern, record)
	return string.find(pattern, '^[^%c ]+$') and not string.find(record, '%c')
end

local function shown(n)
	return type(n) == 'table' and '-' or tostring(n or 0)
end

local words = { shown(redis.pcall('GET', KEYS[1])) }
for i = 2, #KEYS do
	local list, number = redis.pcall('HGETALL', KEYS[i]), tostring(i - 2)
	for j = 1, #list, 2 do
		local pattern, record = list[j], list[j + 1]
		if over(record) then
			redis.pcall('HDEL', KEYS[i], pattern)
		elseif fits(pattern, record) then
			lines[size + 1] = number
			lines[size + 2] = pattern
			lines[size + 3] = record
			size = size + 3
		end
	end
	words[i] = shown(redis.pcall('HLEN', KEYS[i]))
end
lines[1] = table.concat(words, ' ')
return table.concat(lines, '\n')
