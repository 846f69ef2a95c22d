-- rate - what was sent within a window, and whether so much more may be
--
-- KEYS  the meters, each a hash:
--         used      "N END=N END=N": at most so much counts now; of it, this
--                   is open until END
--         steps     "T N N N": sent in the step that began at T, in the one
--                   before, and so on
--         window, current, previous   for the reader: when the window of the
--                   calendar began, sent in it, and in the one before
--         grant     "N UNTIL": so much more until then
--         warned, refused   when somebody was told
--       after them those of networks: their grant, warned and refused, and
--       KEY:T, HyperLogLogs of the half windows that began at T
-- ARGV  1 what: "charge NOW LEASE", "alone NOW LEASE" (the same; without Redis
--         policyd may do it), "dry NOW LEASE", "settle NOW", "look NOW",
--         "reset NOW" (what was counted is forgotten), "clear NOW" (grants,
--         too) or "grant NOW"; NOW is the time of this server as the caller
--         knows it, 0: it does not
--       2 END of the lease, or "" when it is for the script to find out
--       3 of each meter: "AMOUNT WARN LIMIT SECONDS" to charge, 0 only looks;
--         "SENT SECONDS END=N,END=N" to settle, "-" without a lease; "LIMIT
--         SECONDS" to look and reset, "N UNTIL SECONDS" to grant
--       4 a network or "", 5 "WARN LIMIT SECONDS" of each meter of networks
-- Answer: of a charge END, or 0 when nothing is open; when a meter refuses or
--         warns: its key, 1 when charged, END, used, limit, seconds until so
--         much is free, 1 when nobody was told of it within its window. Of a
--         look for each meter "USED OPEN WINDOW CURRENT PREVIOUS GRANTED UNTIL
--         NEXT;", of a reset how many meters there were, else 1.
--
-- A window has twenty steps, or as many seconds if these are fewer. A step
-- counts as long as any second of it lies within the last window: so no more
-- than the limit ever passes within one, and it is free again a step later at
-- most. What stands in `used` is the sum of steps and what is open as it was
-- last found, and neither grows by time alone: who stays below the limit with
-- that need not look closer. A charge is one HGET and one HSET then; that and
-- not the sum costs (t/bench/scripts.py).
--
-- Times are Unix seconds of this server; when its clock was set back, what was
-- stored within the hour is not younger than now, and what is younger still is
-- not there. So is what cannot be read; what is no hash is replaced, and the
-- log of Redis tells. The first write is one that a full Redis refuses: then
-- nothing was charged, and the error is the answer.
local HOUR, LONGEST = 3600, 100000 -- a lease lasts a day at most
local keys, argv, call = KEYS, ARGV, redis.call
local text, ends = argv[3], argv[2]

-- A charge when all is as it mostly is.
if ends ~= '' and not argv[4] then
	local pattern = '^(%d+) ' .. ends .. '=(%d+)(.*)$'
	local at, writes = 1, {}
	for i = 1, #keys do
		local used, open, rest, amount, warn
		amount, warn, at = text:match('^(%d+) (%d+) %d+ %d+ ?()', at)
		local value = redis.pcall('HGET', keys[i], 'used')
		if value and not value.err then
			used, open, rest = value:match(pattern)
		end
		if not used or used + amount >= warn + 0 then
			writes = nil
			break
		end
		writes[i] = ('%d %s=%d%s'):format(used + amount, ends,
			open + amount, rest)
	end
	if writes then
		for i = 1, #keys do
			call('HSET', keys[i], 'used', writes[i])
		end
		return tonumber(ends)
	end
end

local what, time, lease = argv[1]:match('^(%a+) (%d+) ?(%d*)')
local now = tonumber(time)
if now == 0 then
	now = tonumber(call('TIME')[1])
end
local writes = what ~= 'look' and what ~= 'dry'

local function number(value)
	return type(value) == 'string' and #value <= 16 and
		value:match('^%d+$') and tonumber(value) or nil
end

local function whole(n)
	return ('%d'):format(n)
end

-- -- steps: the calendar's windows, each cut into as many --

local function step_of(m, t)
	return math.floor(t / m.seconds) * m.steps_each +
		math.floor(t % m.seconds / m.step)
end

local function begin_of(m, step)
	return math.floor(step / m.steps_each) * m.seconds +
		step % m.steps_each * m.step
end

-- -- reading --

-- The times of steps are those of the meter's own clock, which is not set
-- back. steps[0] is the newest.
local function read_steps(m, value)
	local t, list = (value or ''):match('^(%d+) ([%d ]+)$')
	m.steps, m.count, m.sent = {}, 0, 0
	t = number(t)
	if t and t - now <= HOUR then
		m.now = math.max(m.now, t)
	end
	m.newest = step_of(m, m.now)
	local back = t and m.newest - step_of(m, t) or -1
	if back < 0 or back > m.steps_each then
		return
	end
	for i = 0, back - 1 do
		m.steps[i] = 0
	end
	for n in list:gmatch('%d+') do
		if begin_of(m, m.newest - back + 1) <= m.now - m.seconds then
			break
		end
		m.steps[back] = number(n) or 0
		m.sent = m.sent + m.steps[back]
		back = back + 1
	end
	m.count = back
end

local function read_open(m, value)
	m.open, m.leases = 0, {}
	for e, n in (value or ''):gmatch(' (%d+)=(%d+)') do
		e, n = number(e), number(n)
		if e and n and e > now and e - now <= LONGEST and
			#m.leases < 100 then
			m.leases[#m.leases + 1] = { e, n }
			m.open = m.open + n
		end
	end
end

local function told(value)
	local t = number(value)
	return t and t - now <= HOUR and t or nil
end

local function meter(key, seconds)
	local m = { key = key, seconds = tonumber(seconds) }
	m.step = math.max(1, math.ceil(m.seconds / 20))
	m.steps_each = math.ceil(m.seconds / m.step)
	m.now = now
	return m
end

local function granted(m, value)
	local n, till = (value or ''):match('^(%d+) (%d+)$')
	n, till = number(n), number(till)
	m.granted, m.till = 0, 0
	if n and till and till > now then
		m.granted, m.till = n, till
	end
end

local function read(key, seconds)
	local m = meter(key, seconds)
	local v = redis.pcall('HMGET', key, 'used', 'steps', 'window',
		'current', 'previous', 'grant', 'warned', 'refused')
	m.foreign, m.new = v.err, not (v[1] or v[2])
	local window = number(v[3])
	if window and window > now and window - now <= HOUR then
		m.now = window
	end
	read_steps(m, v[2])
	read_open(m, v[1])
	granted(m, v[6])
	m.used = m.sent + m.open
	m.warned, m.refused = told(v[7]), told(v[8])
	m.window = m.now - m.now % m.seconds
	m.current, m.previous = number(v[4]) or 0, number(v[5]) or 0
	if window == m.window - m.seconds then
		m.current, m.previous = 0, m.current
	elseif window ~= m.window then
		m.current, m.previous = 0, 0
	end
	return m
end

-- Seconds until `n` more are free; of what never is, a window.
local function wait(m, n, limit)
	local too_many, gone = m.used + n - limit, {}
	if too_many <= 0 then
		return 0
	end
	for back, sent in pairs(m.steps) do
		gone[#gone + 1] = { begin_of(m, m.newest - back + 1) +
			m.seconds - m.now, sent }
	end
	for _, l in ipairs(m.leases) do
		gone[#gone + 1] = { l[1] - now, l[2] }
	end
	table.sort(gone, function(a, b) return a[1] < b[1] end)
	for _, g in ipairs(gone) do
		too_many = too_many - g[2]
		if too_many <= 0 then
			return math.max(1, g[1])
		end
	end
	return m.seconds
end

-- -- changing what was read --

-- Less is taken off the newest steps.
local function count(m, n)
	m.counted = true
	m.count = math.max(1, m.count)
	m.current = math.max(0, m.current + n)
	m.steps[0] = (m.steps[0] or 0) + n
	for back = 0, m.count - 1 do
		local less = math.min(0, m.steps[back])
		m.steps[back] = m.steps[back] - less
		m.steps[back + 1] = (m.steps[back + 1] or 0) + less
	end
	m.steps[m.count] = nil
end

-- Opens more, or less.
local function open(m, e, n)
	for _, l in ipairs(m.leases) do
		if l[1] == e then
			l[2] = math.max(0, l[2] + n)
			return
		end
	end
	if n > 0 then
		table.insert(m.leases, 1, { e, n })
		m.renewed = true
	end
end

-- -- writing --

local function replace(key)
	redis.log(redis.LOG_WARNING, 'policyd replaces what is no meter: ' .. key)
	call('SET', key, '') -- a full Redis lets DEL pass
	call('DEL', key)
end

-- It ends with what is in it.
local function expire(m)
	local last = math.max(2 * m.seconds + m.step, m.till - now)
	for _, l in ipairs(m.leases) do
		last = math.max(last, l[1] - now)
	end
	call('EXPIRE', m.key, whole(last))
end

local function put(m, ...)
	if m.foreign then
		replace(m.key)
	end
	call('HSET', m.key, ...)
	if m.new or m.renewed or m.counted then
		expire(m)
	end
end

local function write(m, ...)
	local used, sent = 0, {}
	for back = 0, m.count - 1 do
		used = used + m.steps[back]
		sent[back + 1] = whole(m.steps[back])
	end
	local leases = {}
	for i, l in ipairs(m.leases) do
		used = used + l[2]
		leases[i] = (' %d=%d'):format(l[1], l[2])
	end
	local fields = { 'used', whole(used) .. table.concat(leases), ... }
	if m.counted then
		for _, field in ipairs({ 'steps',
			whole(begin_of(m, m.newest)) .. ' ' ..
				table.concat(sent, ' '),
			'window', whole(m.window), 'current', whole(m.current),
			'previous', whole(m.previous) }) do
			fields[#fields + 1] = field
		end
	end
	put(m, unpack(fields))
end

-- -- networks --

local function half_of(m, back)
	local half = math.ceil(m.seconds / 2)
	return (math.floor(now / half) - back) * half
end

local function half_key(m, back)
	return m.key .. ':' .. whole(half_of(m, back))
end

-- How many there are. What cannot be counted is none.
local function networks(...)
	local n = redis.pcall('PFCOUNT', ...)
	return type(n) == 'number' and n or 0
end

local function read_networks(key, seconds, network)
	local m = read(key, seconds)
	local this, last = half_key(m, 0), half_key(m, 1)
	m.steps, m.count, m.leases, m.open = {}, 0, {}, 0
	if network and writes then
		local new = redis.pcall('PFADD', this, network)
		if type(new) == 'table' then
			if new.err:find('^WRONGTYPE') or
				new.err:find('^INVALIDOBJ') then
				replace(this)
			end
			new = call('PFADD', this, network)
		end
		if new == 1 then
			call('EXPIRE', this, whole(2 * m.seconds + 1))
		end
	end
	m.window, m.current, m.previous = half_of(m, 0), networks(this),
		networks(last)
	m.used = math.max(networks(this, last), m.current)
	return m
end

-- -- what is asked --

local OPS = {}

-- What the meters are asked for, in the order of their keys.
local function asked()
	local list = {}
	for amount, warn, limit, seconds in
		text:gmatch('(%d+) (%d+) (%d+) (%d+)') do
		local m = read(keys[#list + 1], seconds)
		m.amount, m.warn, m.limit = tonumber(amount), tonumber(warn),
			tonumber(limit)
		list[#list + 1] = m
	end
	for warn, limit, seconds in
		(argv[5] or ''):gmatch('(%d+) (%d+) (%d+)') do
		local m = read_networks(keys[#list + 1], seconds, argv[4])
		m.amount, m.warn, m.limit, m.is_networks = 0, tonumber(warn),
			tonumber(limit), true
		list[#list + 1] = m
	end
	for _, m in ipairs(list) do
		if m.granted > 0 then
			local part = m.warn / m.limit
			m.limit = m.limit + m.granted
			m.warn = part > 1 and m.limit + 1 or
				math.ceil(part * m.limit)
		end
	end
	return list
end

local function untold(m, when)
	return not when or now - when >= m.seconds
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
		first = pcall(put, m, 'refused', whole(now))
	end
	return { m.key, 0, 0, m.used, m.limit, next, first and 1 or 0 }
end

local function charge()
	local list = asked()
	local m, next = refusing(list)
	if m then
		return refused(m, next)
	end
	lease = tonumber(lease)
	local ends = tonumber(ends)
	if not ends then
		local step = math.max(1, math.floor(lease / 15))
		ends = math.ceil((now + lease) / step) * step
	end
	local opened = 0
	local near = warning(list)
	local first = near and untold(near, near.warned)
	for _, m in ipairs(list) do
		local fields = {}
		if m == near and first then
			fields = { 'warned', whole(now) }
		end
		if not writes then
			-- nothing
		elseif m.amount > 0 then
			if lease > 0 then
				open(m, ends, m.amount)
				opened = ends
			else
				count(m, m.amount)
			end
			write(m, unpack(fields))
		elseif fields[1] then
			put(m, unpack(fields))
		end
	end
	if not near then
		return opened
	end
	return { near.key, 1, opened, near.used + near.amount, near.limit, 0,
		first and 1 or 0 }
end

OPS.charge, OPS.alone, OPS.dry = charge, charge, charge

function OPS.settle()
	local i = 0
	for sent, seconds, leases in text:gmatch('(%-?%d+) (%d+) (%S+)') do
		i = i + 1
		local m = read(keys[i], seconds)
		sent = tonumber(sent)
		for e, n in leases:gmatch('(%d+)=(%d+)') do
			open(m, tonumber(e), -n)
		end
		if sent > 0 or sent < 0 and m.sent > 0 then
			count(m, sent)
		end
		if m.counted or not m.new then
			write(m)
		end
	end
	return 1
end

function OPS.look()
	local i, said = 0, {}
	local function say(m, next)
		said[#said + 1] = ('%d %d %d %d %d %d %d %d;'):format(m.used,
			m.open, m.window, m.current, m.previous, m.granted,
			m.till, next)
	end
	for limit, seconds in text:gmatch('(%d+) (%d+)') do
		i = i + 1
		local m = read(keys[i], seconds)
		say(m, wait(m, 1, limit + m.granted))
	end
	for limit, seconds in (argv[5] or ''):gmatch('%d+ (%d+) (%d+)') do
		i = i + 1
		local m = read_networks(keys[i], seconds)
		say(m, m.used >= limit + m.granted and half_of(m, -1) - now or 0)
	end
	return table.concat(said)
end

-- What is open stays, and grants do unless they are to be cleared, too.
local function forget(m)
	local there = call('DEL', m.key)
	m.steps, m.count = {}, 0
	if m.open > 0 then
		m.new = true
		write(m)
	end
	if m.till > 0 and what ~= 'clear' then
		m.foreign, m.new = nil, true
		put(m, 'grant', ('%d %d'):format(m.granted, m.till))
	end
	return there
end

function OPS.reset()
	local i, there = 0, 0
	for _, seconds in text:gmatch('(%d+) (%d+)') do
		i = i + 1
		there = there + forget(read(keys[i], seconds))
	end
	for seconds in (argv[5] or ''):gmatch('%d+ %d+ (%d+)') do
		i = i + 1
		local m = read_networks(keys[i], seconds)
		local gone = forget(m) + call('DEL', half_key(m, 0), half_key(m, 1))
		there = there + math.min(1, gone)
	end
	return there
end

OPS.clear = OPS.reset

function OPS.grant()
	local n, till, seconds = text:match('^(%d+) (%d+) (%d+)$')
	local m = read(keys[1], seconds)
	m.till, m.renewed = tonumber(till), true
	put(m, 'grant', n .. ' ' .. till)
	return 1
end

return OPS[what]()
