-- greylist - has this identity waited with this sender and recipient?
--
-- KEYS  1  grey:{IDENTITY}...   "first=T last=T tries=N passed=0" while it
--                               waits, then "last=T first=T tries=N passed=T"
-- and       known:{IDENTITY}     "last=T passes=N since=T" when it has passed,
--                               "fresh=N hour=T", its new records within an
--                               hour; or both, in this order
-- ARGV  1  "last=FROM NOW HOW KNOWN_AFTER DELAY FRESH_LIMIT STEP MEMORY
--          KNOWN_MEMORY RETRY_WINDOW", all but the last of a fixed width: who
--          was seen since FROM is not looked at more closely; NOW is this
--          server's time as the caller knows it, or zeros; HOW is 0 to write a
--          stranger down, 1 to add STEP to the fresh, too, 2 to write nothing,
--          3 when there is no delay; KNOWN_AFTER is 9999 for never
-- Answer: "STATE PASSES REPLACED WAIT TRIES", or the first words of it: new,
-- early, passed, known, capped; passes of the identity; 1 when something
-- strange stood under the key; seconds still to wait; tries of this record.
--
-- Mostly lib/checks/quick.c finds the answer with two plain commands, and asks
-- this for the rest; what is told here is what it does, too.
--
-- Times are Unix seconds of this server. Who has passed may pass again, and
-- that is most mail: one GET, or two for a known identity. Only who was not
-- seen for an hour needs a closer look and a write; who was, passes also when
-- the clock has been set back since.
--
-- What is counted in instructions here is not what one would guess
-- (t/bench/scripts.py): TIME costs more than a GET, a word more in the call a
-- third of one, a number turned into a text half of one, and so does each
-- piece of a pattern. So all settings are one word and only what is needed is
-- cut from it, what is a text stays one, and one comparison of texts tells who
-- has passed lately: those records alone begin with "last=". A key of the call
-- is the dearest word: the identity's is made of the record's, whose tag it
-- has, and only for those who need it.
local HOUR, NEVER = 3600, 9999
local COUNTED, DRY = 49, 50 -- characters
local settings = ARGV[1]

-- pcall: what is no string is an error, and below that is no record.
local record = redis.pcall('GET', KEYS[1])
if record and record.err then
	record = ''
end
if record and record > settings and record < 'last=9' then
	return 'passed'
end

local key = KEYS[1]
local tag = key:find('{', 1, true)
local known_key = key:sub(1, tag - 6) .. 'known:' ..
	key:sub(tag, key:find('}', tag, true))
local known = redis.pcall('GET', known_key)
if known and known.err then
	known = ''
end
if known and known > settings and known < 'last=9' and
	tonumber(known:match('^ passes=(%d+)', 16) or 0) >=
		tonumber(settings:sub(30, 33)) then
	return 'known'
end

local time, how = settings:sub(17, 26), settings:byte(28)
if time == '0000000000' then
	time = redis.call('TIME')[1]
end

-- A stranger of an identity without a past needs none of these.
local now, after, delay, limit, memory, known_memory
if record or known or how >= DRY then
	now = tonumber(time)
	after, delay, limit, memory, known_memory = settings:match(
		'^(%d+) (%d+) (%d+) %d+ (%d+) (%d+)', 30)
	after, delay, memory, known_memory = tonumber(after), tonumber(delay),
		tonumber(memory), tonumber(known_memory)
end

-- What claims to be more than an hour younger than now is not believed, and
-- what an administrator put there by hand and we cannot read is not there.
local passes, since, seen, fresh, hour, is_known
if known then
	local rest
	seen, passes, since, rest = known:match(
		'^last=(%d+) passes=(%d+) since=(%d+)(.*)$')
	fresh, hour = (rest or ' ' .. known):match('^ fresh=(%d+) hour=(%d+)$')
	if passes and (rest ~= '' and not fresh or seen - now > HOUR or
		now - seen > known_memory) then
		passes = nil
	end
	if fresh and math.abs(now - hour) >= HOUR then
		fresh = nil
	end
	is_known = passes and tonumber(passes) >= after
end

local replaced = '0'
local first, last, tries, passed
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
		passed > 0 and now - last > memory or
		passed == 0 and now - first > tonumber(settings:sub(70)) then
		first = nil
	end
end

-- A stranger.
if not first and not is_known and (how <= COUNTED or delay > 0) then
	local more = ''
	if passes or record then
		more = ' ' .. (passes or '0') .. ' ' .. replaced
	end
	if fresh and limit + 0 > 0 and fresh - limit >= 0 then
		return 'capped' .. more
	end
	if how == DRY then
		return 'new' .. more
	end
	if replaced == '1' then
		redis.log(redis.LOG_WARNING,
			'policyd replaces what is no record: ' .. key)
	end
	-- Whose coming cannot be written down would never be let in: an error
	-- is the answer.
	redis.call('SET', key, 'first=' .. time .. ' last=' .. time ..
		' tries=1 passed=0', 'EX', settings:sub(70))
	if how == COUNTED then
		local text = 'fresh=' .. (fresh or 0) + settings:sub(49, 50) ..
			' hour=' .. (fresh and hour or time)
		if passes then
			text = 'last=' .. seen .. ' passes=' .. passes ..
				' since=' .. since .. ' ' .. text
		end
		if passes or fresh then
			redis.pcall('SET', known_key, text, 'KEEPTTL')
		else
			redis.pcall('SET', known_key, text, 'EX', '3600')
		end
	end
	return 'new' .. more
end

-- The clock of a server may be set back: what was stored is not younger than
-- now. A write that fails (no memory, no disk) must not cost the verdict of
-- those who have waited: its error is not looked at.
local state = 'known'
if not is_known then
	if not first then
		first, last, tries, passed = now, now, 0, 0
	end
	now = math.max(now, first, last)
	if passed == 0 then
		tries = tries + 1
		if now - first >= delay then
			passed = now
		end
	end
	state = passed > 0 and 'passed' or 'early'
	if how == DRY then
		-- nothing
	elseif passed > 0 then
		redis.pcall('SET', key, string.format(
			'last=%d first=%d tries=%d passed=%d', now, first,
			tries, passed), 'EX', memory)
	else
		-- The clock that counts is not restarted, so neither the wait
		-- nor the window gets any longer.
		redis.pcall('SET', key, string.format(
			'first=%d last=%d tries=%d passed=0', first, now,
			tries), 'KEEPTTL')
	end
end

-- Counts a pass of the identity, at most one an hour (more only when it would
-- be forgotten within two), and remembers it anew.
if state ~= 'early' and after < NEVER then
	now = math.max(now, passes and seen or 0)
	if not passes or now - seen >= math.min(HOUR, known_memory / 2) then
		since, passes = passes and since or time, (passes or 0) + 1
		local text = string.format('last=%d passes=%d since=%s', now,
			passes, since)
		if fresh then
			text = text .. ' fresh=' .. fresh .. ' hour=' .. hour
		end
		if how ~= DRY then
			redis.pcall('SET', known_key, text, 'EX', known_memory)
		end
	end
end
if state == 'known' then
	return state
end
return state .. ' ' .. (passes or 0) .. ' ' .. replaced .. ' ' ..
	(state == 'early' and delay - (now - first) or 0) .. ' ' .. tries
