-- scope_delete - a domain or mailbox goes, with its deny list
--
-- KEYS  1 its settings  2 its deny list
-- Answer: 1 when it had settings, else 0
redis.call('DEL', KEYS[2])
return redis.call('DEL', KEYS[1])
