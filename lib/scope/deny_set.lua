-- deny_set - an entry is put on a deny list, or taken off
--
-- KEYS  1 the list
-- ARGV  1 the entry  2 what it says besides the time: "", "allow", "forced" or
--       "allow forced"; "-" takes it off
-- Answer: 1 when that changed something, else 0
local list, entry, says = KEYS[1], ARGV[1], ARGV[2]

if type(redis.pcall('HLEN', list)) ~= 'number' then
	redis.call('DEL', list) -- somebody else's value
end
if says == '-' then
	return redis.call('HDEL', list, entry)
end
local before = redis.call('HGET', list, entry)
if before and string.match(before, '^%d+ ?(.*)$') == says then
	return 0
end
local now = redis.call('TIME')[1]
redis.call('HSET', list, entry, says == '' and now or now .. ' ' .. says)
return 1
