-- nodes: which policyd are alive; each says so from time to time
-- KEYS[1] policyd:nodes   ARGV[1] HOST/PID   ARGV[2] for how many seconds
-- (0: it is not any more)
-- Answers how many there are.
local now = tonumber(redis.call('TIME')[1])
if redis.call('TYPE', KEYS[1]).ok ~= 'zset' then
	redis.call('DEL', KEYS[1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if tonumber(ARGV[2]) > 0 then
	redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
	redis.call('EXPIRE', KEYS[1], ARGV[2])
else
	redis.call('ZREM', KEYS[1], ARGV[1])
end
return redis.call('ZCARD', KEYS[1])
