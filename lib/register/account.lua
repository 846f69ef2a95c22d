-- account - failed logins of one mailbox, wherever they come from
--
-- KEYS  1 the mailbox: a hash
--         failures, before  in this window and in the one before it
--         since, last       when this window began; the last failure
--         tries             "HASH=TIME ...": wrong passwords that came already
--         until             locked until then
--         networks          "NETWORK=TIME ...": where good logins came from
--         disabled          set by an administrator: why; it has no end
--         disabled_by, disabled_at  who did, and when
-- ARGV  1 read, failed or good; of an administrator unlock, forget, disable
--       or enable  2 network of the client  3 hash of the password, "" when
--       unknown  4 failures that lock it, 0 is never  5 window  6 for how
--       long it is locked  7 why and  8 by whom it is disabled
-- Answer: locked until (0: it is not, or not for this network), failures,
--         1 when the network is known, 1 when disabled, 1 when this locked
--         it, or changed what an administrator wanted changed; why and by whom
--         it is disabled, '' when it is not
--
-- A network from which its owner has logged in is not locked out, and its
-- failures do not count: somebody who guesses elsewhere must not be able to
-- keep the owner out. The same wrong password counts once: a forgotten
-- telephone sends it all day.
local DAY, MEMORY = 86400, 30 * 86400
local MOST_TRIES, MOST_NETWORKS = 32, 8
local TAKEN = { -- what each of these takes away
	unlock = { 'failures', 'before', 'since', 'last', 'tries', 'until' },
	forget = { 'networks' },
	enable = { 'disabled', 'disabled_by', 'disabled_at' },
}
local key, what, network, hash = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local limit, window = tonumber(ARGV[4]), tonumber(ARGV[5])
local now = tonumber(redis.call('TIME')[1])

local list, fields = redis.pcall('HGETALL', key), {}
if list.err and what ~= 'read' then
	redis.call('DEL', key)
end
for i = 1, #list, 2 do
	fields[list[i]] = list[i + 1]
end

local function number(name)
	local text = fields[name]
	return text and #text <= 12 and string.match(text, '^%d+$') and
		tonumber(text) or 0
end

-- "a=1 b=2" as names with times, without those that are over.
local function timed(name, memory)
	local found = {}
	for word, t in string.gmatch(fields[name] or '', '(%S+)=(%d+)') do
		t = #t <= 12 and tonumber(t) or 0
		if math.abs(now - t) < memory then
			found[#found + 1] = { word, t }
		end
	end
	return found
end

local function find(items, word)
	for i, item in ipairs(items) do
		if item[1] == word then
			return i
		end
	end
end

-- The youngest of them, as a text.
local function shown(items, most)
	local words = {}
	for i = math.max(1, #items - most + 1), #items do
		words[#words + 1] = string.format('%s=%d', items[i][1], items[i][2])
	end
	return table.concat(words, ' ')
end

-- Puts it last, as the youngest.
local function renew(items, word)
	local i = find(items, word)
	if i then
		table.remove(items, i)
	end
	items[#items + 1] = { word, now }
end

for _, name in ipairs(TAKEN[what] or {}) do
	fields[name] = nil
end
local networks = timed('networks', MEMORY)
local at = find(networks, network)
local known = at ~= nil
local ends = number('until')
if ends - now > tonumber(ARGV[6]) or ends <= now then
	ends = 0 -- it is over, or was written by a clock that is wrong
end

-- The share of the window before that is still within the last `window`
-- seconds counts, so that a pause at the right moment gains nothing.
local since, count, before = number('since'), number('failures'),
	number('before')
if now < since or now - since >= 2 * window then
	since, count, before = now, 0, 0
elseif now - since >= window then
	since, count, before = since + window, 0, count
end

local function failures()
	return count + math.floor(before * (1 - (now - since) / window))
end

-- It ends with what is in it, but for an administrator's word.
local function keep()
	if fields.disabled then
		redis.call('PERSIST', key)
		return
	end
	local lasts = math.max(2 * window, ends - now)
	if #networks > 0 then
		lasts = math.max(lasts, MEMORY)
	end
	redis.call('EXPIRE', key, string.format('%d', lasts))
end

local function write(...)
	redis.call('HSET', key, ...)
	keep()
end

local locked, changed = 0, 0
if what == 'good' and not (at and now - networks[at][2] < DAY) then
	renew(networks, network)
	write('networks', shown(networks, MOST_NETWORKS))
elseif what == 'failed' and limit > 0 and not known and ends == 0 then
	local tries = timed('tries', window)
	local again = hash ~= '' and find(tries, hash)
	if hash ~= '' then
		renew(tries, hash)
	end
	if not again then
		count = count + 1
	end
	if failures() >= limit and not again then
		ends, locked = now + tonumber(ARGV[6]), 1
	end
	write('failures', locked == 1 and 0 or count, 'before',
		locked == 1 and 0 or before, 'since', since, 'last', now, 'tries',
		shown(tries, MOST_TRIES), 'until', ends)
elseif what == 'disable' then
	changed = fields.disabled ~= ARGV[7] and 1 or 0
	fields.disabled = ARGV[7]
	if changed == 1 then
		write('disabled', ARGV[7], 'disabled_by', ARGV[8], 'disabled_at', now)
	else
		keep() -- whoever set it by hand may have left it an end
	end
elseif TAKEN[what] then
	local gone = redis.call('HDEL', key, unpack(TAKEN[what]))
	changed = (gone > 0 or list.err) and 1 or 0
	keep()
end
return { known and 0 or ends, failures(), known and 1 or 0,
	fields.disabled and 1 or 0, math.max(locked, changed),
	fields.disabled or '', fields.disabled and fields.disabled_by or '' }
