-- greylist - has this identity waited with this sender and recipient?
--
-- KEYS  1  grey:{IDENTITY}...   "first=T last=T tries=N passed=T"
--       2  known:{IDENTITY}     "passes=N since=T last=T"
--       3  fresh:{IDENTITY}     "count=N since=T": new records of this hour
-- ARGV  1  "NOW KNOWN_AFTER KNOWN_MEMORY DELAY RETRY_WINDOW MEMORY FRESH_LIMIT
--          DRY"; NOW is the caller's, of ten digits, DRY is 1 to write nothing
-- Answer: "STATE WAIT TRIES PASSES REPLACED", or the first word of it: new,
-- early, passed, known, capped; seconds still to wait; tries of this record;
-- passes of the identity; 1 when something strange stood under the key.
--
-- Times are Unix seconds of this server; passed=0 is "not yet". Who has passed
-- may pass again, and that is most mail: one GET, or two for a known identity.
-- Only who was not seen for an hour needs the exact time and a write, and the
-- caller's clock is good enough to see that. Were it wrong by more than an
-- hour, we would look at ours each time; by less, and a record is refreshed
-- that much later.
--
-- What is counted in instructions here is not what one would guess: a word
-- more in the call is a third of a GET, a number turned into a text (or in the
-- answer) two thirds, a pattern as much. So all settings are one word, and
-- what is a text already stays one.
local HOUR = 3600
local settings = ARGV[1]
local hint = string.sub(settings, 1, 10)

-- pcall: what is no string is an error, and below that is no record.
local record = redis.pcall('GET', KEYS[1])
if type(record) ~= 'string' then
	record = record and ''
end
local at = record and
	string.match(record, '^last=(%d+) tries=%d+ passed=[1-9]', 18)
if at and at - hint < HOUR and hint - at < HOUR then
	return 'passed'
end

local known = redis.pcall('GET', KEYS[2])
local passes, since, seen
if type(known) == 'string' then
	passes, since, seen = string.match(known,
		'^passes=(%d+) since=(%d+) last=(%d+)$')
end
local known_after = tonumber(string.match(settings, '^%d+', 12))
local proven = passes and known_after > 0 and tonumber(passes) >= known_after
if proven and seen - hint < HOUR and hint - seen < HOUR then
	return 'known'
end

-- From here on it takes time.
local known_memory, delay, window, memory, limit, dry = string.match(settings,
	'^%d+ %d+ (%d+) (%d+) (%d+) (%d+) (%d+) (%d)$')
local time = redis.call('TIME')[1]
local now = tonumber(time)

-- What claims to be more than an hour younger than now is not believed, and
-- what an administrator put there by hand and we cannot read is not there.
if passes and (seen - now > HOUR or now - seen > tonumber(known_memory)) then
	passes, proven = nil, nil
end
local first, last, tries, passed
if record then
	first, last, tries, passed = string.match(record,
		'^first=(%d+) last=(%d+) tries=(%d+) passed=(%d+)$')
end
local replaced = record and not first and '1' or '0'
if first then
	first, last, passed = tonumber(first), tonumber(last), tonumber(passed)
	if math.max(first, last, passed) - now > HOUR or
		passed > 0 and now - last > tonumber(memory) or
		passed == 0 and now - first > tonumber(window) then
		first = nil
	end
end

-- A stranger. The functions below would cost it as much as a GET each: they
-- are made for those who need them.
if not first and not proven and delay ~= '0' then
	local count, begun = 0, time
	local fresh = limit ~= '0' and redis.pcall('GET', KEYS[3])
	if type(fresh) == 'string' then
		local n, t = string.match(fresh, '^count=(%d+) since=(%d+)$')
		if n and now - t < HOUR and t - now < HOUR then
			count, begun = tonumber(n), t
		end
	end
	local tail = ' ' .. (passes or '0') .. ' ' .. replaced
	if limit ~= '0' and count >= tonumber(limit) then
		return 'capped ' .. delay .. ' 0' .. tail
	end
	if dry == '1' then
		return 'new ' .. delay .. ' 1' .. tail
	end
	if replaced == '1' then
		redis.log(redis.LOG_WARNING,
			'policyd replaces what is no record: ' .. KEYS[1])
	end
	-- One whose coming cannot be written down would never be let in: the
	-- error is the answer, and no reason to put anybody off.
	redis.call('SET', KEYS[1], 'first=' .. time .. ' last=' .. time ..
		' tries=1 passed=0', 'EX', window)
	if count > 0 then
		redis.pcall('SET', KEYS[3], string.format('count=%d since=%s',
			count + 1, begun), 'KEEPTTL')
	elseif limit ~= '0' then
		redis.pcall('SET', KEYS[3], 'count=1 since=' .. time, 'EX',
			'3600')
	end
	return 'new ' .. delay .. ' 1' .. tail
end

-- From here on everybody has a record, or passes. A write that fails (no
-- memory, no disk) must not cost them the verdict.
local function write(...)
	if dry == '0' then
		redis.pcall('SET', ...)
	end
end

-- Counts a pass of the identity, at most one an hour (more only when it would
-- be forgotten within two), and remembers it anew.
local function count_pass()
	if passes and now - seen < math.min(HOUR, known_memory / 2) then
		return
	end
	since, passes = passes and since or time, (passes or 0) + 1
	write(KEYS[2], string.format('passes=%d since=%s last=%d', passes, since,
		now), 'EX', known_memory)
end

if proven then
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
local text = string.format('first=%d last=%d tries=%d passed=%d', first, now,
	tries, passed)
local state, wait = 'passed', 0
if passed > 0 then
	write(KEYS[1], text, 'EX', memory)
	if known_after > 0 then
		count_pass()
	end
else
	-- Back too early: the clock that counts is not restarted, so neither
	-- the wait nor the window gets any longer.
	write(KEYS[1], text, 'KEEPTTL')
	state, wait = 'early', delay - (now - first)
end
return string.format('%s %d %d %d %s', state, wait, tries, passes or 0,
	replaced)
