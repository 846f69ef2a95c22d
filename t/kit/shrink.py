"""shrink - the least that still goes wrong"""
import time

from kit.tap import complain

SECONDS = 60  # then it is what it is


class Shrink:
    """`wrong` plays a dialogue and says what is wrong then."""

    def __init__(self, wrong):
        self.wrong_with, self.tries = wrong, 0
        self.end = time.monotonic() + SECONDS

    def wrong(self, dialogue):
        self.tries += 1
        return self.wrong_with(dialogue.but(
            f"{dialogue.name}.{self.tries}", dialogue.lines))

    def less(self, dialogue):
        """Without the lines that it goes wrong without, one by one."""
        n = 0
        while n < len(dialogue.lines) and time.monotonic() < self.end:
            without = dialogue.but(dialogue.name, dialogue.lines[:n] +
                                   dialogue.lines[n + 1:])
            if self.wrong(without):
                dialogue = without
            else:
                n += 1
        return dialogue

    def of(self, dialogues):
        """Complains of the first that is wrong by itself."""
        for dialogue in dialogues:
            if time.monotonic() > self.end:
                return
            if self.wrong(dialogue):
                dialogue = self.less(dialogue)
                complain("wrong by itself:", dialogue, self.wrong(dialogue))
                return
        complain("each of them is right by itself")
