-- node: what one policyd tells the others and `policyctl status` about itself
-- KEYS[1] policyd:node:{HOST}   ARGV[1] seconds to live, then field=value ...
redis.call('DEL', KEYS[1])
for i = 2, #ARGV do
	redis.call('HSET', KEYS[1], ARGV[i]:match('^(.-)=(.*)$'))
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return #ARGV
