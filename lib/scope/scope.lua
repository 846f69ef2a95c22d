-- scope - what is set for a domain and a mailbox
--
-- KEYS  1 settings of the domain  2 its deny list
--       3 settings of the mailbox  4 its deny list; or one of the two alone
-- ARGV  1 the address  2 when it was asked for: the asker reads them in his
--       question when the answer comes
-- Answer: 0 when there is none of the keys, else for each level
--       1 nil when it has no settings, else a line "OPTION=VALUE" for each
--         field, "?" for what is no hash
--       2 whether it has a deny list, and 2 more when one of its keys ends by
--         itself
--
-- Of too many fields and of too long values there is one byte or line more than
-- may be, so that it is seen. `since` is for people.
local FIELDS, VALUE = 256, 8192
local others = redis.call('EXISTS', unpack(KEYS))
if others == 0 then
	return 0
end

local function line(name, value)
	return string.gsub(string.sub(name, 1, 64) .. '=' ..
		string.sub(value, 1, VALUE + 1), '%c', ' ')
end

local function settings(key)
	local list, lines = redis.pcall('HGETALL', key), {}
	if list.err then
		return '?'
	elseif not list[1] then
		return false
	end
	for i = 1, #list, 2 do
		if #lines <= FIELDS and list[i] ~= 'since' then
			lines[#lines + 1] = line(list[i], list[i + 1])
		end
	end
	table.sort(lines)
	return table.concat(lines, '\n')
end

local answer = {}
for i = 1, #KEYS, 2 do
	answer[i] = settings(KEYS[i])
	answer[i + 1] = answer[i] and redis.call('TTL', KEYS[i]) >= 0 and 2 or 0
	others = others - (answer[i] and 1 or 0)
end
-- Mostly none is left that could be a deny list.
for i = 2, others > 0 and #KEYS or 0, 2 do
	local left = redis.call('TTL', KEYS[i])
	if left ~= -2 then
		answer[i] = left == -1 and answer[i] + 1 or 3
	end
end
return answer
