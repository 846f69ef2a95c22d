"""tap - assertions that are sentences, printed as TAP for prove(1)

A test script is a function that calls ok() and same(); run() turns an
exception into a failure, cleans up and prints the plan.
"""
import sys
import traceback

from kit import undo
from kit.undo import later  # noqa: F401 (its users think of it as ours)

_count = 0
_failed = 0


def ok(true, sentence, *shown):
    """`shown` is printed when the sentence is not true."""
    global _count, _failed
    _count += 1
    print(f"{'ok' if true else 'not ok'} {_count} - {sentence}", flush=True)
    if not true:
        _failed += 1
        for thing in shown:
            diag(thing)
    return bool(true)


def same(got, wanted, sentence):
    return ok(got == wanted, sentence, f"got    {got!r}", f"wanted {wanted!r}")


def diag(thing):
    """A line for the reader: a figure, or what went wrong."""
    for line in str(thing).splitlines():
        print(f"# {line}", flush=True)


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
