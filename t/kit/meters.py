"""meters - what policyd has counted, as its administrator reads it"""
import json

PREFIX = "policyd:rate:"

# HGETALL of every meter at once; of what is no hash its type.
_READ = """
local all = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
	local fields = redis.call('TYPE', key).ok
	if fields == 'hash' then
		fields = {none = ''}
		local h = redis.call('HGETALL', key)
		for i = 1, #h, 2 do fields[h[i]] = h[i + 1] end
	end
	all[key] = fields
end
return next(all) and cjson.encode(all) or '{}'
"""


def meters(policyd, like="*"):
    """By key without the prefix: the fields of each."""
    return {key[len(PREFIX):]: fields for key, fields in json.loads(
        policyd.cli("eval", _READ, 0, PREFIX + like)).items()}


def counted(fields):
    return int(fields.get("current", 0)) + int(fields.get("previous", 0))


def by_steps(fields):
    """What counts now: `steps` has when the newest began, what `current` was
    then, and the steps before."""
    _, base, *before = map(int, fields.get("steps", "0 0").split())
    return int(fields.get("current", 0)) - base + sum(before)


def is_open(fields):
    """How much is charged and not settled."""
    return sum(int(n) for field, n in fields.items()
               if field.startswith("open:"))


def forget(policyd):
    for key in meters(policyd):
        policyd.cli("del", PREFIX + key)
