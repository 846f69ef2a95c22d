-- client - is anything known about this client?
--
-- KEYS  1 the client's mark: who has none is in no register
-- ARGV  1 the recipient's domain as it stands in fields, "" when unknown
--       2 the service whose abuse register it is; none when they are together
-- Answer: 0 when nothing is, else
--       1 banned until (-1: for ever)  2 since  3 level  4 reason  5 by
--       6 listed for abuse until  7 failures  8 last failure
--       9 listed for spam until  10 reporters
--
-- Nearly all clients have no mark, and cost one EXISTS: among a million keys
-- each that is not there makes Redis wait for memory three times. Each key of
-- the call costs as much again, so those of the registers are made here, and
-- only when they are read; they have the mark's tag and are where it is.
--
-- Where an `until` is 0 there is none, or it is over, or nobody can read what
-- stands there.
if redis.call('EXISTS', KEYS[1]) == 0 then
	return 0
end
local now = tonumber(redis.call('TIME')[1])
local prefix, tag = string.match(KEYS[1], '^(.*)client:({.*})$')

local function key(register)
	return prefix .. register .. ':' .. tag
end

local function number(text)
	return type(text) == 'string' and #text <= 12 and
		string.match(text, '^%d+$') and tonumber(text) or 0
end

local function text(value)
	return type(value) == 'string' and value or ''
end

-- An end that has not come.
local function ending(value)
	if value == 'permanent' then
		return -1
	end
	local ends = number(value)
	return ends > now and ends or 0
end

-- pcall: what is of another type is not there, fields of an error are nil.
local ban = redis.pcall('HMGET', key('ban'), 'until', 'since', 'level',
	'reason', 'by')
local abuse = redis.pcall('HMGET',
	key('abuse') .. (ARGV[2] and ':' .. ARGV[2] or ''), 'until', 'failures',
	'last')
local spam = redis.pcall('HGETALL', key('spam'))

local listed, reporters = 0, 0
for i = 1, #spam, 2 do
	if string.find(spam[i], '@', 1, true) then
		reporters = reporters + 1
	elseif spam[i] == 'until' or
		ARGV[1] ~= '' and spam[i] == 'until:' .. ARGV[1] then
		listed = math.max(listed, ending(spam[i + 1]))
	end
end
return { ending(ban[1]), number(ban[2]), number(ban[3]), text(ban[4]),
	text(ban[5]), ending(abuse[1]), number(abuse[2]), number(abuse[3]),
	listed, reporters }
