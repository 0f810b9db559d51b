"""A bare epoll loop in Python, as the limit of what the interpreter allows.

What limit.c does, line for line where that is possible: whole lines from one go to all others with
one `send` each; what a socket does not take waits in memory, without bound; nothing is parsed.

Must not know anything else of ours. Source: epoll(7).
"""

import select
import socket
import sys
from dataclasses import dataclass, field

CHUNK = 64 * 1024  # read at a time, as in limit.c
BACKLOG = 1024


@dataclass(slots=True, eq=False)
class Client:
    """One connection."""

    socket: socket.socket
    begun: bytes = b""  # a line that has not ended yet
    waiting: bytearray = field(default_factory=bytearray)  # what the socket did not take


class Loop:
    """All connections, and the poller that says which are ready."""

    def __init__(self, port: int) -> None:
        self.listener = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
        self.listener.setblocking(False)
        self.poller = select.epoll()
        self.poller.register(self.listener.fileno(), select.EPOLLIN)
        self.clients: dict[int, Client] = {}

    def run(self) -> None:
        """Serve until killed."""
        while True:
            for number, events in self.poller.poll():
                if number == self.listener.fileno():
                    self.let_in()
                    continue
                client = self.clients[number]
                if events & select.EPOLLOUT:
                    self.send_waiting(client)
                if events & ~select.EPOLLOUT:
                    self.listen_to(client)

    def let_in(self) -> None:
        """Accept a connection and greet it, so that the client knows it is in."""
        connection, _ = self.listener.accept()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.clients[connection.fileno()] = Client(connection)
        self.poller.register(connection.fileno(), select.EPOLLIN)
        connection.send(b"hello\r\n")

    def let_out(self, client: Client) -> None:
        """Forget a connection that is gone."""
        del self.clients[client.socket.fileno()]
        client.socket.close()  # which takes it out of the poller

    def listen_to(self, client: Client) -> None:
        """Pass the whole lines on, keep the rest of the last."""
        try:
            data = client.socket.recv(CHUNK)
        except OSError:
            data = b""
        if not data:
            self.let_out(client)
            return
        whole, end, begun = (client.begun + data).rpartition(b"\n")
        client.begun = begun
        if end:
            self.tell_others(client, whole + end)

    def tell_others(self, teller: Client, data: bytes) -> None:
        """Send to all connections but the one it came from."""
        length = len(data)
        for client in self.clients.values():
            if client is teller:
                continue
            if client.waiting:
                client.waiting += data
                continue
            try:
                sent = client.socket.send(data)
            except OSError:  # full, or gone: then its own event says so
                sent = 0
            if sent < length:
                client.waiting += data[sent:]
                self.poller.modify(client.socket.fileno(), select.EPOLLIN | select.EPOLLOUT)

    def send_waiting(self, client: Client) -> None:
        """Send on, and stop asking for room when all is sent."""
        try:
            sent = client.socket.send(client.waiting)
        except OSError:
            return
        del client.waiting[:sent]
        if not client.waiting:
            self.poller.modify(client.socket.fileno(), select.EPOLLIN)


if __name__ == "__main__":
    Loop(int(sys.argv[1])).run()
