-- index - which clients have an entry in a register, and until when
--
-- KEYS  1 the index: a sorted set, client by its end
-- ARGV  1 client  2 until; -1 for ever, 0 takes it off  3 how many clients
--       there may be, 0 is no limit
-- Answer: clients over that number, those that would end first; they are off
-- the index now, and the caller lifts them.
local MOST = 30 -- in one answer
local index, client, ends, most = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])

if type(redis.pcall('ZCARD', index)) ~= 'number' then
	redis.call('DEL', index) -- somebody else's value
end
if ends == '0' then
	redis.call('ZREM', index, client)
	return {}
end
redis.call('ZADD', index, ends == '-1' and 'inf' or ends, client)
local time = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', index, '-inf', time)

local over, off = redis.call('ZCARD', index) - most, {}
if most > 0 and over > 0 then
	off = redis.call('ZRANGE', index, 0, math.min(over, MOST) - 1)
	redis.call('ZREM', index, unpack(off))
end

-- It lasts as long as its last entry.
local last = redis.call('ZRANGE', index, -1, -1, 'WITHSCORES')[2]
if last == 'inf' then
	redis.call('PERSIST', index)
elseif last then
	redis.call('EXPIRE', index, string.format('%d',
		math.max(1, last - time)))
end
return off
