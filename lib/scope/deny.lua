-- deny - what the deny lists of a recipient have of a sender
--
-- KEYS  1 and so on: the lists, one or two
-- ARGV  1 and so on: the entries that would match, the first one counts most
-- Answer: for each list the number of the entry that it has, 0 for none, and
--         what stands there
local answer = {}
for i = 1, #KEYS do
	local found = redis.pcall('HMGET', KEYS[i], unpack(ARGV))
	answer[2 * i - 1], answer[2 * i] = 0, ''
	for j = 1, #ARGV do
		if found[j] and answer[2 * i - 1] == 0 then
			answer[2 * i - 1] = j
			answer[2 * i] = string.sub(found[j], 1, 100)
		end
	end
end
return answer
