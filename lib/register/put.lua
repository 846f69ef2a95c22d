-- put - an entry of a register, as somebody says it is
--
-- KEYS  1 the entry  2 the mark of its client; none for a list
-- ARGV  1 Unix seconds when Redis forgets it, -1 never; then field, value ...
-- Answer: 1 when it was not so before, else 0. Other fields stay. The mark is
-- there afterwards in any case: see register.lua.
local key, mark, ends, same = KEYS[1], KEYS[2], tonumber(ARGV[1]), true
local after = string.format('%d', ends + 1)
if mark and ends < 0 then
	redis.call('SET', mark, '1')
elseif mark and not redis.call('SET', mark, '1', 'NX', 'EXAT', after) then
	redis.call('EXPIREAT', mark, after, 'GT')
end
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
