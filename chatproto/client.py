"""The line client: what a person types goes to the chat, what the chat says is shown.

    python -m chatproto.client [HOST] [PORT] [--name NAME]

It speaks the plainest protocol there is: UTF-8 over TCP, a newline behind each line.  It reads
servers that send no newlines as well, as homework often does: what nothing follows is a message.
Copied anywhere, this one file runs alone.

Two threads: the main one waits for the person, a daemon for the server, with one lock between.

    keyboard ─▶ page.read ─▶ chat.say ─▶ socket       (main thread)
    screen   ◀─ page.show ◀─ Lines    ◀─ socket       (reader thread)

It must not know what a room, a command or a name is, nor import anything of this project.
Source: the threading face of websockets (sync/connection.py): one reader, every wait bounded.
"""

from __future__ import annotations

import _thread
import argparse
import codecs
import contextlib
import gettext
import io
import os
import select
import shutil
import signal
import socket
import sys
import threading
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final

try:
    import ctypes
    import readline
except ImportError:  # Windows: what comes is then printed into what is being typed
    readline = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ = gettext.translation("chatproto", Path(__file__).with_name("locale"), fallback=True).gettext

PROMPT: Final = "> "
HIGHEST_PORT: Final = 65_535
LONGEST: Final = 65_536  # characters without a newline; then it is shown, not kept in memory
BIDI_OVERRIDES: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Seconds.
CONNECTING: Final = 10.0  # a person gives up about then; the system tries for two minutes
SENDING: Final = 30.0  # the server may slow a talker down, but not for ever
GREETING: Final = 0.3  # for a first question, so that the answer is typed right behind it
SETTLED: Final = 0.08  # longer than the gaps in a message, shorter than a person notices
QUIET: Final = 0.3  # the server has answered all that was piped in
GOODBYE: Final = 2.0  # for the server's last words

# Pipes and pastes are faster than any person.  Lines go one by one, for servers that take whatever
# one recv() brings for one message, and not faster than chat servers (ergo, ours) let people talk:
# five at once, then two a second.  So none of them still waits over there when we close.
APART: Final = 0.1
BURST: Final = 5
PAUSE: Final = 0.5


# What comes and how it looks: no socket, no terminal, no clock.


class Lines:
    """Bytes in, lines out, however the network cut them: within a line, or within a letter."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.rest = ""  # what has come since the last newline

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that are whole now."""
        *lines, self.rest = (self.rest + self._decode(data)).split("\n")
        return lines if len(self.rest) < LONGEST else [*lines, self.take_rest()]

    def take_rest(self) -> str:
        """Take what has no newline for a line of its own."""
        rest, self.rest = self.rest, ""
        return rest


class Pace:
    """When the next line may go: a bucket that is as deep as a burst."""

    def __init__(self) -> None:
        self._last = self._full = 0.0

    def pause(self, now: float) -> float:
        """Return how long to wait before the next line, which is then taken to go."""
        pause = max(0.0, self._last + APART - now, self._full - (BURST - 1) * PAUSE - now)
        self._last = now + pause
        self._full = max(self._full, self._last) + PAUSE
        return pause


def clean(text: str) -> str:
    """Drop what does more to a terminal than be read: controls, escapes, turned direction."""
    unsafe = {char for char in set(text) - {"\t", "\n"} if unicodedata.category(char) == "Cc"}
    return text.translate(dict.fromkeys(map(ord, unsafe | BIDI_OVERRIDES)))


def last_word(line: str) -> str:
    """Return what to tell the server if the person means to leave, else nothing."""
    words = line.split()
    if words == ["exit"]:
        return "/quit"
    return line if words[:1] == ["/quit"] else ""


def cells(char: str) -> int:
    """How many columns a terminal gives to this character."""
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def cursor_after(text: str, columns: int) -> tuple[int, int]:
    """Row and column behind `text`; as in readline, a full row goes on at the next one's start."""
    row = column = 0
    for width in map(cells, text):
        if column + width > columns:  # a wide character is not cut: it goes down as a whole
            row, column = row + 1, 0
        column += width
    return (row, column) if column < columns else (row + 1, 0)


# What a person reads, and writes on.


class Paper:
    """Plain lines in and out: for pipes, files, and terminals that can do no more."""

    def show(self, lines: Sequence[str]) -> None:
        """Print the lines, and nothing else."""
        self._write("".join(f"{line}\n" for line in lines))

    def read(self, question: str) -> str:
        """Return the next line, or raise EOFError; the question stands on a line of its own."""
        if question:
            self.show([question])
        return input()

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


class Screen(Paper):
    """A terminal: what comes goes above the line being typed, which readline keeps."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard
        self._prompt = ""  # not empty while a line is being typed
        self._turn = threading.RLock()
        self._held: list[str] | None = None  # what came while readline was putting up the prompt

    def show(self, lines: Sequence[str]) -> None:
        """Take away the typed line, print, and put it back: in one write, so nothing flickers."""
        text = "".join(f"{line}\n" for line in lines)
        with self._turn:
            if self._held is not None:
                self._held += lines
            else:
                self._write(self._above(text) if self._prompt else text)

    def _above(self, text: str) -> str:
        before, behind = self._keyboard.typed()
        front = clean(self._prompt + before).expandtabs()
        whole = clean(self._prompt + before + behind).expandtabs()
        columns = shutil.get_terminal_size().columns
        (row, column), (last, full) = cursor_after(front, columns), cursor_after(whole, columns)
        wrap = "" if full else " "  # a terminal stays on a full row until more is written
        back = "\033[A" * (last - row) + f"\033[{column + 1}G"
        return "".join(("\033[A" * row, "\r\033[J", text, whole, wrap, back))

    def read(self, question: str) -> str:
        """Let the person edit a line behind the question, or behind the usual prompt."""
        prompt = question or PROMPT

        def ready() -> None:
            with self._turn:
                self._prompt, held, self._held = prompt, self._held, None
                if held:
                    self.show(held)

        with self._turn:
            self._held = []
        try:
            return self._keyboard.line(prompt, ready)
        except (EOFError, KeyboardInterrupt):
            self._write("\n")
            raise
        finally:
            self._close()

    def _close(self) -> None:
        """No line is being typed any more."""
        with self._turn:
            self._prompt, held, self._held = "", self._held, None
            if held:
                self.show(held)


class Keyboard:
    """The line that is being typed: readline."""

    def __init__(self) -> None:
        self._gnu = "GNU" in (readline.__doc__ or "")  # Macs have libedit, which knows less
        self._cursor: ctypes.c_int | None = None
        if self._gnu:  # Python's module does not tell where in the line the cursor is; C's does
            with contextlib.suppress(OSError, ValueError):
                library = ctypes.CDLL(getattr(readline, "__file__", None))
                self._cursor = ctypes.c_int.in_dll(library, "rl_point")

    def line(self, prompt: str, ready: Callable[[], None]) -> str:
        """Let a line be typed; calls `ready` when the prompt is there, and typing may begin."""
        if self._gnu:
            readline.set_pre_input_hook(ready)
        else:  # libedit would not call it
            ready()
        return input(prompt)

    def typed(self) -> tuple[str, str]:
        """Return what is typed before the cursor, and behind it (nothing, if nobody knows)."""
        line = os.fsencode(readline.get_line_buffer())
        cursor = len(line) if self._cursor is None else self._cursor.value
        return os.fsdecode(line[:cursor]), os.fsdecode(line[cursor:])


def open_page() -> Paper:
    """Choose by what stdin and stdout are."""
    terminal = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return Screen(Keyboard()) if terminal and readline else Paper()


# The way to the server and back.


class Chat:
    """One conversation: says lines to a server, and shows on a page what comes back."""

    def __init__(self, sock: socket.socket, page: Paper) -> None:
        self._sock = sock
        self._page = page
        self._pace = Pace()
        self._news = threading.Condition()  # the lock, around all that is below
        self._lines = Lines()
        self._ended = self._leaving = False
        self.loss = ""  # why the server went before we did
        self._reader = threading.Thread(target=self._listen, daemon=True)

    def listen(self) -> None:
        """Begin to show what the server says."""
        self._reader.start()

    def greeting(self) -> str:
        """Wait for the server's first question: words with a space behind them, not a newline."""
        with self._news:
            asked = self._news.wait_for(lambda: self._lines.rest.endswith(" "), GREETING)
            return clean(self._lines.take_rest()) if asked else ""

    def say(self, line: str) -> None:
        """Send a line when its turn has come."""
        time.sleep(self._pace.pause(time.monotonic()))
        try:
            self._sock.sendall(f"{line}\n".encode("utf-8", "replace"))
        except OSError:  # the reader says why, after it has shown what came before
            self.close()

    def leave(self, quiet: float, word: str = "") -> None:
        """Say a last word and wait for the server's: until it is `quiet`, or closes."""
        with self._news:
            self._leaving = True
        if word:
            self.say(word)
        until = time.monotonic() + GOODBYE
        with self._news:
            while not self._ended and (left := until - time.monotonic()) > 0:
                if not self._news.wait(min(quiet, left)):
                    break

    def close(self) -> None:
        """Let go of the server; the reader must not be printing when Python stops."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._reader.join(GOODBYE)

    # The reader thread lives in these.

    def _listen(self) -> None:
        why = _("The server closed the connection.")
        try:
            while data := self._receive():
                self._hear(data)
            self._settle()
        except BrokenPipeError:  # nobody reads what we print any more: no loss
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the last flush
            why = ""
        except OSError as error:
            why = _("The connection was lost: {reason}.").format(reason=error.strerror or error)
        self._end(why)

    def _receive(self) -> bytes:
        if self._lines.rest and not select.select([self._sock], [], [], SETTLED)[0]:
            self._settle()
        select.select([self._sock], [], [])  # the one unbounded wait: a chat may sleep for days
        return self._sock.recv(65_536)

    def _hear(self, data: bytes) -> None:
        with self._news:
            lines = self._lines.feed(data)
            self._news.notify_all()
        self._show(lines)

    def _settle(self) -> None:
        with self._news:
            rest = self._lines.take_rest()
        self._show([rest] if rest else [])

    def _show(self, lines: list[str]) -> None:
        if lines:
            self._page.show([clean(line) for line in lines])

    def _end(self, why: str) -> None:
        with self._news:
            self._ended = True
            self._news.notify_all()
            if not self._leaving:
                self.loss = why
                interrupt_main()


def interrupt_main() -> None:
    """Raise KeyboardInterrupt in the main thread, also while it waits for the keyboard."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:  # Windows: its input() notices at the next Enter
        _thread.interrupt_main()


# From the first word to the last.


def talk(chat: Chat, page: Paper, name: str) -> None:
    """Carry lines from the page to the chat until the person leaves."""
    chat.listen()
    question = chat.greeting()
    if name:
        if question:
            page.show([question + name])
        chat.say(name)
        question = ""
    try:
        while not (word := last_word(line := page.read(question))):
            chat.say(line)
            question = ""
        chat.leave(GOODBYE, word)
    except EOFError:
        chat.leave(QUIET)


def converse(sock: socket.socket, name: str) -> None:
    """Talk until somebody has had enough."""
    page = open_page()
    chat = Chat(sock, page)
    with contextlib.suppress(KeyboardInterrupt):  # ^C, or the reader: the server has gone
        talk(chat, page, name)
    chat.leave(quiet=0.0)
    chat.close()
    if chat.loss:
        sys.exit(chat.loss)


def connect(host: str, port: int) -> socket.socket:
    """Find the server, or end here with a sentence."""
    try:
        sock = socket.create_connection((host, port), CONNECTING)
    except (socket.gaierror, UnicodeError):  # UnicodeError: cannot even be looked up as a name
        sys.exit(_("There is no host called {host}.").format(host=host))
    except OSError as error:
        sentence, reason = _("No answer from {host}, port {port}: {reason}."), error.strerror
        sys.exit(sentence.format(host=host, port=port, reason=reason or error))
    sock.settimeout(SENDING)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a line goes when it is said
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # a server may die without a word
    return sock


def read_port(text: str) -> int:
    """Take a port from the command line."""
    if not (text.isdecimal() and 0 < int(text) <= HIGHEST_PORT):
        sentence = _("a port is a number from 1 to {highest}, not {text}")
        raise argparse.ArgumentTypeError(sentence.format(highest=HIGHEST_PORT, text=text))
    return int(text)


def read_options(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=_("Talk to a chat server, a line at a time."),
        epilog=_("To leave: /quit, exit, ^D or ^C."),
    )
    parser.add_argument("host", nargs="?", default="127.0.0.1", help=_("default: %(default)s"))
    parser.add_argument(
        "port", nargs="?", default=8080, type=read_port, help=_("default: %(default)s")
    )
    parser.add_argument("--name", default="", help=_("what to answer when asked who you are"))
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the client; return 0, or exit with a sentence and 1 when there is no server (left)."""
    options = read_options(argv)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a letter it does not know is no reason to stop
            stream.reconfigure(errors="replace")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # `client &` starts with it ignored
    with contextlib.suppress(KeyboardInterrupt), connect(options.host, options.port) as sock:
        converse(sock, options.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
