"""tap - assertions that are sentences, printed as TAP for prove(1)

A test script is a function that calls ok() and same(); run() turns an
exception into a failure, cleans up and prints the plan. prove(1) keeps to
itself what a script prints, so what failed, and why, is said on stderr.
"""
import os
import sys
import traceback

from kit import undo
from kit.undo import later  # noqa: F401 (its users think of it as ours)

_count = 0
_failed = 0


def ok(true, sentence, *shown):
    """`shown` is said when the sentence is not true."""
    global _count, _failed
    _count += 1
    print(f"{'ok' if true else 'not ok'} {_count} - {sentence}", flush=True)
    if not true:
        _failed += 1
        complain(f"not ok {_count} - {sentence}", *shown)
    return bool(true)


def same(got, wanted, sentence):
    return ok(got == wanted, sentence, f"got    {got!r}", f"wanted {wanted!r}")


def failed():
    return _failed > 0


def diag(thing):
    """A figure for who reads all that is printed."""
    for line in str(thing).splitlines():
        print(f"# {line}", flush=True)


def complain(*things):
    """What went wrong, for who sees failures only."""
    lines = [f"# {line}" for thing in things
             for line in str(thing).splitlines()]
    print(f"# {os.path.relpath(sys.argv[0])}:", *lines, sep="\n",
          file=sys.stderr, flush=True)


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def _to_its_end(script):
    try:
        script()
    except Exception:
        ok(False, "the test runs to its end", traceback.format_exc())


def run(script):
    undo.after(lambda: _to_its_end(script))
    print(f"1..{_count}", flush=True)
    sys.exit(1 if _failed else 0)
