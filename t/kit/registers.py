"""registers - what stands in them, and what their clients hear

What takes minutes does not keep a test waiting: age() makes records older.
"""
import time

from kit.tap import diag, ok, same

ABUSE = "451 4.7.0"

# A Postfix that lets one session be all clients after another.
PATIENT = ("smtpd_soft_error_limit=10000", "smtpd_hard_error_limit=10001",
           "smtpd_junk_command_limit=10000", "in_flow_delay=0",
           "smtpd_authorized_xclient_hosts=0.0.0.0/0 [::]/0")


AGE = """
local keys = redis.call('KEYS', 'policyd:grey:*')
for _, key in ipairs(keys) do
    local record = redis.call('GET', key):gsub('(%a+)=(%d+)',
        function(name, moment)
            if name == 'first' or name == 'last' then
                return string.format('%s=%d', name, moment - ARGV[1])
            end
        end)
    redis.call('SET', key, record, 'KEEPTTL')
end
return #keys
"""


def age(policyd, seconds):
    """All whom greylisting put off came so much earlier."""
    if int(policyd.cli("eval", AGE, 0, seconds)) == 0:
        raise RuntimeError("nobody was put off")


def wait_for_window(redis, seconds):
    """Sessions are counted in windows by Redis' clock, and less and less of
    the one before: what is to be within one must not begin at its end."""
    left = seconds - int(redis.cli("time").split()[0]) % seconds
    if left < 20:
        time.sleep(left)


def listed(policyd):
    """The clients of the abuse register, by its index."""
    names = policyd.cli("zrange", "policyd:index:abuse", 0, -1).split()
    return set(names)


def failures(policyd, client):
    """How many a client is said to have."""
    key = "policyd:abuse:{" + client.replace(":", "%3a") + "}"
    return int(policyd.cli("hget", key, "failures") or 0)


def endless(policyd):
    """Keys without an end: only lists may be, and what is for ever."""
    keys = policyd.cli("keys", "*").split()
    return [k for k in keys if policyd.cli("ttl", k) == "-1" and
            not k.endswith(":{lists}")]


def replies(postfix, addresses):
    """What each is told at RCPT, in one session: XCLIENT makes it another."""
    s = postfix.session()
    for address in addresses:
        kind = "IPV6:" if ":" in address else ""
        s.say(f"XCLIENT ADDR={kind}{address} NAME=[UNAVAILABLE]")
        s.say("EHLO mx.example.net")
        yield address, s.mail("carol@example.net", "alice@example.com")
        s.reset()
    s.quit()


def heard(postfix, plan):
    """All of the plan's clients call, as Postfix hears them."""
    since = time.monotonic()
    told = dict(replies(postfix, plan.failures))
    took = time.monotonic() - since
    wrong = {a: r for a, r in told.items()
             if r.is_(ABUSE) != plan.is_listed(a) or
             r.code not in ("451", "250")}
    same(wrong, {}, "whoever is listed hears 451 4.7.0 from Postfix, all "
         "others get in")
    example = next(a for a in told if plan.is_listed(a))
    ok(f"from IP ({example}) because of policy violation" in
       told[example].text, "with its address", told[example])
    diag(f"{len(told)} clients asked Postfix in {took:.1f} s")
