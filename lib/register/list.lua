-- list - an entry is put on a list, or taken off
--
-- KEYS  1 version  2 the list
-- ARGV  1 pattern  2 seconds it holds, 0 has no end; "" takes it off
--       3 by  4 reason
-- Answer: 1 when that changed something (a new record does), else 0.
local time = tonumber(redis.call('TIME')[1])
local version, list, pattern, seconds = KEYS[1], KEYS[2], ARGV[1], ARGV[2]

if type(redis.pcall('HLEN', list)) ~= 'number' then
	redis.call('DEL', list) -- somebody else's value
end
local changed = 1
if seconds == '' then
	changed = redis.call('HDEL', list, pattern)
else
	redis.call('HSET', list, pattern, string.format(
		'since=%d until=%d by=%s reason=%s', time,
		seconds == '0' and 0 or time + seconds, ARGV[3], ARGV[4]))
end
local counted = redis.pcall('INCR', version)
if type(counted) ~= 'number' then
	redis.call('SET', version, string.format('%d', time))
end
return changed
