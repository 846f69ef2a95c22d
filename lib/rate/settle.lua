-- settle - what rate.lua does to settle when all is as it mostly is
--
-- KEYS  meters, as there; each has been sent to in this step
-- ARGV  1 of each meter "SENT OPEN open:END ": so much was sent, so much of
--         that lease is settled
-- Answer: 0, or of those that rate.lua has to look at, as nothing was done to
--         them, the sum of 2 ^ their places; the first place is 0.
local try, line, strange, at = redis.pcall, ARGV[1], 0, 1

local function take_off(key, name, n)
	if try('HINCRBY', key, name, n) == 0 then
		redis.call('HDEL', key, name)
	end
end

for i = 1, #KEYS do
	local key, used, current = KEYS[i], 0, false
	local sent, open, lease
	sent, open, lease, at = line:match('^(%d+) (%d+) (%S+) ()', at)
	if sent ~= open then
		used = try('HINCRBY', key, 'used', ('%d'):format(sent - open))
	end
	if sent ~= '0' then
		current = try('HINCRBY', key, 'current', sent)
	end
	local left = try('HINCRBY', key, lease, '-' .. open)

	-- None can be as small, where somebody has sent before; nor is what is
	-- no meter a number.
	if type(left) ~= 'number' or left < 0 or type(used) ~= 'number' or
		used < 0 or current and (type(current) ~= 'number' or
		current <= sent + 0) then
		strange = strange + 2 ^ (i - 1)
		if type(left) == 'number' then
			take_off(key, lease, open)
		end
		if type(current) == 'number' then
			take_off(key, 'current', '-' .. sent)
		end
		if sent ~= open and type(used) == 'number' then
			take_off(key, 'used', ('%d'):format(open - sent))
		end
	end
end
return strange
