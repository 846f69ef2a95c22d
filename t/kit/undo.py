"""undo - whatever was started is ended, whatever happens
"""
import signal
import sys

_things = []


def later(undo, *args):
    """Call undo(*args) at the end; last come, first undone."""
    _things.append((undo, args))


def _stop(number, _):
    raise SystemExit(128 + number)


def _all():
    while _things:
        undo, args = _things.pop()
        try:
            undo(*args)
        except Exception as e:  # the others must be undone too
            print(f"# cleaning up: {e}", file=sys.stderr, flush=True)


def after(script):
    """Calls script(), then undoes all, also when we are told to stop."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        script()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        _all()
