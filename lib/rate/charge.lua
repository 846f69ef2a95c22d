-- charge - what rate.lua does to charge when all is as it mostly is, of more
--          meters than plain commands are asked of (lib/rate/plain.h)
--
-- KEYS  the meters, as there; each has been sent to in this step
-- ARGV  1 "open:END"  2 of each meter "AMOUNT WARN", `current` must stay below
-- Answer: 1 when it is charged; else 0, and rate.lua has to look at it.
local keys, field, try, at = KEYS, ARGV[1], redis.pcall, 1
local amount, warn

local function take_off(key, name)
	if try('HINCRBY', key, name, '-' .. amount) == 0 then
		redis.call('HDEL', key, name)
	end
end

for i = 1, #keys do
	amount, warn, at = ARGV[2]:match('^(%d+) (%d+) ?()', at)
	local current = try('HINCRBY', keys[i], 'current', amount)
	local open = type(current) == 'number' and current < warn + 0 and
		current > amount + 0 and try('HINCRBY', keys[i], field, amount)
	if type(open) ~= 'number' then
		if type(current) == 'number' then
			take_off(keys[i], 'current')
		end
		at = 1
		for j = 1, i - 1 do
			amount, at = ARGV[2]:match('^(%d+) %d+ ?()', at)
			take_off(keys[j], 'current')
			take_off(keys[j], field)
		end
		return 0
	end
end
return 1
