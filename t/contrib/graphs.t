#!/usr/bin/python3
"""What graphs, alerts and the manual ask for is in the metrics."""
import json
import os
import re
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import ok, same  # noqa: E402


def read(name):
    with open(os.path.join(programs.TOP, name)) as f:
        return f.read()


def wanted(text):
    """Metrics by name, and the labels they are asked for by."""
    for name, braces in re.findall(r"\b(policyd_\w+)(\{[^}]*\})?", text):
        labels = set(re.findall(r"(\w+)\s*=", braces)) - {"instance"}
        yield re.sub("_(bucket|count|sum)$", "", name), labels


def script():
    names = programs.NameServer("2.0.0.127.bl.example A 127.0.0.2\n")
    policyd = programs.Policyd().configure(
        other=names.section + '\ndnsbl { clients = { "bl.example" } }').start()
    policyd.ready()
    metrics = policyd.http("/metrics")[1]
    families = set(re.findall(r"^# TYPE (\w+) ", metrics, re.M))
    dashboard = json.loads(read("contrib/grafana/policyd.json"))
    asked = [t["expr"] for p in dashboard["panels"] for t in p["targets"]]
    asked += re.findall(r"expr: (.*?)\n +(?:for|annotations)",
                        read("contrib/prometheus/policyd.rules.yml"), re.S)
    ok(len(asked) > 15, "there are graphs and alerts", asked)
    for name, labels in sorted({(n, tuple(sorted(ls))) for expr in asked
                                for n, ls in wanted(expr)}):
        sample = re.search(rf"^{name}(?:_bucket)?\{{(.*)\}}", metrics, re.M)
        have = set(re.findall(r'(\w+)="', sample[1])) if sample else set()
        ok(name in families and set(labels) <= have,
           f"{name} is there" + (", by " + ", ".join(labels)
                                 if labels else ""))
    named = set(re.findall(r"\bpolicyd_\w+", read("policyd/policyd.8")))
    ok("policyd_store_lookup_duration_seconds" in named,
       "the manual has names of metrics")
    same(sorted(named - families), [], "and all of them are there")


tap.run(script)
