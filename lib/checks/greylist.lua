-- greylist - has this identity waited with this sender and recipient?
--
-- KEYS  1  grey:{IDENTITY}...   "first=T last=T tries=N passed=0" while it
--                               waits, then "last=T first=T tries=N passed=T"
--       2  known:{IDENTITY}     "passes=N since=T last=T"
--       3  fresh:{IDENTITY}     "count=N since=T": new records of this hour
-- ARGV  1  "last=FROM last=TO KNOWN_AFTER DRY DELAY RETRY_WINDOW FRESH_LIMIT
--          MEMORY KNOWN_MEMORY"; who was last seen between FROM and TO, of ten
--          digits, is not looked at more closely; DRY is 1 to write nothing
-- Answer: "STATE WAIT TRIES PASSES REPLACED", or the first word of it: new,
-- early, passed, known, capped; seconds still to wait; tries of this record;
-- passes of the identity; 1 when something strange stood under the key.
--
-- Times are Unix seconds of this server. Who has passed may pass again, and
-- that is most mail: one GET, or two for a known identity. Only who was not
-- seen for an hour needs the exact time and a write, and the caller's clock is
-- good enough to see that. Were it wrong by more than an hour, we would look at
-- ours each time; by less, and a record is refreshed that much later.
--
-- What is counted in instructions here is not what one would guess
-- (t/bench/scripts.py): a word more in the call is a third of a GET, a number
-- turned into a text half of one, and so is each piece of a pattern. So all
-- settings are one word, what is a text stays one, and one comparison of texts
-- tells who has passed lately: those records alone begin with "last=".
local settings = ARGV[1]
local from, to = settings, settings:sub(17, 31)

-- pcall: what is no string is an error, and below that is no record.
local record = redis.pcall('GET', KEYS[1])
if record and record.err then
	record = ''
end
if record and record > from and record < to then
	return 'passed'
end

local known = redis.pcall('GET', KEYS[2])
local passes, since, seen
if known and not known.err then
	passes, since, seen = known:match(
		'^passes=(%d+) since=(%d+) last=(%d+)$')
end
local is_known
if passes then
	local after = tonumber(settings:match('^%d+', 33))
	local text = 'last=' .. seen .. ' '
	is_known = after > 0 and tonumber(passes) >= after
	if is_known and text > from and text < to then
		return 'known'
	end
end

-- From here on it takes time.
local dry, delay, window, limit = settings:match(
	'^%d+ (%d) (%d+) (%d+) (%d+)', 33)
local time = redis.call('TIME')[1]

local replaced = '0'
local now, memory, known_memory, first, last, tries, passed

-- What claims to be more than an hour younger than now is not believed, and
-- what an administrator put there by hand and we cannot read is not there.
local HOUR = 3600
if record or passes or delay == '0' then
	now = tonumber(time)
	memory, known_memory = settings:match(
		'^%d+ %d %d+ %d+ %d+ (%d+) (%d+)$', 33)
end
if passes and (seen - now > HOUR or now - seen > tonumber(known_memory)) then
	passes, is_known = nil, false
end
if record then
	first, last, tries, passed = record:match(
		'^first=(%d+) last=(%d+) tries=(%d+) passed=(%d+)$')
	if not first then
		last, first, tries, passed = record:match(
			'^last=(%d+) first=(%d+) tries=(%d+) passed=(%d+)$')
	end
	replaced = first and '0' or '1'
end
if first then
	first, last, passed = tonumber(first), tonumber(last), tonumber(passed)
	if math.max(first, last, passed) - now > HOUR or
		passed > 0 and now - last > tonumber(memory) or
		passed == 0 and now - first > tonumber(window) then
		first = nil
	end
end

-- A stranger. Even functions of our own would cost it as much as a GET.
if not first and not is_known and delay ~= '0' then
	local tail = ' ' .. (passes or '0') .. ' ' .. replaced
	local count, begun = 0, time
	if limit ~= '0' then
		local fresh = redis.pcall('GET', KEYS[3])
		local n, t
		if fresh and not fresh.err then
			n, t = fresh:match('^count=(%d+) since=(%d+)$')
		end
		if n and math.abs(time - t) < HOUR then
			count, begun = tonumber(n), t
		end
		if count > 0 and count >= tonumber(limit) then
			return 'capped ' .. delay .. ' 0' .. tail
		end
	end
	if dry == '1' then
		return 'new ' .. delay .. ' 1' .. tail
	end
	if replaced == '1' then
		redis.log(redis.LOG_WARNING,
			'policyd replaces what is no record: ' .. KEYS[1])
	end
	-- Whose coming cannot be written down would never be let in.
	local written = redis.pcall('SET', KEYS[1], 'first=' .. time ..
		' last=' .. time .. ' tries=1 passed=0', 'EX', window)
	if written.err then
		return written
	end
	if count > 0 then
		redis.pcall('SET', KEYS[3], 'count=' .. count + 1 .. ' since=' ..
			begun, 'KEEPTTL')
	elseif limit ~= '0' then
		redis.pcall('SET', KEYS[3], 'count=1 since=' .. time, 'EX',
			'3600')
	end
	return 'new ' .. delay .. ' 1' .. tail
end

-- A write that fails (no memory, no disk) must not cost the verdict of those
-- who have waited: its error is not looked at.
local function write(...)
	if dry == '0' then
		redis.pcall('SET', ...)
	end
end

-- Counts a pass of the identity, at most one an hour (more only when it would
-- be forgotten within two), and remembers it anew.
local function count_pass()
	if passes then
		now = math.max(now, seen)
		if now - seen < math.min(HOUR, known_memory / 2) then
			return
		end
	end
	since, passes = passes and since or time, (passes or 0) + 1
	write(KEYS[2], string.format('passes=%d since=%s last=%d', passes, since,
		now), 'EX', known_memory)
end

local function answer(state, wait)
	return state .. ' ' .. wait .. ' ' .. tries .. ' ' .. (passes or 0) ..
		' ' .. replaced
end

if is_known then
	count_pass()
	return 'known'
end

-- The clock of a server may be set back: what was stored is not younger than
-- now.
if not first then
	first, last, tries, passed = now, now, 0, 0
end
now = math.max(now, first, last)
if passed == 0 then
	tries = tries + 1
	if now - first >= tonumber(delay) then
		passed = now
	end
end
if passed > 0 then
	write(KEYS[1], string.format('last=%d first=%d tries=%d passed=%d', now,
		first, tries, passed), 'EX', memory)
	if tonumber(settings:match('^%d+', 33)) > 0 then
		count_pass()
	end
	return answer('passed', 0)
end

-- Back too early: the clock that counts is not restarted, so neither the wait
-- nor the window gets any longer.
write(KEYS[1], string.format('first=%d last=%d tries=%d passed=0', first, now,
	tries), 'KEEPTTL')
return answer('early', delay - (now - first))
