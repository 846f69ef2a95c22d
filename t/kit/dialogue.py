"""dialogue - an SMTP session as lines that can be printed and played

A line is a command of SMTP as it is said, but for those that bring a message
or end the session:

    DATA N          a message of N bytes, and the dot
    DATA N LEAVE    the connection is dropped behind the dot, reply unheard
    DATA N CUT      and here in the middle of the message
    BDAT N N N      a message in chunks of so many bytes, the last one LAST
    BDAT N N ...    the same without a last chunk
    DROP            the connection is dropped
    QUIT

What was sent bears the name of its dialogue and the number of its line, so
that who finds it at the next hop knows where it is from.
"""
import collections

MARK = "X-Transaction: "


def message(name, size):
    """Of so many bytes, but never less than its name needs."""
    head = f"{MARK}{name}\r\nSubject: x\r\n\r\n"
    # A line that begins with a dot is sent with two.
    body = "".join(f"{'.' * (n % 3)}{n:04} {'x' * 40}\r\n"
                   for n in range(size // 47 + 1))
    text = (head + body)[:max(size - 2, len(head) + 1)]
    # The cut may not part CR from LF.
    return (text[:-1] + "x" if text.endswith("\r") else text) + "\r\n"


def stuffed(text):
    return text.replace("\r\n.", "\r\n..").encode()


class Dialogue:
    """`client` says who begins a session: Postfix.session() takes it."""

    def __init__(self, name, mta, client, pipelining, lines):
        self.name, self.mta, self.client = name, mta, client
        self.pipelining, self.lines = pipelining, lines

    def but(self, name, lines):
        return Dialogue(name, self.mta, self.client, self.pipelining, lines)

    def __str__(self):
        who = " ".join(f"{k}={v}" for k, v in self.client.items())
        how = " pipelining" if self.pipelining else ""
        return "\n".join([f"{self.name}: MTA {self.mta}, {who}{how}"] +
                         [f"    {line}" for line in self.lines])


class Player:
    """`told` counts what was heard: ("RCPT", "250") so many times."""

    def __init__(self, dialogue, smtp):
        self.dialogue, self.smtp = dialogue, smtp
        self.told = collections.Counter()
        self.held = []  # commands, when they are sent in one go

    def play(self):
        try:
            for n, line in enumerate(self.dialogue.lines):
                if not self.line(f"{self.dialogue.name}/{n}", line):
                    break
        except (EOFError, ConnectionError):
            self.told["closed", ""] += 1  # Postfix has had enough
        self.smtp.close()
        return self.told

    def line(self, name, line):
        """Whether the session goes on."""
        word, *rest = line.split()
        if word == "DATA":
            return self.data(message(name, int(rest[0])), rest[1:])
        if word == "BDAT":
            return self.chunks(name, rest)
        if word == "DROP":
            self.flush()
            return False
        self.held.append(line.encode() + b"\r\n")
        if not self.dialogue.pipelining or \
                word not in ("MAIL", "RCPT", "RSET"):
            self.flush()
        return word != "QUIT"

    def flush(self, *more):
        """Says all that is held back, and those; the replies to those."""
        said = self.held + list(more)
        self.held = []
        if self.dialogue.pipelining:
            self.smtp.socket.sendall(b"".join(said))
        replies = []
        for command in said:
            if not self.dialogue.pipelining:
                self.smtp.socket.sendall(command)
            replies.append(self.smtp.reply())
            self.told[command[:4].decode().strip(), replies[-1].code] += 1
        return replies[len(said) - len(more):]

    def data(self, text, how):
        if self.flush(b"DATA\r\n")[0].code != "354":
            return self.give_up()
        raw = stuffed(text)
        if how:
            raw = raw[:len(raw) // 2] if how == ["CUT"] else raw + b".\r\n"
            self.smtp.socket.sendall(raw)
            return False
        self.smtp.socket.sendall(raw + b".\r\n")
        reply = self.smtp.reply()
        self.told[".", reply.code] += 1
        return reply.code == "250" or self.give_up()

    def chunks(self, name, sizes):
        whole = sizes[-1] != "..."
        sizes = [int(n) for n in sizes if n != "..."]
        text = message(name, sum(sizes)).encode()
        said = []
        for n, size in enumerate(sizes):
            last = n == len(sizes) - 1
            chunk = text if last else text[:size]
            text = text[len(chunk):]
            said.append(f"BDAT {len(chunk)}{' LAST' * (last and whole)}\r\n"
                        .encode() + chunk)
        if not all(r.code == "250" for r in self.flush(*said)):
            return self.give_up()
        return True

    def give_up(self):
        """What clients do whose message is not taken. Those that do not may
        crash Postfix 3.7: refused by smtpd_end_of_data_restrictions it stays
        in the transaction, and DATA without a recipient finds no file."""
        self.flush(b"RSET\r\n")
        return True
