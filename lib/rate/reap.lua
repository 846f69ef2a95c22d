-- reap - takes what policyd that died have left in the journal
--
-- KEYS  1 the journal (lib/rate/journal.h)
--       2 what was taken, for who lives and finds that he comes too late
-- ARGV  1 Unix seconds of this server
-- Answer: of each page " CHARGED KEY SECONDS AMOUNT KEY SECONDS AMOUNT ...;", to
--         be given back by who asked: should he die, too, it counts for its
--         window. Of MOST pages; who gets some asks again. What cannot be read,
--         or ends later than any lease, is thrown away. Who lives has GRACE
--         seconds to strike out what was over for him.
local journal, taken, now = KEYS[1], KEYS[2], tonumber(ARGV[1])
local MOST, LONGEST, GRACE = 100, 100000, 5
local TAKEN = 10000 -- pages that are kept, some 3 KB each at most
local pages = redis.pcall('HGETALL', journal)

if pages.err then
	redis.log(redis.LOG_WARNING, 'policyd replaces what is no journal: ' ..
		journal)
	redis.call('DEL', journal)
	return ''
end

local function keep(names_and_pages)
	local count = redis.pcall('HLEN', taken)

	if type(count) ~= 'number' or count > TAKEN then
		redis.call('DEL', taken)
	end
	redis.call('HSET', taken, unpack(names_and_pages))
	redis.call('EXPIRE', taken, ('%d'):format(LONGEST))
end

local left, gone, kept = '', {}, {}
for i = 1, #pages, 2 do
	local ends, what = pages[i + 1]:match('^(%d+)( .*)$')
	ends = tonumber(ends)
	if #gone == MOST then
		break
	elseif not ends or ends - now > LONGEST then
		gone[#gone + 1] = pages[i]
	elseif ends + GRACE <= now then
		gone[#gone + 1], left = pages[i], left .. what .. ';'
		kept[#kept + 1], kept[#kept + 2] = pages[i], pages[i + 1]
	end
end
if kept[1] then
	keep(kept)
end
if gone[1] then
	redis.call('HDEL', journal, unpack(gone))
end
redis.call('EXPIRE', journal, ('%d'):format(LONGEST))
return left
