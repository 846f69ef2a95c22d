-- sizes - how many entries of an index have not ended
--
-- KEYS  an index: zset CLIENT -> until
-- Answer: a number. Permanent entries are beyond all numbers.
local next = redis.call('TIME')[1] + 1
return redis.call('ZCOUNT', KEYS[1], string.format('%d', next), '+inf')
