-- put - an entry of a register, as somebody says it is
--
-- KEYS  1 the entry
-- ARGV  1 Unix seconds when Redis forgets it, -1 never; then field, value ...
-- Answer: 1 when it was not so before, else 0. Other fields stay.
local key, ends, same = KEYS[1], tonumber(ARGV[1]), true
local kind = redis.call('TYPE', key).ok
for i = 2, #ARGV, 2 do
	same = same and redis.pcall('HGET', key, ARGV[i]) == ARGV[i + 1]
end
if same then
	return 0
end
if kind ~= 'hash' and kind ~= 'none' then
	redis.call('DEL', key) -- somebody else's value
end
redis.call('HSET', key, unpack(ARGV, 2))
if ends < 0 then
	redis.call('PERSIST', key)
else
	redis.call('EXPIREAT', key, ends)
end
return 1
