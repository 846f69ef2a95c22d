-- probe - proves that a server reads and writes
--
-- KEYS[1] a scratch key, ARGV[1] how many seconds it lives
redis.call('SET', KEYS[1], 'policyd', 'EX', ARGV[1])
return redis.call('GET', KEYS[1])
