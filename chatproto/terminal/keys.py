r"""Bytes from a terminal to the keys that were pressed, in whatever pieces the bytes come.

Must not know modes or the clock. It has no clock: a lone Esc waits for what follows and is then
dropped, so Esc and then "x" is "x", however much time lies between them.

Source: ECMA-48 5.4 (control sequences), xterm's ctlseqs ("PC-Style Function Keys", "Bracketed
Paste Mode"), the terminfo of linux, rxvt, screen, putty; RFC 3629 (UTF-8).

Not recognised, on purpose: OSC and DCS strings (ESC ] and ESC P). They are a terminal's answers
to questions that we never ask, and to wait for their end would swallow what is typed after Alt-].
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

SEQUENCE_LIMIT: Final = 64
"""Bytes in an unfinished escape sequence: no key of any terminal takes more than a dozen."""

PASTE_LIMIT: Final = 64 * 1024
"""Bytes of one paste: 32 full lines of 2,048, far more than a room wants to see at once."""

ESC: Final = b"\x1b"
INTERRUPT: Final = b"\x03"
BEGIN_MARK: Final = b"\x1b[200~"
END_MARK: Final = b"\x1b[201~"
TEXT: Final = re.compile(rb"[^\x00-\x1f\x7f]+")
INVALID: Final = re.compile("[\udc80-\udcff]")  # how "surrogateescape" marks a bad byte
VALID_OR_NOT: Final = re.compile("[^\udc80-\udcff]+|[\udc80-\udcff]")
PARAMETERS: Final = re.compile(rb"[\x20-\x3f]*")
# ^C gives a paste up: without the end mark every later key would belong to the paste.
PASTE_END: Final = re.compile(rb"\x1b\[201~|\x03")
# What opens a paste, or begins to; and what ends one.
OPENING: Final = rb"\x1b\[200~|\x1b(?:\[(?:20{0,2})?)?\Z"
MARKS: Final = re.compile(rb"(%s)|%s" % (OPENING, PASTE_END.pattern))


class Key(Enum):
    """A key that does something; what is typed is `Typed`, and what is pasted `Pasted`."""

    ENTER = auto()
    TAB = auto()
    BACK_TAB = auto()
    LEFT = auto()
    RIGHT = auto()
    UP = auto()
    DOWN = auto()
    HOME = auto()
    END = auto()
    WORD_LEFT = auto()
    WORD_RIGHT = auto()
    BACKSPACE = auto()
    DELETE = auto()
    KILL_TO_START = auto()
    KILL_TO_END = auto()
    KILL_BIG_WORD = auto()  # ^W: back to a space
    KILL_WORD = auto()  # Alt-Backspace: back over letters and digits
    KILL_NEXT_WORD = auto()
    YANK = auto()
    TRANSPOSE = auto()
    REDRAW = auto()
    SEARCH = auto()
    SEARCH_NEWER = auto()
    CANCEL = auto()
    INTERRUPT = auto()  # ^C
    END_OF_INPUT = auto()  # ^D
    NONSENSE = auto()  # bytes that are no UTF-8, or a sequence without an end


@dataclass(frozen=True, slots=True)
class Typed:
    """Characters typed one after the other; where a run of them is divided means nothing."""

    text: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """A bracketed paste as it came, its line ends made into newlines; `cut` if it was too long."""

    text: str
    cut: bool = False


Stroke: TypeAlias = Key | Typed | Pasted

# Emacs's letters, as in readline. Not here: ^J and ^M (Enter, apart for CR LF) and ^[ (Esc).
CONTROLS: Final[dict[int, Key]] = {
    0x01: Key.HOME,
    0x02: Key.LEFT,
    0x03: Key.INTERRUPT,
    0x04: Key.END_OF_INPUT,
    0x05: Key.END,
    0x06: Key.RIGHT,
    0x07: Key.CANCEL,
    0x08: Key.BACKSPACE,
    0x09: Key.TAB,
    0x0B: Key.KILL_TO_END,
    0x0C: Key.REDRAW,
    0x0E: Key.DOWN,
    0x10: Key.UP,
    0x12: Key.SEARCH,
    0x13: Key.SEARCH_NEWER,
    0x14: Key.TRANSPOSE,
    0x15: Key.KILL_TO_START,
    0x17: Key.KILL_BIG_WORD,
    0x19: Key.YANK,
    0x7F: Key.BACKSPACE,
}

# What of the keys is something without an editor too.
SPELT: Final[dict[Key, bytes]] = {Key.ENTER: b"\r", Key.TAB: b"\t", Key.END_OF_INPUT: b"\x04"}
EDITING: Final = bytes(set(CONTROLS) - {byte for text in SPELT.values() for byte in text})

# Alt and a letter: ESC before it.
ALTERED: Final[dict[int, Key]] = {
    ord("b"): Key.WORD_LEFT,
    ord("f"): Key.WORD_RIGHT,
    ord("d"): Key.KILL_NEXT_WORD,
    0x08: Key.KILL_WORD,
    0x7F: Key.KILL_WORD,
}

_FINALS: Final[dict[bytes, Key]] = {
    b"A": Key.UP,
    b"B": Key.DOWN,
    b"C": Key.RIGHT,
    b"D": Key.LEFT,
    b"F": Key.END,
    b"H": Key.HOME,
}
_TILDES: Final[dict[bytes, Key]] = {
    b"1": Key.HOME,  # linux, screen, PuTTY
    b"3": Key.DELETE,
    b"4": Key.END,
    b"7": Key.HOME,  # rxvt
    b"8": Key.END,
}
_BY_WORD: Final[dict[Key, Key]] = {
    Key.LEFT: Key.WORD_LEFT,
    Key.RIGHT: Key.WORD_RIGHT,
    Key.DELETE: Key.KILL_NEXT_WORD,
}


def _sequences() -> dict[bytes, Key]:
    """Return every sequence, without its ESC, as ctlseqs' table has it: 1 plus the modifiers."""
    table = {b"[Z": Key.BACK_TAB, b"OM": Key.ENTER, b"Oc": Key.WORD_RIGHT, b"Od": Key.WORD_LEFT}
    plain = {intro + final: key for intro in (b"[", b"O") for final, key in _FINALS.items()}
    plain |= {b"[" + number + b"~": key for number, key in _TILDES.items()}
    for sequence, key in plain.items():
        table[sequence] = key
        table[ESC + sequence] = _BY_WORD.get(key, key)  # Alt as a second ESC: rxvt, PuTTY
    for digit in range(2, 9):  # 2 Shift, 3 Alt, 5 Control, and their sums
        modified = b"%d" % digit
        by_word = _BY_WORD if (digit - 1) & 0b110 else {}
        for final, key in _FINALS.items():
            for intro in (b"[1;", b"[", b"O1;", b"O"):  # the last three: older xterms, konsole
                table[intro + modified + final] = by_word.get(key, key)
        for number, key in _TILDES.items():
            table[b"[" + number + b";" + modified + b"~"] = by_word.get(key, key)
    return table


SEQUENCES: Final = _sequences()


def spelt(stroke: Stroke) -> bytes:
    """Return the bytes that a terminal may have sent for it; none for a key that only edits."""
    match stroke:
        case Typed(text):
            return text.encode()
        case Pasted(text):
            return text.replace("\n", "\r").encode()
        case key:
            return SPELT.get(key, b"")


class Keys:
    """What is between two pieces of input: half a character, half a sequence, half a paste."""

    def __init__(self) -> None:
        self._utf8 = getincrementaldecoder("utf-8")("surrogateescape")
        self._rest = b""  # the beginning of a sequence: at most SEQUENCE_LIMIT bytes
        self._paste: bytearray | None = None
        self._cut = False
        self._returned = False  # the last byte was CR: an LF after it is the same Enter
        self._strokes: list[Stroke] = []

    def receive(self, data: bytes) -> list[Stroke]:
        """Take the bytes that came; return the keys that are complete."""
        data = self._rest + data
        self._rest = b""
        at = 0
        while at < len(data):
            at = self._take(data, at)
        strokes, self._strokes = self._strokes, []
        return strokes

    def take_rest(self) -> bytes:
        """Remove and return what is no whole key yet: half a character or sequence, or an open paste."""
        rest = bytes(self._paste or b"") + self._utf8.getstate()[0] + self._rest
        self._utf8.reset()
        self._paste, self._rest = None, b""
        return rest

    def is_pasting_after(self, data: bytes) -> bool:
        """Return whether a marked paste is open after these bytes, or may be."""
        marks = MARKS.findall(self._rest + data)
        return bool(marks[-1]) if marks else self._paste is not None

    def _take(self, data: bytes, at: int) -> int:
        """Take one key or one run of text; return where the next begins."""
        if self._paste is not None:
            return self._pasting(self._paste, data, at)
        if run := TEXT.match(data, at):
            self._returned = False
            self._type(self._utf8.decode(run.group()))
            return run.end()
        self._type(self._utf8.decode(b"", final=True))  # a character broken off
        if data[at] == ESC[0]:
            return self._escape(data, at)
        self._control(data[at])
        return at + 1

    def _type(self, text: str) -> None:
        if text.isascii():
            if text:
                self._strokes.append(Typed(text))
            return
        for piece in VALID_OR_NOT.findall(text):
            self._strokes.append(Key.NONSENSE if INVALID.match(piece) else Typed(piece))

    def _control(self, byte: int) -> None:
        swallowed = byte == ord("\n") and self._returned
        self._returned = byte == ord("\r")
        if byte in b"\r\n" and not swallowed:
            self._strokes.append(Key.ENTER)
        elif key := CONTROLS.get(byte):
            self._strokes.append(key)

    def _escape(self, data: bytes, at: int) -> int:
        self._returned = False
        start = at + 1
        if data.startswith(ESC, start):
            start += 1
        match data[start : start + 1]:
            case b"":
                return self._wait(data, at)
            case b"\x1b":  # of a row of them only the last two may mean something
                return at + 1
            case b"[" | b"O":
                return self._sequence(data, at, start)
        if key := ALTERED.get(data[start]):
            self._strokes.append(key)
            return start + 1
        return start  # Esc, and then an ordinary key

    def _sequence(self, data: bytes, at: int, start: int) -> int:
        body = start + 1
        if data.startswith(b"[[", start):  # F1 to F5 of the linux console: ESC [ [ A
            body += 1
        limit = at + SEQUENCE_LIMIT
        found = PARAMETERS.match(data, body, limit)
        end = found.end() if found else body
        if end >= limit:
            self._strokes.append(Key.NONSENSE)
            return end
        if end >= len(data):
            return self._wait(data, at)
        if not 0x40 <= data[end] <= 0x7E:  # noqa: PLR2004  # ECMA-48's range of final bytes
            return end  # broken off by a control character: that one still counts
        self._finish(data[at + 1 : end + 1])
        return end + 1

    def _finish(self, sequence: bytes) -> None:
        if sequence.endswith(BEGIN_MARK[1:]):
            self._paste, self._cut = bytearray(), False
        elif key := SEQUENCES.get(sequence):
            self._strokes.append(key)

    def _wait(self, data: bytes, at: int) -> int:
        self._rest = data[at:]
        return len(data)

    def _pasting(self, paste: bytearray, data: bytes, at: int) -> int:
        end = PASTE_END.search(data, at)
        # Unfinished: hold back what may be the beginning of the end mark.
        until = end.start() if end else max(at, len(data) - len(END_MARK) + 1)
        room = PASTE_LIMIT - len(paste)
        self._cut |= until - at > room
        paste += data[at : min(until, at + room)]
        if end is None:
            return self._wait(data, until)
        self._paste = None
        if end.group() == INTERRUPT:
            self._strokes.append(Key.INTERRUPT)
        else:
            self._pasted(bytes(paste))
        return end.end()

    def _pasted(self, paste: bytes) -> None:
        text = paste.decode("utf-8", "ignore" if self._cut else "surrogateescape")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        valid = INVALID.sub("", text)
        self._strokes.append(Pasted(valid, self._cut))
        if valid != text:
            self._strokes.append(Key.NONSENSE)
