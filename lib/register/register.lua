-- register - writes down what a client did, and what follows from it
--
-- KEYS  1 the client's mark  2 abuse  3 spam  4 ban  5 strikes  6 conn  7 pace
-- ARGV  1 what happened: a function at the end of this file
--       2 the ladder, "900 3600 permanent", "" strikes nobody
--       3 how long strikes are remembered
--       4 and so on: what that function takes
-- Answer: counted listed banned failures until ban_until level; that of
-- connect: open rate flood taken ban_until level. An end of -1 is none.
--
-- Times are Unix seconds of this server; when its clock was set back, what was
-- stored within the hour is not younger than now. What cannot be read (a value
-- of another type, nonsense) is not there, and is replaced. All reading comes
-- before the first write, which is one that a full Redis refuses: then nothing
-- has happened, and the error is the answer.
local HOUR = 3600
local FOREVER = math.huge
local MOST_TRIES = 32 -- wrong passwords that are recognized
local MOST_USERS = 5
local MOST_REPORTERS = 200
local MOST_ENTRIES = 20 -- of a history
local MOST_LEASES = 10000
local mark_key, abuse_key, spam_key, ban_key, strikes_key, conn_key,
	pace_key = unpack(KEYS)
local time = tonumber(redis.call('TIME')[1])
local now = time

-- -- reading --

local function number(text)
	return type(text) == 'string' and #text <= 12 and
		string.match(text, '^%d+$') and tonumber(text) or nil
end

-- A time that was stored.
local function stored(text)
	local t = number(text)
	if t and t > now and t - time <= HOUR then
		now = t
	end
	return t
end

local function ending(text)
	return text == 'permanent' and FOREVER or number(text) or 0
end

-- A hash, and whether something else is in its place.
local function read(key)
	local list, fields = redis.pcall('HGETALL', key), {}
	for i = 1, #list, 2 do
		fields[list[i]] = list[i + 1]
	end
	return fields, list.err ~= nil
end

-- "a=1 b=2" as a list of { 'a', 1 }, without times that are over.
local function read_pairs(text, window)
	local list = {}
	for word, t in string.gmatch(text or '', '(%S+)=(%d+)') do
		t = number(t)
		if t and t <= now and now - t < window then
			list[#list + 1] = { word, t }
		end
	end
	return list
end

-- -- writing --

local function shown(ends)
	return ends == FOREVER and 'permanent' or string.format('%d', ends)
end

local function answered(ends)
	return ends == FOREVER and -1 or ends
end

-- Fields of a hash: a flat list.
local function write(key, wrong, fields, ends)
	if wrong then
		redis.call('DEL', key)
	end
	redis.call('HSET', key, unpack(fields))
	if ends == FOREVER then
		redis.call('PERSIST', key)
	else
		redis.call('EXPIRE', key, string.format('%d',
			math.max(1, ends - time)))
	end
end

-- The mark says that the client has an entry somewhere: client.lua looks for
-- nothing else first. It is there as long as the last entry; a second more, so
-- that none is ever without it.
local function mark(ends)
	if ends == FOREVER then
		redis.call('SET', mark_key, '1')
		return
	end
	local seconds = string.format('%d', math.max(1, ends - time) + 1)
	if not redis.call('SET', mark_key, '1', 'NX', 'EX', seconds) then
		redis.call('EXPIRE', mark_key, seconds, 'GT')
	end
end

-- After an entry went or got another end. KEYS 8 and so on are the abuse
-- registers of single services.
local function mark_again()
	local last = -2
	for _, key in ipairs({ abuse_key, spam_key, ban_key, unpack(KEYS, 8) }) do
		local left = redis.call('TTL', key)
		if left == -1 then
			return mark(FOREVER)
		end
		last = math.max(last, left)
	end
	if last == -2 then
		redis.call('DEL', mark_key)
	else
		redis.call('SET', mark_key, '1', 'EX',
			string.format('%d', last + 1))
	end
end

-- An entry that checks look at.
local function enter(key, wrong, fields, ends)
	mark(ends)
	write(key, wrong, fields, ends)
end

-- The youngest of a list, as one text.
local function tail(list, most, between)
	return table.concat(list, between, math.max(1, #list - most + 1))
end

-- -- bans and strikes --

local function history(old, what, level, ends, by, reason)
	local entries = {}
	reason = string.gsub(string.sub(reason, 1, 200), '[;%c]', '?')
	for entry in string.gmatch(string.sub(old or '', -8192), '[^;]+') do
		entries[#entries + 1] = string.match(entry, '^ *(.*)$')
	end
	entries[#entries + 1] = string.format(
		'at=%d what=%s level=%d until=%s by=%s reason=%s', now, what,
		level, shown(ends), by, reason)
	return tail(entries, MOST_ENTRIES, '; ')
end

local function write_strikes(old, wrong, count, last, entry)
	write(strikes_key, wrong, { 'count', count, 'last', last, 'history',
		history(old.history, unpack(entry)) }, now + tonumber(ARGV[3]))
end

local function write_ban(wrong, level, ends, by, reason)
	enter(ban_key, wrong, { 'reason', reason, 'by', by, 'since', now,
		'until', shown(ends), 'level', level }, ends)
end

-- The rung of the ladder for offence number `count`, and how long it bans.
local function rung(count)
	local level, long = 0, nil
	for step in string.gmatch(ARGV[2], '%S+') do
		if level < count then
			level, long = level + 1, step
		end
	end
	return level, long == 'permanent' and FOREVER or tonumber(long)
end

-- One rung up, from where the client was; its strikes are forgotten with their
-- key. While a ban is in force nobody climbs: what is still seen then is the
-- same offence through another door, or by another host of the cluster, and
-- four of those in a minute must not ban for ever.
local function strike(reason, by)
	if ARGV[2] == '' then
		return false, 0, 0
	end
	local strikes, strikes_wrong = read(strikes_key)
	local ban, ban_wrong = read(ban_key)
	stored(strikes.last)
	local count = number(strikes.count) or 0
	local before = ending(ban['until'])
	if before > now then
		local level = number(ban.level) or 0
		write_strikes(strikes, strikes_wrong, count, now,
			{ 'strike', level, before, by, reason })
		return false, before, level
	end
	local level, long = rung(count + 1)
	local ends = now + long
	write_strikes(strikes, strikes_wrong, count + 1, now,
		{ 'strike', level, ends, by, reason })
	write_ban(ban_wrong, level, ends, by, reason)
	return true, ends, level
end

-- -- what can happen --

local happened = {}

-- A strike that somebody else saw.
function happened.strike(reason, by)
	local banned, ends, level = strike(reason, by)
	return { 1, 0, banned and 1 or 0, 0, answered(ends), answered(ends),
		level }
end

-- An administrator's word counts more than what stood there.
function happened.ban(seconds, reason, by)
	local strikes, strikes_wrong = read(strikes_key)
	local _, ban_wrong = read(ban_key)
	local last = stored(strikes.last)
	local ends = seconds == '-1' and FOREVER or now + seconds
	write_strikes(strikes, strikes_wrong, number(strikes.count) or 0,
		last or now, { 'ban', 0, ends, by, reason })
	write_ban(ban_wrong, 0, ends, by, reason)
	mark_again()
	return { 1, 0, 1, 0, answered(ends), answered(ends), 0 }
end

-- The ban goes, its level and reason stay with the strikes. Without memory
-- Redis lets nothing be written but what makes room, so that comes first.
local function lift_ban(by)
	local strikes, strikes_wrong = read(strikes_key)
	local ban = read(ban_key)
	local last = stored(strikes.last)
	local level = number(ban.level) or 0
	if redis.call('DEL', ban_key) == 0 then
		return 0
	end
	write_strikes(strikes, strikes_wrong,
		math.max(number(strikes.count) or 0, level), last or now,
		{ 'lift', level, now, by, ban.reason or '' })
	return 1
end

function happened.lift(which, by)
	local gone
	if which == 'ban' then
		gone = lift_ban(by)
	elseif which == 'spam' then
		gone = redis.call('DEL', spam_key)
	else
		gone = redis.call('DEL', abuse_key, unpack(KEYS, 8))
	end
	mark_again()
	return { gone > 0 and 1 or 0, 0, 0, 0, 0, 0, 0 }
end

-- `n` failed logins: the times of the youngest limit + 1 are kept, which is
-- just enough to see more than `limit` within any window. `try` stands for user
-- and password; one that was seen within the window does not count.
function happened.failure(limit, window, listed, n, user, try)
	limit, window, n = tonumber(limit), tonumber(window), tonumber(n)
	local abuse, wrong = read(abuse_key)
	local last = stored(abuse.last)
	local ends = ending(abuse['until'])
	local was = ends > now

	local seen = {}
	for _, s in ipairs(read_pairs(abuse.seen, window)) do
		if s[1] == try then
			n = 0
		else
			seen[#seen + 1] = s[1] .. '=' .. s[2]
		end
	end
	if try ~= '' then
		seen[#seen + 1] = string.format('%s=%d', try, now)
	end

	local users = {}
	for u in string.gmatch(abuse.users or '', '%S+') do
		if u ~= user then
			users[#users + 1] = u
		end
	end
	users[#users + 1] = user ~= '' and user or nil

	local times = {}
	for t in string.gmatch(abuse.times or '', '%d+') do
		t = number(t)
		if t and t <= now and now - t < window then
			times[#times + 1] = t
		end
	end
	local first, failures = times[1] or now, #times + n
	if was then
		first = number(abuse.first) or first
		failures = (number(abuse.failures) or #times) + n
	end
	for _ = 1, math.min(n, limit + 1) do
		times[#times + 1] = string.format('%d', now)
	end

	local new = n > 0 and not was and failures > limit
	if n > 0 then
		last = now
		ends = (was or new) and math.max(ends, now + listed) or 0
	end
	enter(abuse_key, wrong, { 'failures', failures, 'first', first, 'last',
		last or now, 'until', shown(ends), 'users',
		tail(users, MOST_USERS, ' '), 'times',
		tail(times, limit + 1, ' '), 'seen',
		tail(seen, MOST_TRIES, ' ') }, math.max(now + window, ends))
	local banned, ban_ends, level = false, 0, 0
	if new then
		banned, ban_ends, level = strike('abuse', 'policyd')
	end
	return { n > 0 and 1 or 0, new and 1 or 0, banned and 1 or 0, failures,
		ends > now and ends or 0, answered(ban_ends), level }
end

-- Sorts out a record of reports: who reported within `window`, the youngest
-- first (of equals by name, so that replicas agree); what is over; and when the
-- last listing ends. `reporter` has just reported.
local function sift(spam, window, reporter)
	local names, gone, latest = { reporter }, {}, 0
	spam[reporter] = string.format('%d', now)
	for name, value in pairs(spam) do
		local t = ending(value)
		if string.find(name, '@', 1, true) then
			local fresh = t <= now and now - t < window
			local list = fresh and names or gone
			list[#list + 1] = name ~= reporter and name or nil
		elseif t > now then
			latest = math.max(latest, t)
		elseif string.find(name, '^until') then
			gone[#gone + 1] = name
		end
	end
	table.sort(names, function(a, b)
		local at, bt = ending(spam[a]), ending(spam[b])
		return at > bt or at == bt and a < b
	end)
	while #names > MOST_REPORTERS do
		gone[#gone + 1] = table.remove(names)
	end
	return names, gone, latest
end

-- How many of them reported within `window`, and from how many domains: from
-- any, or from that one.
local function reporters(spam, names, window, domain)
	local count, domains, seen = 0, 0, {}
	for _, name in ipairs(names) do
		local at = string.match(name, '@([^@]*)$')
		local fresh = now - ending(spam[name]) < window
		if fresh and at == (domain or at) then
			count = count + 1
			domains = domains + (seen[at] and 0 or 1)
			seen[at] = true
		end
	end
	return count, domains
end

-- A user's report. Reporters of some domains list a client for all, those of
-- one domain for theirs alone: what is enough is said for both.
function happened.spam(reporter, domain, enough, window, listed, domains,
	own_enough, own_window, own_listed)
	local spam, wrong = read(spam_key)
	for name, value in pairs(spam) do
		if string.find(name, '@', 1, true) then
			stored(value)
		end
	end
	window, own_window = tonumber(window), tonumber(own_window)
	local longest = math.max(window, own_window)
	local before = number(spam[reporter])
	local known = before and before <= now and now - before < longest
	local names, gone, latest = sift(spam, longest, reporter)
	local count, from = reporters(spam, names, window)
	local own = reporters(spam, names, own_window, domain)

	local field = 'until:' .. domain
	local ends, own_ends = ending(spam['until']), ending(spam[field])
	local was = ends > now or own_ends > now
	local fields = { reporter, spam[reporter] }
	if count >= tonumber(enough) and from >= tonumber(domains) then
		was, ends = ends > now, math.max(ends, now + listed)
		fields[3], fields[4] = 'until', shown(ends)
	elseif own >= tonumber(own_enough) then
		own_ends = math.max(own_ends, now + own_listed)
		fields[3], fields[4] = field, shown(own_ends)
	end
	local is = ends > now and ends or own_ends > now and own_ends or 0
	enter(spam_key, wrong, fields, math.max(now + longest, latest, is))
	for _, name in ipairs(gone) do
		if name ~= fields[3] then
			redis.call('HDEL', spam_key, name)
		end
	end
	return { known and 0 or 1, fields[3] and not was and 1 or 0, 0, count,
		is, 0, 0 }
end

-- -- connections --

-- Sessions of the last `seconds`: those of this bucket, and as much of the one
-- before as still lies within.
local function pace(seconds, new)
	local p, wrong = read(pace_key)
	local window = stored(p.window)
	local start = now - now % seconds
	local current, previous = 0, 0
	if window == start then
		current = number(p.current) or 0
		previous = number(p.previous) or 0
	elseif window == start - seconds then
		previous = number(p.current) or 0
	end
	current = current + new
	local rest = previous * (seconds - (now - start)) / seconds
	return { window = start, current = current, previous = previous,
		rate = current + math.floor(rest),
		struck = stored(p.struck) or 0, wrong = wrong }
end

-- A session begins. One that has its lease already is the same session, one
-- without a name gets none. `limit` sessions at a time, `count` in `seconds`; 0
-- is no limit.
function happened.connect(lease, long, limit, count, seconds, dry)
	limit, count = tonumber(limit), tonumber(count)
	seconds = tonumber(seconds)
	local open = redis.pcall('ZCOUNT', conn_key, '(' .. time, '+inf')
	local wrong = type(open) ~= 'number'
	local held = not wrong and redis.call('ZSCORE', conn_key, lease)
	local known = held and tonumber(held) > time
	open = wrong and 0 or open
	local p = pace(seconds, known and 0 or 1)
	local taken = known or lease ~= '' and
		open < (limit > 0 and limit or MOST_LEASES) and
		(count == 0 or p.rate <= count)
	local flood = count > 0 and not known and p.rate > count and
		now - p.struck >= seconds
	if dry == '1' then
		return { open, p.rate, flood and 1 or 0, 0, 0, 0 }
	end

	if wrong then
		redis.call('DEL', conn_key)
	end
	if taken then
		redis.call('ZADD', conn_key, string.format('%d', time + long),
			lease)
		redis.call('ZREMRANGEBYSCORE', conn_key, '-inf', time)
		redis.call('EXPIRE', conn_key, long)
	end
	if count > 0 and not known then
		write(pace_key, p.wrong, { 'window', p.window, 'current',
			p.current, 'previous', p.previous, 'struck',
			flood and now or p.struck }, now + 2 * seconds)
	end
	local ends, level = 0, 0
	if flood then
		local _
		_, ends, level = strike('flood', 'policyd')
	end
	return { open + (taken and not known and 1 or 0), p.rate,
		flood and 1 or 0, taken and 1 or 0, answered(ends), level }
end

-- It is over; "" is the one that began first.
function happened.disconnect(lease)
	if type(redis.pcall('ZCARD', conn_key)) ~= 'number' then
		return { 0, 0, 0, 0, 0, 0, 0 }
	end
	redis.call('ZREMRANGEBYSCORE', conn_key, '-inf', time)
	local gone = lease == '' and
		redis.call('ZREMRANGEBYRANK', conn_key, 0, 0) or
		redis.call('ZREM', conn_key, lease)
	return { gone, 0, 0, 0, 0, 0, 0 }
end

return happened[ARGV[1]](unpack(ARGV, 4))
