-- scope_set - options of a domain or mailbox are set and taken away
--
-- KEYS  1 the settings
-- ARGV  1 how many are set; then option, value ...; then those that go
-- Answer: 1 when there was no such key before, else 0, and how many options
--         changed
local key, count = KEYS[1], 2 * ARGV[1]
local fields = redis.pcall('HLEN', key)

if type(fields) ~= 'number' then
	redis.call('DEL', key) -- somebody else's value
	fields = 0
end
if not redis.call('HGET', key, 'since') then
	redis.call('HSET', key, 'since', redis.call('TIME')[1])
end
local changed = 0
for i = 2, count, 2 do
	if redis.call('HGET', key, ARGV[i]) ~= ARGV[i + 1] then
		redis.call('HSET', key, ARGV[i], ARGV[i + 1])
		changed = changed + 1
	end
end
for i = count + 2, #ARGV do
	changed = changed + redis.call('HDEL', key, ARGV[i])
end
return { fields == 0 and 1 or 0, changed }
