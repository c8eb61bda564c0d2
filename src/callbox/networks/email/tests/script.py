"""An IMAP server of a few lines, for what Dovecot will not be: old, odd, or in a bad mood."""

import socketserver
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

Replies = Mapping[str, Sequence[str]]


@dataclass
class Script:
    """What the server says to which command, and what it was told. A reply's last line stands
    for the tagged one ("OK done"); a line "+" asks the client to go on."""

    replies: Replies
    capability: str = "IMAP4rev1"
    port: int = 0
    heard: list[str] = field(default_factory=list)

    def answer(self, command: str) -> Sequence[str]:
        """The reply to a command, by the longest beginning that matches."""
        fitting = [one for one in self.replies if command.upper().startswith(one)]
        return self.replies[max(fitting, key=len)] if fitting else ["OK done"]


@contextmanager
def imap_server(replies: Replies | None = None, capability: str = "IMAP4rev1") -> Iterator[Script]:
    """A server on a free loopback port."""
    script = Script(dict(replies or {}), capability)

    class Line(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say(f"* OK [CAPABILITY {script.capability}] ready")
            while line := self.rfile.readline().decode().strip():
                script.heard.append(line)
                tag, _, command = line.partition(" ")
                self.reply(tag, command)

        def reply(self, tag: str, command: str) -> None:
            if command == "CAPABILITY":
                self.say(f"* CAPABILITY {script.capability}")
            *lines, last = script.answer(command)
            for one in lines:
                self.say(one)
                if one.startswith("+"):
                    script.heard.append(self.rfile.readline().decode().strip())
            self.say(f"{tag} {last}")

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Line) as server:
        script.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
