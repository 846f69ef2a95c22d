-- deny_list - the entries of a deny list
--
-- KEYS  1 the list
-- ARGV  1 how many are told at most
-- Answer: how many there are, and of each a line "SENDER TAB WHAT STANDS THERE",
--         by name. None is told of a list that is too long to be sorted.
local READ = 10000
local count = redis.pcall('HLEN', KEYS[1])
if type(count) ~= 'number' then
	return { 0, '' }
elseif count > READ then
	return { count, '' }
end

local function clean(text)
	return string.gsub(string.sub(text, 1, 330), '%c', ' ')
end

local list, lines = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #list, 2 do
	lines[#lines + 1] = clean(list[i]) .. '\t' .. clean(list[i + 1])
end
table.sort(lines)
return { count, table.concat(lines, '\n', 1, math.min(#lines, tonumber(ARGV[1]))) }
