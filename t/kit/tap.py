"""tap - assertions that are sentences, printed as TAP for prove(1)

A test script is a function that calls ok(), same() or ends(); run() prints
the plan behind it, turns an exception into a failure, and cleans up whatever
was handed to later(), last first, also when the script is told to stop.
"""
import signal
import sys
import traceback

_count = 0
_failed = 0
_undo = []


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


def ends(got, wanted, sentence):
    return ok(got.endswith(wanted), sentence, f"got {got!r}",
              f"which does not end in {wanted!r}")


def diag(thing):
    """A line for the reader: a figure, or what went wrong."""
    for line in str(thing).splitlines():
        print(f"# {line}", flush=True)


def later(undo, *args):
    """Call undo(*args) at the end, whatever happens."""
    _undo.append((undo, args))


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def _clean_up():
    while _undo:
        undo, args = _undo.pop()
        try:
            undo(*args)
        except Exception as e:  # the others must be undone too
            diag(f"cleaning up: {e}")


def run(script):
    def stop(number, _):
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        script()
    except Exception:
        ok(False, "the test runs to its end", traceback.format_exc())
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _clean_up()
    print(f"1..{_count}", flush=True)
    sys.exit(1 if _failed else 0)
