"""The line client: what a person types goes to the chat, what the chat says is shown.

    python -m chatproto.client [HOST] [PORT] [--name NAME] [--reconnect]

It speaks the plainest protocol there is: UTF-8 over TCP, a newline after each line.  It reads
servers that end a line with CR, with two newlines or not at all as well, as homework often does.
Copied anywhere, this one file runs alone.

Two threads: the main one waits for the person, a daemon for the server, with one lock between.
The daemon also comes back when the server was away, so the half-typed line stays where it is.

    keyboard ─▶ page.read ─▶ chat.say ─▶ socket       (main thread)
    screen   ◀─ page.show ◀─ Lines    ◀─ socket       (reader thread)

It must not import anything of this project; what it knows of our own server, and of no other,
stands in one place below (`GOING_DOWN` and what follows it).
Source: the threading face of websockets (sync/connection.py): one reader, every wait bounded.
"""

from __future__ import annotations

import _thread
import argparse
import codecs
import contextlib
import functools
import gettext
import io
import math
import os
import random
import re
import select
import shutil
import signal
import socket
import sys
import threading
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

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

# Seconds.
CONNECTING: Final = 10.0  # a person gives up about then; the system tries for two minutes
SENDING: Final = 30.0  # the server may slow a talker down, but not for ever
GREETING: Final = 0.3  # for a first question, so that the answer is typed right after it
SETTLED: Final = 0.08  # longer than the gaps in a line, shorter than a person notices
APIECE: Final = 0.02  # the same where no line has ever had an end: two messages are not one
QUIET: Final = 0.3  # the server has answered all that was piped in
GOODBYE: Final = 2.0  # for the server's last words
SLICE: Final = 1.0  # of a longer wait, for Windows, where ^C comes through only between them
ANSWER: Final = 3.0  # for its question when we come again, and for what it says to our name

# Coming back: ten minutes, in seconds between the tries.  Each is made up to half as long or half
# as short again, so that all clients of one server do not come back at once.
WAITS: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, *[60.0] * 9)
STEADY: Final = 120.0  # a connection that held so long: the waits begin anew

# Pipes and pastes are faster than any person.  Lines go one by one, for servers that take whatever
# one recv() brings for one message, and not faster than chat servers (ergo, ours) let people talk:
# five at once, then two a second.  So none of them still waits over there when we close.
APART: Final = 0.1
BURST: Final = 5
PAUSE: Final = 0.5

# What our own server says and knows; tests hold these against it.  No member there can say a line that
# begins with "-- ", and a server whose own lines do not is never sent a command by us.
GOING_DOWN: Final = frozenset(
    {"-- The server is going down. Goodbye.", "-- Сервер останавливается. До свидания."}
)
OURS: Final = re.compile("-- .*/help")  # what it says to a name that will do
QUITTING: Final = frozenset({"/quit", "/q", "/exit", "/bye"})
NAMING: Final = frozenset({"/nick", "/name"})
JOINING: Final = frozenset({"/join", "/j"})
PARTING: Final = frozenset({"/leave", "/part", "/l"})
ROOMS: Final = 50  # as many as one may be in

# What never reaches the screen, as in the server's core/text.py: control sequences, controls, what
# turns the direction, and what has no shape.  Of what has no width, a few sit on one letter.
SEQUENCES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]"
)
HIDDEN: Final = re.compile(
    "[\0-\x08\x0a-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e"
    "\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0d\ufeff\uffa0"
    "\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17))
    + "]"
)
JOINERS: Final = "\u200c\u200d"  # Persian, Hindi and families of emoji are spelt with them
MARKS: Final = 8  # Vietnamese needs 2, pointed Hebrew 4; piles need dozens


# What comes and how it looks: no socket, no terminal, no clock.


class Lines:
    """Bytes in, lines out, however the network cut them: within a line, or within a letter.

    A line ends with LF, CR LF or CR.  Empty ones are left out: they are what is left of a message
    that ended twice, as those of a server do that adds a newline to the newline it was sent.
    """

    def __init__(self) -> None:
        letters = codecs.getincrementaldecoder("utf-8")("replace")
        self._decode = io.IncrementalNewlineDecoder(letters, translate=True).decode
        self.rest = ""  # what has come since the last line end
        self.have_ends = False  # whether there has been one

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that are whole now."""
        *lines, self.rest = (self.rest + self._decode(data)).split("\n")
        self.have_ends |= bool(lines)
        if len(self.rest) >= LONGEST:
            lines.append(self.take_rest())
        return [line for line in lines if line]

    def take_rest(self) -> str:
        """Remove and return what has no newline."""
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


class Place:
    """Our name and rooms at a server of ours, from what the person typed."""

    def __init__(self, name: str | None) -> None:
        self.name = name  # None before there is one; "" for a guest
        self._rooms: dict[str, None] = {}  # the current one is the last

    def answer(self, line: str) -> None:
        """Note an answer to the question for the name: the name, or `name: something said`."""
        self.name = line.partition(":")[0].strip()

    def note(self, line: str) -> None:
        """Note what a command does to it."""
        command, *words = line.split() or [""]
        room = "#" + words[0].removeprefix("#").casefold() if words else ""
        if command in NAMING and words:
            self.name = words[0]
        elif command in JOINING and words:
            self._rooms.pop(room, None)
            self._rooms[room] = None
            if len(self._rooms) > ROOMS:
                del self._rooms[next(iter(self._rooms))]
        elif command in PARTING and self._rooms:
            named = bool(words) and words[0].startswith("#")  # otherwise it is a reason
            self._rooms.pop(room if named else next(reversed(self._rooms)), None)

    def way_back(self) -> list[str]:
        """Return what to say in order to be there again, after the name."""
        return [f"/join {room}" for room in self._rooms]


def clean(line: str) -> str:
    """Return the line without what does more to a terminal than be read."""
    line = HIDDEN.sub("", SEQUENCES.sub("", line))
    if line.isascii():
        return line
    kept: list[str] = []
    marks = MARKS  # what comes first has no letter to sit on
    for char in line:
        joins = char in JOINERS
        if not joins and unicodedata.category(char)[0] != "M":
            marks = 0
        elif marks == MARKS or (joins and (kept[-1] in JOINERS or kept[-1].isascii())):
            continue
        else:
            marks += 1
        kept.append(char)
    return "".join(kept)


def is_leaving(line: str) -> bool:
    """Return whether a person who types this means to leave."""
    words = line.split()
    return words == ["exit"] or bool(QUITTING.intersection(words[:1]))


def cells(char: str) -> int:
    """Return how many columns a terminal gives to this character."""
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def cursor_after(text: str, columns: int) -> tuple[int, int]:
    """Return row and column after `text`; as in readline, a full row goes on in the next."""
    row = column = 0
    for width in map(cells, text):
        if column + width > columns:  # a wide character is not cut: it goes down as a whole
            row, column = row + 1, 0
        column += width
    return (row, column) if column < columns else (row + 1, 0)


# What a person reads, and writes on.


class Unread(Exception):
    """What we print is not read any more: the pipe was closed."""


class Paper:
    """Plain lines in and out: for pipes, files, and terminals that can do no more."""

    def show(self, lines: Sequence[str]) -> None:
        """Print the lines, and nothing else."""
        self._write("".join(f"{line}\n" for line in lines))

    def tell(self, sentence: str) -> None:
        """Show a sentence of our own: on stderr, so that a file of stdout holds the chat alone."""
        with contextlib.suppress(OSError):
            sys.stderr.write(f"{sentence}\n")
            sys.stderr.flush()

    def read(self, question: str) -> str:
        """Return the next line, or raise EOFError; the question stands on a line of its own."""
        if question:
            self.show([question])
        return input()

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:  # no loss; and the flush when Python stops must not fail, too
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise Unread from None


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

    def tell(self, sentence: str) -> None:
        """Show a sentence of our own, like any other line."""
        self.show([sentence])

    def _above(self, text: str) -> str:
        before, after = self._keyboard.typed()
        front = clean(self._prompt + before).expandtabs()
        whole = clean(self._prompt + before + after).expandtabs()
        columns = shutil.get_terminal_size().columns
        (row, column), (last, full) = cursor_after(front, columns), cursor_after(whole, columns)
        wrap = "" if full else " "  # a terminal stays on a full row until more is written
        back = "\033[A" * (last - row) + f"\033[{column + 1}G"
        return "".join(("\033[A" * row, "\r\033[J", text, whole, wrap, back))

    def read(self, question: str) -> str:
        """Return the line that the person edits after the question, or after the usual prompt."""
        prompt = question or PROMPT
        with self._turn:
            self._held = []
        try:
            return self._keyboard.line(prompt, functools.partial(self._put_up, prompt))
        except (EOFError, KeyboardInterrupt):
            self._write("\n")
            raise
        finally:
            self._put_up("")

    def _put_up(self, prompt: str) -> None:
        """Note the prompt that stands there, "" for none, and show what was held back for it."""
        with self._turn:
            self._prompt, held, self._held = prompt, self._held, None
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
        """Return the line typed; call `ready` when the prompt is there, and typing may begin."""
        if self._gnu:
            readline.set_pre_input_hook(ready)
        else:  # libedit would not call it
            ready()
        return input(prompt)

    def typed(self) -> tuple[str, str]:
        """Return what is typed before the cursor, and after it (nothing where the cursor is unknown)."""
        line = os.fsencode(readline.get_line_buffer())
        cursor = len(line) if self._cursor is None else self._cursor.value
        return os.fsdecode(line[:cursor]), os.fsdecode(line[cursor:])


def open_page() -> Paper:
    """Return a screen where stdin and stdout are a terminal, else plain paper."""
    terminal = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return Screen(Keyboard()) if terminal and readline else Paper()


# The way to the server and back.


class NoAnswer(Exception):
    """There is no server at that address (now); the text says why."""


def dial(host: str, port: int) -> socket.socket:
    """Return a connection to the server, or raise NoAnswer."""
    try:
        sock = socket.create_connection((host, port), CONNECTING)
        sock.settimeout(SENDING)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a line goes when it is said
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # it may die without a word
    except (socket.gaierror, UnicodeError):  # UnicodeError: cannot even be looked up as a name
        raise NoAnswer(_("There is no host called {host}.").format(host=host)) from None
    except OSError as error:
        sentence, reason = _("No answer from {host}, port {port}: {reason}."), error.strerror
        raise NoAnswer(sentence.format(host=host, port=port, reason=reason or error)) from None
    return sock


class Connection:
    """One connection to a server: sends, shows what comes, and learns from it what the server is.

    Only the reader thread hears; both threads send.  `news` is the lock around what both use.
    `question` is how servers at this address have asked for the name.
    """

    def __init__(
        self, sock: socket.socket, page: Paper, news: threading.Condition, question: str = ""
    ) -> None:
        self._sock = sock
        self._page = page
        self._news = news
        self._lines = Lines()
        self._sending = threading.Lock()  # the socket is not closed under a sender
        self.question = question
        self.asks = False  # it waits for a name
        self.is_ours = False  # it knows our commands
        self.last = ""  # what it said last

    def send(self, line: str) -> bool:
        """Return whether the line went out."""
        with self._sending:
            try:
                self._sock.sendall(f"{line}\n".encode("utf-8", "replace"))
            except OSError:  # the reader says why, after it has shown what came before
                self.shut(socket.SHUT_RDWR)
                return False
        return True

    def shut(self, how: int) -> None:
        """Close one direction, or both; whichever thread waits for it then goes on."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(how)

    def close(self) -> None:
        """Close the socket, when no line is being sent."""
        with self._sending:
            self._sock.close()

    def hear_question(self) -> str:
        """Return what the server asks first, or "" if it does not ask."""
        patience = ANSWER if self.question else GREETING
        is_asked = self._hear_until(lambda: self._lines.rest.endswith(" "), patience)
        question = clean(self._lines.take_rest()) if is_asked else ""
        self.question = self.question or question
        return question

    def takes_answer(self, question: str) -> bool:
        """Return False when the question comes again instead of a welcome."""
        self._hear_until(lambda: self.is_ours or self._lines.rest == question, ANSWER)
        if self._lines.rest != question:
            return True
        self._settle()
        return False

    def listen(self) -> NoReturn:
        """Show what comes; raise EOFError at the end of it."""
        while True:
            settled = SETTLED if self._lines.have_ends else APIECE
            if self._lines.rest and not self._has_news(settled):
                self._settle()
            self._has_news(None)  # the one unbounded wait: a chat may sleep for days
            self._hear()

    def _hear_until(self, is_so: Callable[[], bool], seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not is_so() and (left := until - time.monotonic()) > 0:
            if self._has_news(left):
                self._hear()
        return is_so()

    def _has_news(self, seconds: float | None) -> bool:
        return bool(select.select([self._sock], [], [], seconds)[0])

    def _hear(self) -> None:
        data = self._sock.recv(65_536)
        if not data:
            self._settle()
            raise EOFError
        self._show(self._lines.feed(data))

    def _settle(self) -> None:
        """Show what has no end as a line of its own."""
        rest = self._lines.take_rest()
        with self._news:
            self.asks |= bool(rest) and clean(rest) == self.question
        self._show([rest])

    def _show(self, lines: Sequence[str]) -> None:
        if lines := [shown for line in lines if (shown := clean(line))]:
            with self._news:
                self.is_ours |= any(map(OURS.match, lines))
                self.last = lines[-1]
                self._news.notify_all()
            self._page.show(lines)


class Chat:
    """One conversation, over one connection or several: lines said, and what comes back shown.

    It comes back by itself when the server said that it is going down, and always if `returns`.
    Raises NoAnswer if there is no server to begin with.
    """

    def __init__(
        self,
        connect: Callable[[], socket.socket],
        page: Paper,
        name: str | None = None,
        *,
        returns: bool = False,
    ) -> None:
        self._connect = connect
        self._page = page
        self._place = Place(name)
        self._pace = Pace()
        self._returns = self._may_return = returns
        self._news = threading.Condition()  # the lock, around what both threads use
        self._connection = Connection(connect(), page, self._news)
        self._reader = threading.Thread(target=self._live, daemon=True)
        self._open = self._ended = self._leaving = False
        self.loss = ""  # why the server went before we did

    # The main thread lives in these.

    def begin(self) -> str:
        """Begin to show what the server says; return its question, if it waits for an answer."""
        self._reader.start()
        self._wait_until_open()
        return self._connection.question if self._connection.asks else ""

    def say(self, line: str) -> None:
        """Send a line, when its turn has come and there is a server to send it to."""
        while self._wait_until_open() and not self._send(line):
            pass  # the reader is about to notice
        with self._news:
            if self._connection.asks:
                self._connection.asks = False
                self._place.answer(line)
            elif self._connection.is_ours:
                self._place.note(line)

    def leave(self, word: str = "", quiet: float = 0.0) -> None:
        """Hear the server out until it is quiet, after a last word if it knows it; then let go.

        To a server that does not, the word would be something said, and is kept.  Ours tells the
        others that we left without it, too, when we stop sending before we close.
        """
        with self._news:
            self._leaving = True
            self._news.notify_all()
            if is_command := word.startswith("/"):  # it may not have said yet whose it is
                self._news.wait_for(lambda: self._connection.is_ours or not self._open, QUIET)
            is_known = is_command and self._connection.is_ours and self._open
        if is_known:
            self.say(word)
        self._until_quiet(GOODBYE if is_known else quiet)
        self._connection.shut(socket.SHUT_WR)
        self._until_quiet(QUIET)
        self._connection.shut(socket.SHUT_RDWR)
        self._reader.join(GOODBYE)  # it must not be printing when Python stops
        self._connection.close()

    def _wait_until_open(self) -> bool:
        with self._news:
            while not self._news.wait_for(lambda: self._open or self._ended, SLICE):
                pass  # the reader gives up in the end
            return self._open

    def _until_quiet(self, quiet: float) -> None:
        """Wait until nothing has come for so long, or nothing can; at most for a goodbye."""
        until = time.monotonic() + GOODBYE
        with self._news:
            while not self._ended and (left := until - time.monotonic()) > 0:
                if not self._news.wait(min(quiet, left)):
                    break

    # Both threads do this.

    def _send(self, line: str) -> bool:
        """Return whether the line went out, when its turn had come, over the connection of now."""
        connection = self._connection
        time.sleep(self._pace.pause(time.monotonic()))
        return connection.send(line)

    # The reader thread lives in these.

    def _live(self) -> None:
        """Be at the server, or on the way back to it, until one of us has had enough."""
        waits, since, why = iter(WAITS), time.monotonic(), ""
        try:
            why = self._stay(again=False)
            while why and self._may_return and not self._leaving:
                if time.monotonic() - since > STEADY:
                    waits = iter(WAITS)
                wait = next(waits, None)
                if wait is None or self._leaves_within(wait * random.uniform(0.5, 1.5), why):  # noqa: S311
                    break
                since = time.monotonic()
                why = self._return()
        finally:
            self._end(why)

    def _leaves_within(self, seconds: float, why: str) -> bool:
        """Return whether the person leaves before the next try, which is announced to them."""
        sentence = _("{why} Trying again in {seconds} s; ^C leaves.")
        self._page.tell(sentence.format(why=why, seconds=math.ceil(seconds)))
        with self._news:
            return self._news.wait_for(lambda: self._leaving, seconds)

    def _return(self) -> str:
        """Try once to be there again; return why that ended."""
        try:
            sock = self._connect()
        except NoAnswer as error:
            return str(error)
        self._connection.close()
        with self._news:
            question = self._connection.question
            self._connection = Connection(sock, self._page, self._news, question)
            if self._leaving:  # too late to begin anything
                self._connection.shut(socket.SHUT_RDWR)
        return self._stay(again=True)

    def _stay(self, *, again: bool) -> str:
        """Show what the server says until it goes; return why, or "" if the output was closed."""
        try:
            if not self._introduce(again=again):
                why = _("The server does not take the name {name} now.")
                return why.format(name=self._place.name)
            if again:
                self._page.tell(_("Connected again."))
            with self._news:
                self._open = True
                self._news.notify_all()
            self._connection.listen()
        except Unread:
            return ""
        except EOFError:
            return _("The server closed the connection.")
        except OSError as error:
            return _("The connection was lost: {reason}.").format(reason=error.strerror or error)
        finally:
            self._close()

    def _introduce(self, *, again: bool) -> bool:
        """Answer the first question with the name, if there is one; return whether it is taken."""
        question = self._connection.hear_question()
        with self._news:
            name = self._place.name
            self._connection.asks = bool(question) and name is None
        if name is None:  # the first time it is what `begin` returns
            self._page.show([question] if again and question else [])
            return True
        self._page.show([question + name] if question else [])
        self._send(name)
        if again and question:
            if not self._connection.takes_answer(question):
                return False
            for line in self._place.way_back():
                self._send(line)
        return True

    def _close(self) -> None:
        with self._news:
            if self._open:  # otherwise this was one more try that failed
                self._may_return = self._returns or self._connection.last in GOING_DOWN
            self._open = False

    def _end(self, why: str) -> None:
        with self._news:
            self._ended = True
            self._news.notify_all()
            self.loss = "" if self._leaving else why
            while not self._leaving:  # a signal is lost that comes just before a thread waits
                interrupt_main()
                self._news.wait(SLICE)


def interrupt_main() -> None:
    """Raise KeyboardInterrupt in the main thread, also while it waits for the keyboard."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:  # Windows: its input() notices at the next Enter
        _thread.interrupt_main()


# From the first word to the last.


def converse(chat: Chat, page: Paper) -> None:
    """Carry lines from the page to the chat until one side has had enough."""
    try:
        question, word = chat.begin(), ""
        with contextlib.suppress(EOFError):
            while not is_leaving(word := page.read(question)):
                chat.say(word)
                question = word = ""
        chat.leave(word.strip(), QUIET)
    except (KeyboardInterrupt, Unread):  # ^C, or the reader: the server has gone
        chat.leave()
    if chat.loss:
        sys.exit(chat.loss)


def read_port(text: str) -> int:
    """Return a port of the command line."""
    if not (text.isdecimal() and 0 < int(text) <= HIGHEST_PORT):
        sentence = _("a port is a number from 1 to {highest}, not {text}")
        raise argparse.ArgumentTypeError(sentence.format(highest=HIGHEST_PORT, text=text))
    return int(text)


def read_options(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=_("Talk to a chat server, a line at a time."),
        epilog=_("To leave: /quit, exit, ^D or ^C."),
    )
    parser.add_argument("host", nargs="?", default="127.0.0.1", help=_("default: %(default)s"))
    parser.add_argument(
        "port", nargs="?", default=8080, type=read_port, help=_("default: %(default)s")
    )
    parser.add_argument("--name", help=_("what to answer when asked who you are"))
    parser.add_argument(
        "--reconnect", action="store_true", help=_("come back whenever the connection is lost")
    )
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the client; return 0, or exit with a sentence and 1 when there is no server (left)."""
    options = read_options(argv)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a letter it does not know is no reason to stop
            stream.reconfigure(errors="replace")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # `client &` starts with it ignored
    connect, page = functools.partial(dial, options.host, options.port), open_page()
    with contextlib.suppress(KeyboardInterrupt):
        try:
            chat = Chat(connect, page, options.name, returns=options.reconnect)
        except NoAnswer as error:
            sys.exit(str(error))
        converse(chat, page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
