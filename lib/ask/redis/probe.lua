-- probe - proves that a server reads and writes, and tells its time
--
-- KEYS[1] a scratch key, ARGV[1] how many seconds it lives; without, it is
-- only read
if ARGV[1] then
	redis.call('SET', KEYS[1], 'policyd', 'EX', ARGV[1])
end
redis.call('GET', KEYS[1])
return redis.call('TIME')
