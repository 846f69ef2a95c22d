#!/usr/bin/env python3
"""A Postfix that never asks at END-OF-MESSAGE: the log tells what is missing,
and metrics tell how many transactions that were."""
import re
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import ok, same  # noqa: E402

MANY = 50
WARNING = (r"warning: rate: 50 transactions were charged and given back, 0 came to "
           r"their end: only these count\. Postfix must ask there, too; main\.cf: "
           r"smtpd_end_of_data_restrictions = check_policy_service \.\.\. ")


def send(policyd, count, first, ends):
    """So many messages over one connection, which is closed then. True when
    all may be sent."""
    client = policyd.client()
    answers = set()
    for i in range(first, first + count):
        about = {"instance": f"i.{i}", "sasl_username": "anna@example.org",
                 "client_address": "192.0.2.7"}
        answers.add(client.ask(**about))
        if ends:
            client.ask(**about, protocol_state="END-OF-MESSAGE", recipient="",
                       recipient_count="1", size="1000")
    client.close()
    return answers == {"DUNNO"}


def charged(policyd, end):
    text = policyd.http("/metrics")[1]
    return int(re.search(
        r'^policyd_charged_transactions_total\{check="rate",end="%s"\} (\d+)$'
        % end, text, re.M)[1])


def main():
    redis = programs.Redis().start()
    policyd = programs.Policyd(redis)
    policyd.configure(
        other='rate { mode = enforce messages = "1000/1h" }')
    policyd.start()
    policyd.ready()
    ok(send(policyd, MANY, 1, False), "all pass")
    ok(programs.wait_for(lambda: charged(policyd, "released") == MANY),
       "metrics count what was charged and given back")
    same(charged(policyd, "committed"), 0, "and that nothing came to its end")
    ok(policyd.logged(WARNING), "a warning in the log tells, and what to do about it")
    policyd.reload()
    send(policyd, 1, MANY + 1, True)
    ok(programs.wait_for(lambda: charged(policyd, "committed") == 1),
       "metrics count what came to its end")
    same(policyd.log_count("were charged and given back"), 1, "it is told once")


tap.run(main)
