"""meters - what policyd has counted, as its administrator reads it"""
import json

PREFIX = "policyd:rate:"

# HGETALL of every meter at once; of what is no hash its type. What the journal
# says is open is a field more of each, open:noted.
_READ = """
local all, noted = {}, {}
for _, page in ipairs(redis.call('HVALS', 'policyd:open')) do
	for key, n in page:match('^%d+ %d+( .*)$'):gmatch(' (%S+) %d+ (%d+)') do
		noted[key] = (noted[key] or 0) + n
	end
end
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
	local fields = redis.call('TYPE', key).ok
	if fields == 'hash' then
		fields = {none = ''}
		local h = redis.call('HGETALL', key)
		for i = 1, #h, 2 do fields[h[i]] = h[i + 1] end
		fields['open:noted'] = noted[key]
	end
	all[key] = fields
end
return next(all) and cjson.encode(all) or '{}'
"""


def meters(policyd, like="*"):
    """By key without the prefix: the fields of each, of policyd's Redis."""
    return {key[len(PREFIX):]: fields for key, fields in json.loads(
        policyd.cli("eval", _READ, 0, PREFIX + like)).items()}


def is_open(fields):
    """How much is charged and not settled."""
    return sum(int(n) for field, n in fields.items()
               if field.startswith("open:"))


def counted(fields):
    """What was sent in this window and the one before."""
    return int(fields.get("current", 0)) + int(
        fields.get("previous", 0)) - is_open(fields)


def used(fields):
    """What was sent in the last window, or less by now, and what is open."""
    return int(fields.get("current", 0)) + int(fields.get("earlier", 0))


def forget(policyd):
    for key in meters(policyd):
        policyd.cli("del", PREFIX + key)
