-- greylist - has this identity waited with this sender and recipient?
--
-- KEYS  1  grey:{IDENTITY}...   "first=T last=T tries=N passed=T"
--       2  known:{IDENTITY}     "passes=N since=T last=T"
--       3  fresh:{IDENTITY}     "count=N since=T": new records of this hour
-- ARGV  1  what time the caller thinks it is
--       2  delay                5  known_after    8  1: dry, write nothing
--       3  retry_window         6  known_memory
--       4  memory               7  fresh_limit
-- Answer: { state, wait, tries, passes, replaced }: 1 new, 2 early, 3 passed,
-- 4 known, 5 capped; seconds still to wait; tries of this record; passes of
-- the identity; 1 when something strange stood under the key.
--
-- Times are Unix seconds of this server, passed=0 is "not yet". Strings and
-- not hashes: one MGET reads all three, and that is all there is to do for
-- those who may pass anyway, which is most mail. Only who is not seen yet in
-- this hour needs the exact time and a write; the caller's clock is good
-- enough to see that. Were it wrong by more than an hour, we would look at
-- ours each time; by less, and a record is refreshed that much later.
local HOUR = 3600
local NEW, EARLY, PASSED, KNOWN, CAPPED = 1, 2, 3, 4, 5

local hint, delay = tonumber(ARGV[1]), tonumber(ARGV[2])
local window, memory = tonumber(ARGV[3]), tonumber(ARGV[4])
local known_after, known_memory = tonumber(ARGV[5]), tonumber(ARGV[6])
local fresh_limit, dry = tonumber(ARGV[7]), ARGV[8] == '1'

-- What an administrator put there by hand and we cannot read is not there.
local function read(text, form)
	local a, b, c, d = string.match(text or '', form)
	return tonumber(a), tonumber(b), tonumber(c), tonumber(d)
end

-- Once an hour is enough, unless the record would be gone by then.
local function seen_lately(last, now, keep)
	return math.abs(now - last) < math.min(HOUR, keep / 2)
end

-- A write that fails (no memory, no disk) must not cost the verdict of those
-- who pass: the error comes back as a value. Without one, nil does.
local function write(key, value, ...)
	local reply = not dry and redis.pcall('SET', key, value, ...)
	return type(reply) == 'table' and reply.err and reply or nil
end

local stored = redis.call('MGET', KEYS[1], KEYS[2], KEYS[3])
local passes, since, seen = read(stored[2],
	'^passes=(%d+) since=(%d+) last=(%d+)$')
local first, last, tries, passed = read(stored[1],
	'^first=(%d+) last=(%d+) tries=(%d+) passed=(%d+)$')
local replaced = stored[1] and not first and 1 or 0

local function is_known()
	return known_after > 0 and passes and passes >= known_after
end

if is_known() then
	if seen_lately(seen, hint, known_memory) then
		return { KNOWN, 0, 0, passes, 0 }
	end
elseif first and passed > 0 and seen_lately(last, hint, memory) then
	return { PASSED, 0, tries, passes or 0, 0 }
end

-- The clock of a server may be set back: what was stored is not younger than
-- now. What claims to be more than an hour younger is not believed.
local now = tonumber(redis.call('TIME')[1])

local function believable(at)
	return at <= now + HOUR
end

if passes and not (believable(seen) and now - seen <= known_memory) then
	passes = nil
end
if first and not (believable(math.max(first, last, passed)) and
	(passed > 0 and now - last <= memory or
	passed == 0 and now - first <= window)) then
	first = nil
end
now = math.max(now, passes and seen or 0, first and first or 0,
	first and last or 0)

-- Counts a pass of the identity, at most one an hour.
local function count_pass()
	if known_after == 0 or
		passes and seen_lately(seen, now, known_memory) then
		return
	end
	since = passes and since or now
	passes = (passes or 0) + 1
	write(KEYS[2], 'passes=' .. passes .. ' since=' .. since ..
		' last=' .. now, 'EX', known_memory)
end

if is_known() then
	count_pass()
	return { KNOWN, 0, 0, passes, 0 }
end

local fresh = not first
if fresh then
	first, tries, passed = now, 0, 0
end
if passed == 0 then
	tries = tries + 1
	if now - first >= delay then
		passed = now
	end
end
local record = 'first=' .. first .. ' last=' .. now .. ' tries=' .. tries ..
	' passed=' .. passed

if passed > 0 then
	write(KEYS[1], record, 'EX', memory)
	count_pass()
	return { PASSED, 0, tries, passes or 0, replaced }
end

-- Back too early: the clock that counts is not restarted, so neither the
-- wait nor the window gets any longer.
if not fresh then
	write(KEYS[1], record, 'KEEPTTL')
	return { EARLY, delay - (now - first), tries, passes or 0, replaced }
end

local count, hour = read(stored[3], '^count=(%d+) since=(%d+)$')
if not count or math.abs(now - hour) >= HOUR then
	count, hour = 0, now
end
if fresh_limit > 0 and count >= fresh_limit then
	return { CAPPED, delay, 0, passes or 0, replaced }
end

-- MGET shows nothing where there is no string. With GET, SET does not write
-- over what is none: somebody should hear of that before it makes room.
local failed = write(KEYS[1], record, 'EX', window, 'GET')
if failed and string.find(failed.err, 'WRONGTYPE', 1, true) then
	redis.log(redis.LOG_WARNING, 'policyd replaced what is no string: ' ..
		KEYS[1])
	replaced = 1
	failed = write(KEYS[1], record, 'EX', window)
end
-- A stranger whose coming cannot be written down would never be let in.
if failed then
	return failed
end
if fresh_limit > 0 then
	write(KEYS[3], 'count=' .. count + 1 .. ' since=' .. hour, 'EX',
		hour + HOUR - now)
end
return { NEW, delay, tries, passes or 0, replaced }
