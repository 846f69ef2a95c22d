#!/usr/bin/python3
"""What limits say through a real Postfix, whose they are, and what counts."""
import os
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.dialogue import message, stuffed  # noqa: E402
from kit.meters import counted, is_open, meters  # noqa: E402
from kit.postfix import Postfix, told  # noqa: E402
from kit.tap import ok, same  # noqa: E402

LETS_IN = "250 2.1.5 Ok"
SENDS = "250 2.0.0"
LIMITED = ("451 4.7.1 Requested action aborted: This mail account has sent "
           "too many messages in a short amount of time. Please try later.")

POLICY = """
trusted = {{ "198.51.100.0/24" }}
local_domains = {{ "redis:", "example.com", "example.org", "example.net",
    "adds.example" }}
mailboxes = {{ "redis:", "@example.org", "@example.net", "@adds.example",
    "anna@example.com", "bert@example.com", "cleo@example.com",
    "dora@example.com", "emil@example.com", "fred@example.com",
    "greta@example.com" }}
mailbox {{ mode = enforce }}
rate {{
    mode = enforce
    {server}
}}
domain "example.net" {{
    rate {{ messages = "1/1h"  domain_messages = "3/1h" }}
}}
domain "adds.example" {{
    rate {{ messages = "1/1h"  domain_messages = "2/1h"
        domain_limits = adds }}
}}
mailbox "anna@example.com" {{ rate {{ messages = "2/1h" }} }}
mailbox "bert@example.com" {{ rate {{ recipients = "3/1h" }} }}
mailbox "cleo@example.com" {{ rate {{ bytes = "10K/1h" }} }}
mailbox "dora@example.com" {{ rate {{ messages = {{ "2/1d", "5/1h" }} }} }}
"""
CLIENTS = """
    inbound_messages = "1/1h"
    trusted_recipients = "2/1h"
"""
SERVER = 'server_messages = "2/1h"'
AT_RCPT = "settle = rcpt\n    messages = \"2/1h\"  recipients = \"100/1h\""
ALL = 'messages = "3/1h"  recipients = "100/1h"'


def text(size=300):
    """What send() takes: without the last line's end, which it says."""
    return stuffed(message("x", size))[:-2].decode()


def send(postfix, login, *recipients, size=300, address="192.0.2.7"):
    """The replies to RCPT and to the message."""
    return postfix.send(login or "x@example.net",
                        recipients or ["to@remote.example"], text(size),
                        address=address, login=login)


def limited(reply, sentence):
    told(reply, LIMITED, sentence)


def counts(policyd, wanted, sentence):
    """So much stands in these meters, or will in a moment."""
    def found():
        all_of_them = meters(policyd)
        return {key: counted(all_of_them.get(key, {})) for key in wanted}
    programs.wait_for(lambda: found() == wanted)
    same(found(), wanted, sentence)


def sends(postfix, times, login, sentence, **more):
    replies = [send(postfix, login, **more)[-1] for _ in range(times)]
    ok(all(r.is_(SENDS) for r in replies), sentence, replies)


def by_messages(postfix, policyd):
    sends(postfix, 2, "anna@example.com", "who may send two messages an hour "
          "sends two")
    limited(send(postfix, "anna@example.com")[0], "but not a third")
    found = policyd.decided(check="rate", sender="anna@example.com",
                            verdict="refuse")
    same([found.get(k) for k in ("meter", "owner", "used", "limit")],
         ["messages/1h", "mailbox", "2", "2"], "the log has the meter")
    limited(send(postfix, "Anna@Example.COM")[0],
            "nor by capital letters")
    sends(postfix, 1, "emil@example.com", "others do")
    sends(postfix, 2, "dora@example.com", "of two limits")
    limited(send(postfix, "dora@example.com")[0], "the first met holds")


def by_recipients(postfix):
    four = [f"user{n}@remote.example" for n in range(4)]
    replies = send(postfix, "bert@example.com", *four)
    limited(replies[3], "who may write to three is refused the fourth")
    same([r.code for r in replies], ["250"] * 3 + ["451", "250"],
         "and sends to the three")
    limited(send(postfix, "bert@example.com")[0], "then he may write to none")


def unasked(postfix, policyd):
    """About a recipient without a domain Postfix asks nobody."""
    configure(policyd, ALL.replace("100/1h", "3/1h"))
    two = "x@remote.example", "y@remote.example"
    told(send(postfix, "emil@example.com", *two, "postmaster")[-1], SENDS,
         "one whom Postfix does not ask about")
    counts(policyd, {"{example.com}:emil:recipients/1h": 3}, "counts, too")
    limited(send(postfix, "fred@example.com", *two, "a@remote.example",
                 "postmaster")[-1], "and may be one too many")


def by_bytes(postfix, policyd):
    login = "cleo@example.com"
    s = postfix.session(address="192.0.2.7", login=login)
    limited(s.mail(login, "x@remote.example", " SIZE=10241"),
            "what is declared too much is refused at RCPT")
    s.quit()
    limited(send(postfix, login, size=11000)[-1],
            "what was not declared when it is there")
    counts(policyd, {"{example.com}:cleo:bytes/1h": 0},
           "neither has used anything up")
    told(send(postfix, login, size=8000)[-1], SENDS, "there is room for 8000")
    limited(send(postfix, login, size=8000)[-1], "but not twice")
    told(send(postfix, login, size=2000)[-1], SENDS, "the rest may be sent")
    counts(policyd, {"{example.com}:cleo:bytes/1h": 10000},
           "10000 bytes are counted")


def by_domain(postfix, policyd):
    sends(postfix, 3, "uma@example.net", "a domain's limit holds in place of "
          "the mailbox' own, greater or not")
    limited(send(postfix, "vera@example.net")[0],
            "it is for all mailboxes together")
    same(policyd.decided(check="rate", sender="vera@example.net").get("owner"),
         "domain", "the log says whose limit it was")
    same([k for k in meters(policyd) if "example.net" in k],
         ["{example.net}:messages/1h"], "the mailbox has no meter then")
    sends(postfix, 1, "uma@adds.example", "where it adds")
    limited(send(postfix, "uma@adds.example")[0], "the mailbox' own holds")
    sends(postfix, 1, "vera@adds.example", "another may still send")
    limited(send(postfix, "will@adds.example")[0],
            "until the domain has sent its own")
    counts(policyd, {"{adds.example}:messages/1h": 2},
           "who was refused has not used up any of it")


def by_redis(postfix, policyd):
    policyd.cli("hset", "policyd:domain:{panel.example}", "rate.messages",
                "3/1h")
    policyd.cli("hset", "policyd:mailbox:{panel.example}:carol",
                "rate.messages", "2/1h")
    policyd.cli("hset", "policyd:mailbox:{panel.example}:dave",
                "rate.recipients", "100/1h")
    sends(postfix, 2, "carol@panel.example", "a mailbox' limit in Redis")
    limited(send(postfix, "carol@panel.example")[0], "holds")
    sends(postfix, 3, "dave@panel.example", "its domain's")
    limited(send(postfix, "dave@panel.example")[0], "holds for others")
    policyd.cli("hset", "policyd:mailbox:{panel.example}:carol",
                "rate.messages", "3/1h")
    ok(programs.wait_for(
        lambda: send(postfix, "carol@panel.example")[-1].is_(SENDS)),
       "raised, it lets one more through")
    limited(send(postfix, "carol@panel.example")[0], "and no other")


def by_server(postfix, policyd):
    configure(policyd, SERVER)
    sends(postfix, 1, "emil@example.com", "the server's limit is")
    sends(postfix, 1, "fred@example.com", "for all that log in")
    limited(send(postfix, "greta@example.com")[0], "together")
    same(policyd.decided(check="rate", sender="greta@example.com")
         .get("owner"), "server", "the log says that it is the server's")
    told(send(postfix, None, "emil@example.com")[-1], SENDS,
         "not for strangers")


def by_client(postfix, policyd):
    configure(policyd, CLIENTS)
    ours = "emil@example.com"
    told(send(postfix, None, ours, address="192.0.2.20")[-1], SENDS,
         "a stranger may have a limit, too")
    limited(send(postfix, None, ours, address="192.0.2.20")[0], "by address")
    told(send(postfix, None, ours, address="192.0.2.21")[-1], SENDS,
         "another has his own")
    told(send(postfix, None, ours, address="2001:db8:5::1")[-1], SENDS,
         "who has a whole network")
    limited(send(postfix, None, ours, address="2001:db8:5::2")[0],
            "is one client")
    replies = send(postfix, None, ours, "fred@example.com",
                   "greta@example.com", address="198.51.100.1")
    same([r.code for r in replies], ["250", "250", "451", "250"],
         "trusted clients have limits of their own")
    limited(replies[2], "and are told the same")
    sends(postfix, 3, "emil@example.com", "who logs in is none of both")


def begun(postfix, end):
    """Messages that do not come to their end."""
    s = postfix.session(address="192.0.2.7", login="emil@example.com")
    for _ in range(5):
        told(s.mail("emil@example.com", "x@remote.example"), LETS_IN,
             "a message may be begun")
        if not end(s):
            return


def nothing_is_open(policyd):
    return not any(map(is_open, meters(policyd).values()))


def unfinished(postfix, policyd):
    configure(policyd, ALL)
    begun(postfix, lambda s: s.reset())
    for end in lambda s: s.quit(), lambda s: s.close():
        begun(postfix, end)
        postfix.hang_up()
        ok(programs.wait_for(lambda: nothing_is_open(policyd), 60),
           "it is given back when Postfix hangs up", meters(policyd))
    sends(postfix, 3, "emil@example.com", "what was begun and never sent "
          "counts for nothing")
    limited(send(postfix, "emil@example.com")[0], "what was sent does")


def nobody_asks_at_the_end(service, policyd):
    configure(policyd, AT_RCPT)
    postfix = Postfix(service)
    replies = send(postfix, "emil@example.com", "x@remote.example",
                   "nobody@example.com", "y@remote.example")
    same([r.code for r in replies], ["250", "550", "250", "250"],
         "with settle = rcpt Postfix need not ask at the message's end")
    messages, recipients = (f"{{example.com}}:emil:{kind}/1h" for kind in
                            ("messages", "recipients"))
    counts(policyd, {messages: 1, recipients: 2},
           "who was accepted counts, who was refused not")
    begun(postfix, lambda s: s.quit())
    counts(policyd, {messages: 2, recipients: 3},
           "and what was only begun counts, too")
    limited(send(postfix, "emil@example.com")[0], "then the limit is met")


def only_at_the_end(service, policyd):
    configure(policyd, ALL)
    postfix = Postfix(service, "--stages", "end_of_data")
    two = "x@remote.example", "X@remote.example", "y@remote.example"
    replies = [send(postfix, "emil@example.com", *two) for _ in range(4)]
    ok(all(r[-1].is_(SENDS) for r in replies[:3]),
       "where policyd is asked at the message's end only, three may be sent",
       replies)
    limited(replies[3][-1], "the fourth is refused there")
    counts(policyd, {"{example.com}:emil:messages/1h": 3},
           "it does not count")


def behind_the_end(service, policyd):
    """Documented: Postfix has no question that comes later."""
    configure(policyd, ALL)
    postfix = Postfix(service, "--stages", "recipient,end_of_data",
                      f"header_checks=regexp:{policyd.place}/headers")
    reply = send(postfix, "emil@example.com")[-1]
    same(reply.code, "550", "what Postfix refuses by its header checks")
    counts(policyd, {"{example.com}:emil:messages/1h": 1},
           "counts: policyd was asked before it was refused")


def twice_and_refused(service, policyd):
    """Postfix says how many recipients a message has, but not which."""
    configure(policyd, ALL)
    postfix = Postfix(
        "none", f"smtpd_recipient_restrictions=check_policy_service {service},"
        f"check_recipient_access regexp:{policyd.place}/late",
        f"smtpd_end_of_data_restrictions=check_policy_service {service}")
    replies = send(postfix, "emil@example.com", "x@remote.example",
                   "y@remote.example", "X@remote.example", "late@example.org")
    same([r.code for r in replies], ["250"] * 3 + ["554", "250"],
         "where one is given twice, and Postfix refuses one behind policyd")
    counts(policyd, {"{example.com}:emil:recipients/1h": 3},
           "the message counts no fewer than it has, and no more than those")


def hangs_up(postfix, policyd):
    """CAVEATS of policyd(8): behind other codes Postfix 3.7 may crash."""
    configure(policyd, 'bytes = "10K/1h"', 'reply "rate" { code = 421 }')
    s = postfix.session(address="192.0.2.7", login="emil@example.com")
    s.mail("emil@example.com", "x@remote.example")
    same(s.message(text(11000)).code, "421", "refused with 421 at its end")
    try:
        more = s.say("DATA")
    except (EOFError, OSError):  # gone, perhaps before we have said it
        more = None
    same(more, None, "a message ends the session")
    same(postfix.warnings(), [], "and Postfix has nothing to warn of")


def configure(policyd, server, more=""):
    """With other limits, and nothing counted."""
    policyd.configure(other=POLICY.format(server=server) + more).reload()
    for key in meters(policyd):
        policyd.cli("del", f"policyd:rate:{key}")


def write(place, name, line):
    with open(os.path.join(place, name), "w") as f:
        f.write(line + "\n")


def script():
    policyd = programs.Policyd(programs.Redis().start()).configure(
        greylist="mode = off",
        other=POLICY.format(server="")).start()
    write(policyd.place, "late", "/^late/ REJECT")
    write(policyd.place, "headers", "/^Subject: x/ REJECT")
    service = f"inet:127.0.0.1:{policyd.port}"
    postfix = Postfix(service, "--stages", "recipient,end_of_data",
                      "mynetworks=198.51.100.0/24")
    by_messages(postfix, policyd)
    by_recipients(postfix)
    by_bytes(postfix, policyd)
    by_domain(postfix, policyd)
    by_redis(postfix, policyd)
    by_server(postfix, policyd)
    by_client(postfix, policyd)
    unfinished(postfix, policyd)
    unasked(postfix, policyd)
    hangs_up(postfix, policyd)
    nobody_asks_at_the_end(service, policyd)
    only_at_the_end(service, policyd)
    twice_and_refused(service, policyd)
    behind_the_end(service, policyd)
    same(policyd.stop(), 0, "it ends well")


tap.run(script)
