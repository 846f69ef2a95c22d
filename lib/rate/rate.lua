-- rate - what was sent within a window, and whether so much more may be
--
-- KEYS  the meters, each a hash:
--         window    when the calendar's window began, at the last close look
--         current   what was sent since then, and what is open
--         open:END  of it, charged, and to be settled until END; some are 0
--         previous  what was sent in the window before
--         earlier   what of that counts now; or more, see below
--         steps     "T N N N": the newest step began at T; N was sent in the
--                   one before, and so on
--         grant     "N UNTIL": so much more until then
--         warned, refused   when somebody was told
--       behind them those of networks: only their grant, warned and refused;
--       KEY:T are HyperLogLogs, one for each half of a window, T its beginning;
--       of a look, a reset and a clear the journal is the last (journal.h)
-- ARGV  1 "charge END NOW LEASE METERS", each "AMOUNT WARN LIMIT SECONDS",
--         AMOUNT 0 only looks; END 0 is for us to find out
--         "charge-alone ..."   which policyd may count by itself without Redis
--         "charge-dry ..."     without writing
--         "settle NOW METERS"  each "SENT SECONDS END=N,END=N", "-" for none
--         "left NOW METERS"    each "LESS SECONDS CHARGED": so much less was sent
--         then; what somebody has deleted, and what is below 0, is put right
--         "look NOW METERS"    each "LIMIT SECONDS"
--         "glance NOW METERS"  the same, but all in the journal was sent
--         "reset NOW METERS"   the same; what was counted is forgotten
--         "clear NOW METERS"   and what was granted
--         "grant NOW N UNTIL SECONDS"   N 0 takes it back
--         NOW is the time of this server as the caller knows it; 0: it does not
--       2 a network, or ""  3 of its meters: "WARN LIMIT SECONDS" each
-- Answer: of a charge END, or 0 when nothing is open; when a meter refuses or
--         warns: its key, 1 when charged, END, used, limit, seconds until so
--         much is free, 1 when nobody was told of it within its window. Of a
--         look for each meter "USED OPEN WINDOW CURRENT PREVIOUS GRANTED UNTIL
--         NEXT;", of a settlement "EARLIER;", of a reset how many meters there
--         were, else 1.
--
-- A window has twenty steps, or as many seconds if these are fewer. A step
-- counts as long as any second of it lies within the last window: so no more
-- than the limit ever passes within one, and it is free again a step later at
-- most. By time alone it only becomes less: while `current` and `earlier` as it
-- was last found leave room, nobody need look closer. A charge is an HGET and
-- two HINCRBY a meter then; calls are what costs, and words, and numbers that
-- become texts (t/bench/scripts.py).
--
-- What is in these and neither open nor of an earlier step was sent in the
-- newest one. So nothing but a lease need be changed when what it holds was
-- sent, and plain commands do for most charges and settlements
-- (lib/rate/plain.h); a lease that nobody settles is taken off here. For this
-- rule some may be below 0 for a moment: when a settlement met a meter that
-- somebody had deleted, or a full Redis took one of two commands.
--
-- Times are Unix seconds of this server; when its clock was set back, what was
-- stored within the hour is not younger than now, and what is younger still is
-- not there. So is what cannot be read; what is no hash is replaced, and the
-- log of Redis tells. The first write is one that a full Redis refuses: then
-- nothing was charged, and the error is the answer.
local keys, line, call, try, type = KEYS, ARGV[1], redis.call, redis.pcall, type
local HOUR, COLON = 3600, 58
local LONGEST = 100000 -- a lease lasts a day at most

-- It lives for so long, and no shorter than before.
local function keep(key, seconds)
	local text = ('%d'):format(seconds)
	if call('EXPIRE', key, text, 'GT') == 0 and call('TTL', key) < 0 then
		call('EXPIRE', key, text)
	end
end

-- As if it had not been added.
local function take_off(key, field, n)
	if call('HINCRBY', key, field, '-' .. n) == 0 then
		call('HDEL', key, field)
	end
end

-- Its first step begins now.
local function begin_steps(key, now, seconds)
	local into = now % seconds
	local step = ('%d'):format(now - into % math.ceil(seconds / 20))
	call('HSET', key, 'window', ('%d'):format(now - into), 'previous', '0',
		'earlier', '0', 'steps', step)
end

-- A charge when all is as it mostly is. What turns out to be too much is taken
-- off again, and looked at more closely.
local ends, since, begin = line:match('^charge%S* (%d+) (%d+) %d+ ?()')
if ends and ends ~= '0' then
	local amount, warn, seconds
	local at, good, new = begin, true
	for i = 1, #keys do
		amount, warn, at = line:match('^(%d+) (%d+) %d+ %d+ ?()', at)
		local current, earlier = nil, try('HGET', keys[i], 'earlier')
		if amount == '0' then
			current = try('HGET', keys[i], 'current') or 0
		else
			current = try('HINCRBY', keys[i], 'current', amount)
			good = type(current) == 'number'
		end
		if not earlier then
			new, earlier = new or {}, 0
			new[i] = amount ~= '0'
		end
		current, earlier = tonumber(current), tonumber(earlier)
		if not current or not earlier or
			not (current + earlier < warn + 0) then
			at = begin
			for j = 1, i do
				amount, at = line:match('^(%d+) %d+ %d+ %d+ ?()', at)
				if amount ~= '0' and (j < i or good) then
					take_off(keys[j], 'current', amount)
				end
			end
			good = false
			break
		end
	end
	if good then
		local field, opened = 'open:' .. ends, 0
		at = begin
		for i = 1, #keys do
			amount, seconds, at =
				line:match('^(%d+) %d+ %d+ (%d+) ?()', at)
			local open = amount ~= '0' and
				try('HINCRBY', keys[i], field, amount)
			opened = open and ends or opened
			if new and new[i] then
				begin_steps(keys[i], since, seconds)
			end
			if type(open) == 'table' then
				call('HSET', keys[i], field, amount)
			elseif open == amount + 0 then
				keep(keys[i], math.max(2.05 * seconds + 1,
					ends - since))
			end
		end
		return tonumber(opened)
	end
end

local what, time = line:match('^(%S+) (%d+)')
local now = tonumber(since or time)
if now == 0 then
	now = tonumber(call('TIME')[1])
end

-- -- steps: the calendar's windows, each cut into as many --

local function step_of(m, t)
	local into = t % m.seconds
	return (t - into) / m.seconds * m.each + (into - into % m.step) / m.step
end

local function begin_of(m, step)
	local nth = step % m.each
	return (step - nth) / m.each * m.seconds + nth * m.step
end

-- -- reading --

local MOST = 2 ^ 53

local function sum(value)
	local n = tonumber(value or nil)
	return n and n > -MOST and n < MOST and n % 1 == 0 and n or nil
end

local function number(value)
	local n = sum(value)
	return n and n >= 0 and n or nil
end

-- What is less than nothing is taken off the step before. The answer is what
-- was too much for all of them, as far as more is open.
local function borrow(steps, count, open)
	for back = 0, count - 1 do
		local less = math.min(0, steps[back])
		steps[back] = steps[back] - less
		steps[back + 1] = (steps[back + 1] or 0) + less
	end
	local rest = math.max(steps[count], math.min(0, -open))
	steps[count] = nil
	return rest
end

-- Those of the field, the newest at 0: in all of them `sent` was sent. When
-- nobody knows that, nothing was in the newest.
local function parse_steps(list, sent)
	local steps, count, earlier = {}, 1, 0
	local digits, at = list:match('^ (%d+)()')
	local n = number(digits)
	while n do
		steps[count], earlier, count = n, earlier + n, count + 1
		digits, at = list:match('^ (%d+)()', at)
		n = number(digits)
	end
	steps[0] = sent and sent - earlier or 0
	return steps, count
end

-- What was sent in the window of the newest step, which has that number.
local function sent_in_window(steps, newest, each)
	local sent = 0
	for back = 0, newest % each do
		sent = sent + (steps[back] or 0)
	end
	return sent
end

-- steps[0] is the newest. The meter's own clock is not set back.
local function read_steps(m, value, sent, previous)
	local t, list = (value or ('%d'):format(now)):match('^(%d+)(.*)$')
	t = number(t)
	if t and t - now > HOUR then
		t = nil
	end
	m.now = math.max(now, t or 0)
	m.newest, m.window = step_of(m, m.now), m.now - m.now % m.seconds
	m.steps, m.count, m.sent = { [0] = 0 }, 1, 0
	if not t then
		return
	end
	local newest = step_of(m, t)
	local back = m.newest - newest
	local last = m.newest - step_of(m, m.now - m.seconds)
	local steps, count = parse_steps(list, sent)
	if back > 0 then
		m.steps[0] = borrow(steps, count, m.open)
		m.sent = m.steps[0]
	end
	for i = 1, math.min(back - 1, last) do
		m.steps[i] = 0
	end
	for i = 0, math.min(count - 1, last - back) do
		m.steps[back + i], m.sent = steps[i], m.sent + steps[i]
		m.count = back + i + 1
	end
	local window = t - t % m.seconds
	if window == m.window then
		m.previous = previous
	elseif window == m.window - m.seconds then
		m.previous = sent_in_window(steps, newest, m.each)
	end
end

-- What the journal has of each meter, by its key; so much is open, too, and
-- counts where it was charged.
local noted = {}

local function read_journal(key)
	local pages = try('HGETALL', key)
	for i = 2, #pages, 2 do
		local ends, at = pages[i]:match('^(%d+) %d+()')
		ends = number(ends)
		if ends and ends > now then
			for meter, n in pages[i]:sub(at):gmatch(' (%S+) %d+ (%d+)') do
				local m = noted[meter] or { n = 0 }
				m.n, m.ends = m.n + (number(n) or 0), ends
				noted[meter] = m
			end
		end
	end
end

local function read(key, seconds)
	local page = noted[key]
	seconds = tonumber(seconds)
	local step = math.ceil(seconds / 20)
	local m = { key = key, seconds = seconds, step = step,
		each = math.ceil(seconds / step), leases = {}, opened = {},
		open = page and page.n or 0, page = page, granted = 0, till = 0,
		gone = {}, foreign = false,
		new = false, now = 0, newest = 0, window = 0, steps = false,
		count = 1, sent = 0, current = 0, previous = 0, earlier = 0,
		used = 0, warned = false, refused = false, amount = 0,
		warn = 0, limit = 0 } -- all at once: a table that grows is made anew
	local list, fields, lapsed = try('HGETALL', key), {}, 0
	m.foreign, m.new = list.err, not list[1]
	for i = 1, #list, 2 do
		local field = list[i]
		if field:byte(5) == COLON and field:sub(1, 4) == 'open' then
			local e, n = number(field:sub(6)), sum(list[i + 1])
			if e and n and e > now and e - now <= LONGEST then
				m.leases[e], m.open = n, m.open + n
			else
				m.gone[#m.gone + 1] = field
				lapsed = lapsed + (n or 0)
			end
		else
			fields[field] = list[i + 1]
		end
	end
	local current, earlier = sum(fields.current or 0), sum(fields.earlier or 0)
	local all = current and earlier and current + earlier - lapsed
	local sent = all and (all < 0 and math.max(0, all - m.open) or
		all - m.open)
	if sent and not fields.steps then -- somebody has deleted it since
		sent = math.max(0, sent)
	end
	read_steps(m, fields.steps, sent, number(fields.previous) or 0)
	m.current = sent_in_window(m.steps, m.newest, m.each)
	m.used = m.sent + m.open
	local n, till = (fields.grant or ''):match('^(%d+) (%d+)$')
	n, till = number(n), number(till)
	if n and till and till > now then
		m.granted, m.till = n, till
	end
	m.warned, m.refused = number(fields.warned), number(fields.refused)
	return m
end

-- Seconds until `n` more are free; a window when they never are.
local function wait(m, n, limit)
	local much, gone = m.used + n - limit, {}
	if much <= 0 then
		return 0
	end
	for back, sent in pairs(m.steps) do
		gone[#gone + 1] = { begin_of(m, m.newest - back + 1) +
			m.seconds - m.now, sent }
	end
	for e, open in pairs(m.leases) do
		gone[#gone + 1] = { e - now, open }
	end
	if m.page then
		gone[#gone + 1] = { m.page.ends - now, m.page.n }
	end
	table.sort(gone, function(a, b) return a[1] < b[1] end)
	for _, g in ipairs(gone) do
		much = much - g[2]
		if much <= 0 then
			return g[1]
		end
	end
	return m.seconds
end

-- -- changing --

-- Less is taken off the newest steps.
local function count(m, n)
	m.steps[0] = m.steps[0] + n
	if n < 0 then
		local rest = borrow(m.steps, m.count, m.open)
		m.steps[0] = m.steps[0] + rest
	end
	m.current = sent_in_window(m.steps, m.newest, m.each)
end

-- It is less in the step where it was, if that counts still.
local function give_back(m, t, n)
	local back = math.max(0, m.newest - step_of(m, t))
	if back < m.count then
		m.steps[back] = m.steps[back] -
			math.min(n, math.max(0, m.steps[back]))
		m.current = sent_in_window(m.steps, m.newest, m.each)
	end
end

-- Opens more, or less; what is over stays so.
local function open(m, e, n)
	if e <= now then
		return
	end
	local before = m.leases[e] or 0
	m.leases[e] = math.max(0, before + n)
	m.open = m.open + m.leases[e] - before
	m.opened[e] = true
end

-- -- writing --

local function replace(key)
	redis.log(redis.LOG_WARNING, 'policyd replaces what is no meter: ' .. key)
	call('SET', key, '') -- a full Redis lets DEL pass
	call('DEL', key)
end

local function put(m, ...)
	if m.foreign then
		replace(m.key)
		m.foreign = nil
	end
	call('HSET', m.key, ...)
	local last = math.max(2 * m.seconds + m.step, m.till - now)
	for e in pairs(m.leases) do
		last = math.max(last, e - now)
	end
	call('EXPIRE', m.key, ('%d'):format(last))
end

-- What has changed, and a field more if there is one.
local function write(m, name, value)
	local fields, sent = { name, value }, 0
	local function add(field, n)
		fields[#fields + 1] = field
		fields[#fields + 1] = ('%d'):format(n)
	end
	for e, n in pairs(m.leases) do
		local field = 'open:' .. ('%d'):format(e)
		if n == 0 then
			m.gone[#m.gone + 1] = field
		elseif m.opened[e] then
			add(field, n)
		end
	end
	for back = 0, m.count - 1 do
		sent = sent + m.steps[back]
	end
	m.earlier = sent - m.current
	add('current', m.current + m.open)
	add('previous', m.previous)
	add('earlier', m.earlier)
	local steps = ('%d'):format(begin_of(m, m.newest))
	for back = 1, m.count - 1 do
		steps = steps .. (' %d'):format(m.steps[back])
	end
	fields[#fields + 1] = 'steps'
	fields[#fields + 1] = steps
	put(m, 'window', ('%d'):format(m.window), unpack(fields))
	if m.gone[1] then
		call('HDEL', m.key, unpack(m.gone))
	end
end

local meters = line:match('^%S+ %d+ ?(.*)$')

if what == 'settle' then
	local i, said = 0, ''
	for sent, seconds, leases in meters:gmatch('(%-?%d+) (%d+) (%S+)') do
		i = i + 1
		local m = read(keys[i], seconds)
		for e, n in leases:gmatch('(%d+)=(%-?%d+)') do
			open(m, tonumber(e), -n)
		end
		count(m, tonumber(sent))
		if not m.new or sent + 0 > 0 then
			write(m)
		end
		said = said .. ('%d;'):format(m.earlier)
	end
	return said
end

if what == 'left' then
	local i = 0
	for less, seconds, charged in meters:gmatch('(%d+) (%d+) (%d+)') do
		i = i + 1
		local m = read(keys[i], seconds)
		give_back(m, tonumber(charged), tonumber(less))
		if not m.new then
			write(m)
		end
	end
	return i
end

-- -- networks --

local function half_of(m, back)
	local half = math.ceil(m.seconds / 2)
	return now - now % half - back * half
end

local function half_key(m, back)
	return m.key .. ':' .. ('%d'):format(half_of(m, back))
end

-- How many there are. What cannot be counted is none.
local function networks(...)
	local n = try('PFCOUNT', ...)
	return type(n) == 'number' and n or 0
end

local function read_networks(key, seconds, network)
	local m = read(key, seconds)
	local this, last = half_key(m, 0), half_key(m, 1)
	if network then
		local new = try('PFADD', this, network)
		if type(new) == 'table' then
			if new.err:find('^WRONGTYPE') or
				new.err:find('^INVALIDOBJ') then
				replace(this)
			end
			new = call('PFADD', this, network)
		end
		if new == 1 then
			call('EXPIRE', this, ('%d'):format(2 * m.seconds + 1))
		end
	end
	m.window, m.current, m.previous = half_of(m, 0), networks(this),
		networks(last)
	m.used, m.open = math.max(networks(this, last), m.current), 0
	return m
end

-- -- what is asked --

local writes = what ~= 'charge-dry'

if what == 'look' or what == 'reset' or what == 'clear' then
	read_journal(keys[#keys])
end

if what == 'look' or what == 'glance' then
	local i, said = 0, ''
	local function say(m, next)
		said = said .. ('%d %d %d %d %d %d %d %d;'):format(
			math.max(0, m.used), math.max(0, m.open), m.window,
			m.current, m.previous, m.granted, m.till, next)
	end
	for limit, seconds in meters:gmatch('(%d+) (%d+)') do
		i = i + 1
		local m = read(keys[i], seconds)
		say(m, wait(m, 1, limit + m.granted))
	end
	for limit, seconds in (ARGV[3] or ''):gmatch('%d+ (%d+) (%d+)') do
		i = i + 1
		local m = read_networks(keys[i], seconds)
		say(m, m.used >= limit + m.granted and half_of(m, -1) - now or 0)
	end
	return said
end

if what == 'grant' then
	local n, till, seconds = meters:match('^(%d+) (%d+) (%d+)$')
	if n == '0' then
		try('HDEL', keys[1], 'grant')
		return 1
	end
	local m = read(keys[1], seconds)
	m.till = tonumber(till)
	put(m, 'grant', n .. ' ' .. till)
	return 1
end

-- What is open stays, and grants do unless they are to be cleared, too.
local function forget(m)
	local there = call('DEL', m.key)
	m.foreign, m.steps, m.count, m.current, m.previous = nil, { [0] = 0 }, 1,
		0, 0
	if what == 'clear' then
		m.till = 0
	end
	local grant = ('%d %d'):format(m.granted, m.till)
	if m.open > 0 then
		m.opened = m.leases
		write(m)
	end
	if m.till > 0 then
		put(m, 'grant', grant)
	end
	return there
end

if what == 'reset' or what == 'clear' then
	local i, there = 0, 0
	for seconds in meters:gmatch('%d+ (%d+)') do
		i = i + 1
		there = there + forget(read(keys[i], seconds))
	end
	for seconds in (ARGV[3] or ''):gmatch('%d+ %d+ (%d+)') do
		i = i + 1
		local m = read_networks(keys[i], seconds)
		there = there + math.min(1, forget(m) +
			call('DEL', half_key(m, 0), half_key(m, 1)))
	end
	return there
end

-- -- charging --

local function add(list, m, amount, warn, limit)
	m.amount, m.warn = tonumber(amount), tonumber(warn)
	m.limit = limit + m.granted
	if m.granted > 0 then -- the same part of more
		m.warn = m.warn > tonumber(limit) and m.limit + 1 or
			math.ceil(m.warn / limit * m.limit)
	end
	list[#list + 1] = m
end

local function charged_meters()
	local list = {}
	for amount, warn, limit, seconds in line:sub(begin):gmatch(
		'(%d+) (%d+) (%d+) (%d+)') do
		add(list, read(keys[#list + 1], seconds), amount, warn, limit)
	end
	for warn, limit, seconds in
		(ARGV[3] or ''):gmatch('(%d+) (%d+) (%d+)') do
		local m = read_networks(keys[#list + 1], seconds,
			writes and ARGV[2] or nil)
		m.is_networks = true
		add(list, m, 0, warn, limit)
	end
	return list
end
local function untold(m, when)
	return not when or now - when >= m.seconds or when - now > HOUR
end

-- The refusing meter for which one has to wait longest.
local function refusing(list)
	local found, longest
	for _, m in ipairs(list) do
		if m.used + m.amount > m.limit then
			local next = m.is_networks and half_of(m, -1) - now or
				wait(m, m.amount, m.limit)
			if not found or next > longest then
				found, longest = m, next
			end
		end
	end
	return found, longest
end

-- The first of those that warn that nobody was told of, else the first.
local function warning(list)
	local found
	for _, m in ipairs(list) do
		if m.used + m.amount >= m.warn and
			(not found or not untold(found, found.warned) and
				untold(m, m.warned)) then
			found = m
		end
	end
	return found
end

local function refused(m, next)
	local first = untold(m, m.refused)
	if first and writes then
		-- It is refused all the same when that cannot be written.
		first = pcall(put, m, 'refused', ('%d'):format(now))
	end
	return { m.key, 0, 0, m.used, m.limit, next, first and 1 or 0 }
end

local function charge()
	local list = charged_meters()
	local m, next = refusing(list)
	if m then
		return refused(m, next)
	end
	local lease, opened = tonumber(line:match('^%S+ %d+ %d+ (%d+)')), 0
	local step = math.max(1, math.floor(lease / 15))
	local last = math.ceil((now + lease) / step) * step
	local near = warning(list)
	local first = near and untold(near, near.warned)
	for _, m in ipairs(list) do
		local name, value
		if m == near and first then
			name, value = 'warned', ('%d'):format(now)
		end
		if not writes then
			-- nothing
		elseif m.amount > 0 then
			if lease > 0 then
				open(m, last, m.amount)
				opened = last
			else
				count(m, m.amount)
			end
			write(m, name, value)
		elseif name then
			put(m, name, value)
		end
	end
	if not near then
		return opened
	end
	return { near.key, 1, opened, near.used + near.amount, near.limit, 0,
		first and 1 or 0 }
end

return charge()
