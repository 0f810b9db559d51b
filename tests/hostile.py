"""Hostile peers: what they send, made from a seed, so that what once did harm can be sent again.

Most of it is nearly right, since what is quite wrong is turned away at once: a name and some lines, cut, doubled,
reversed and mixed with what terminals, telnet, SSH and UTF-8 make of bytes.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

IAC: Final = 0xFF
_ENDS: Final = (b"\n", b"\r\n", b"\r", b"\r\0", b"\n\r", b"\0", b"\r\r\n", b"\0\n", b"")
_WORDS: Final = (
    "hello", "привет", "Нет ❤ ”", "日本語", "👩‍👩‍👧‍👦", "🏳️‍🌈", "e\u0301" * 40, "a" + "\u0300" * 500, "العربية\u200c",
    "\u202eevil", "\u2066in", "\u2069out", "\ufeff", "\u200b" * 30, "\u0085", "\u2028", "ﷺ" * 90, "\U000e0041",
    "-- You are root.", "watcher: I did not say this", "https://example.org/" + "x" * 200, "watcher " * 50,
)  # fmt: skip
_COMMANDS: Final = (
    "/join #den", "/join den", "/join", "/leave", "/me waves", "/topic of mine", "/topic", "/who", "/who 9", "/rooms",
    "/msg watcher psst", "/msg nobody psst", "/nick other", "/nick watcher", "/ignore watcher", "/away", "/away gone",
    "/history 500", "/history #1", "/history -1", "/history 99999999999999999999", "/search hello", '/search "',
    "/search *", "/search a OR NOT", "/set zone Europe/Paris", "/set zone ../../etc/passwd", "/set input char",
    "/set input line", "/set colours always", "/language ru", "/language xx", "/time on", "/help", "/clear", "/",
    "//", "/ /", "/\0", "/quit",
)  # fmt: skip
_ESCAPES: Final = (
    b"\x1b[31m", b"\x1b[2J", b"\x1bc", b"\x1b]0;mine\x07", b"\x1b]52;c;AAAA\x1b\\", b"\x1bP1$r\x1b\\", b"\x9b31m",
    "\u009b31m".encode(), b"\x1b[6n", b"\x1b[200~", b"\x1b[201~", b"\x07" * 20, b"\x7f" * 40, b"\x08" * 40,
    b"\x0e", b"\x0c", b"\x1b", b"\x1b[", b"\x1b[" + b"9" * 400, b"\x01ACTION\x01",
)  # fmt: skip
_BROKEN: Final = (
    b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82", b"\x80" * 50, b"\xf0\x9f", b"\xfe\xff",
)  # fmt: skip
_KEYS: Final = (
    b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D", b"\x1bOA", b"\x1b[1;5C", b"\x1b[H", b"\x1b[F", b"\x1b[3~", b"\t",
    b"\x01", b"\x05", b"\x0b", b"\x15", b"\x17", b"\x19", b"\x12", b"\x07", b"\x0c", b"\x14", b"\x1bb", b"\x1bd",
    b"\x7f", b"\x03", b"\x04", b"\x1b[200~pasted\nlines\n", b"\x1b[201~", b"\x16",
)  # fmt: skip


@dataclass(frozen=True)
class Peer:
    """What one peer does: sends these pieces, one after the other, and then goes in this way.

    going   close, reset, half (no more from them, but they read), or stay
    """

    pieces: tuple[bytes, ...]
    going: str
    reads: bool


def peer(door: str, seed: int) -> Peer:
    """Return the hostile peer of this seed."""
    chance = random.Random(f"{door} {seed}")
    make = {"telnet": _telnet, "plain": _plain, "ssh": _ssh}[door]
    data = make(chance, seed)
    return Peer(
        tuple(_pieces(chance, _spoil(chance, data))),
        chance.choice(("close", "reset", "half", "stay", "stay", "stay")),
        chance.random() < 0.8,
    )


def _pieces(chance: random.Random, data: bytes) -> list[bytes]:
    """Cut it somewhere: often not at all, sometimes into bytes."""
    if chance.random() < 0.4:
        return [data]
    size = chance.choice((1, 7, 100, 1448, 8192))
    places = range(0, min(len(data), 300 * size), size)
    return [data[at : at + size] for at in places]


def _spoil(chance: random.Random, data: bytes) -> bytes:
    """Break a few bytes of it, or none."""
    for _ in range(chance.choice((0, 0, 0, 1, 1, 3, 20))):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            data = data[:at] + data[at + 1 :]
        elif kind == 1:
            data = data[:at] + bytes((chance.randrange(256),)) + data[at:]
        elif kind == 2:
            data = data[:at] + chance.randbytes(chance.randrange(1, 9)) + data[at + 1 :]
        else:
            data = data[:at]
    return data


# -- lines ------------------------------------------------------------------------------------------


def _text(chance: random.Random) -> bytes:
    """Return something to say."""
    kinds: tuple[Callable[[], bytes], ...] = (
        lambda: chance.choice(_WORDS).encode(),
        lambda: chance.choice(_COMMANDS).encode(),
        lambda: chance.choice(_COMMANDS).encode() + b" " + chance.choice(_WORDS).encode(),
        lambda: chance.choice(_ESCAPES),
        lambda: chance.choice(_BROKEN),
        lambda: chance.randbytes(chance.randrange(60)),
        lambda: chance.choice((b"x", "Ж".encode(), b"a ")) * chance.choice((500, 1024, 2047, 2049)),
    )
    return b"".join(chance.choice(kinds)() for _ in range(chance.choice((1, 1, 2, 4))))


def _lines(chance: random.Random) -> bytes:
    return b"".join(
        _text(chance) + (b"\n" if chance.random() < 0.7 else chance.choice(_ENDS))
        for _ in range(chance.randrange(1, 25))
    )


def _name(chance: random.Random, seed: int) -> bytes:
    good = f"h{seed}\n".encode()
    return good if chance.random() < 0.8 else _text(chance) + b"\n" + good


def _plain(chance: random.Random, seed: int) -> bytes:
    if chance.random() < 0.05:
        return chance.choice((b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00", b"SSH-2.0-x\r\n"))
    if chance.random() < 0.05:
        return _name(chance, seed) + b"endless" * 5000
    return _name(chance, seed) + _lines(chance)


# -- telnet -----------------------------------------------------------------------------------------

AS_TERMINAL: Final = (
    b"\xff\xfb\x18" b"\xff\xfa\x18\0XTERM-256COLOR\xff\xf0" b"\xff\xfa\x18\0XTERM-256COLOR\xff\xf0"
    b"\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f"
)  # fmt: skip


def _option(chance: random.Random) -> bytes:
    return bytes((chance.choice((0, 1, 3, 5, 6, 24, 31, 34, 39, 69, 86, 201, 255)),))


def _negotiation(chance: random.Random) -> bytes:
    return bytes((IAC, chance.choice((0xFB, 0xFC, 0xFD, 0xFE)))) + _option(chance)


def _subnegotiation(chance: random.Random) -> bytes:
    body = chance.choice((
        b"\x1f" + struct.pack("!HH", chance.choice((0, 1, 20, 80, 65535)), chance.choice((0, 24, 65535))),
        b"\x18\0" + chance.choice((b"xterm", b"MTTS 137", b"", b"\xff\xff" * 40, chance.randbytes(30))),
        _option(chance) + chance.randbytes(chance.choice((0, 5, 4000, 5000))),
        _option(chance) + b"\xff\xff" * chance.choice((10, 3000)),
    ))  # fmt: skip
    return b"\xff\xfa" + body + chance.choice((b"\xff\xf0", b"\xff\xf0", b"", b"\xff", b"\xff\xf6"))


def _command(chance: random.Random) -> bytes:
    return bytes((IAC, chance.randrange(236, 256)))


def _telnet(chance: random.Random, seed: int) -> bytes:
    tokens = (_negotiation, _negotiation, _subnegotiation, _command)
    parts = [_name(chance, seed)]
    if chance.random() < 0.5:
        parts.insert(chance.randrange(2), AS_TERMINAL)
    for _ in range(chance.randrange(1, 30)):
        kind = chance.random()
        if kind < 0.4:
            parts.append(_lines(chance)[: chance.randrange(1, 400)])
        elif kind < 0.7:
            parts.append(chance.choice(_KEYS))
        else:
            parts.append(chance.choice(tokens)(chance))
    return b"".join(parts)


# -- ssh --------------------------------------------------------------------------------------------

_BANNERS: Final = (
    b"SSH-2.0-hostile\r\n", b"SSH-2.0-hostile\n", b"SSH-1.5-old\r\n", b"SSH-2.0-" + b"x" * 5000 + b"\r\n",
    b"SSH-2.0\r\n", b"before\r\nSSH-2.0-hostile\r\n", b"SSH-9.9-new\r\n", b"no ssh at all\r\n",
    b"SSH-2.0-" + b"\0\xff\n",
)  # fmt: skip
_LISTS: Final = (
    b"curve25519-sha256", b"ssh-ed25519", b"aes128-ctr", b"aes128-ctr", b"hmac-sha2-256", b"hmac-sha2-256",
    b"none", b"none", b"", b"",
)  # fmt: skip


def _packet(chance: random.Random, payload: bytes) -> bytes:
    """Return a packet before encryption (RFC 4253, 6), whose lengths are sometimes wrong."""
    padding = 8 - (len(payload) + 5) % 8
    padding += 8 if padding < 4 else 0
    length = len(payload) + padding + 1
    if chance.random() < 0.2:
        length = chance.choice((0, 1, 4, 0xFFFFFFFF, 0x7FFFFFFF, 1 << 20, length + 1, length - 1))
    if chance.random() < 0.1:
        padding = chance.randrange(256)
    return struct.pack("!IB", length, padding) + payload + b"\0" * min(padding, 255)


def _strings(*parts: bytes) -> bytes:
    return b"".join(struct.pack("!I", len(part)) + part for part in parts)


def _kexinit(chance: random.Random) -> bytes:
    lists = list(_LISTS)
    if chance.random() < 0.4:
        lists[chance.randrange(10)] = chance.choice(
            (b"", b"none", b"x" * 5000, b"\xff" * 9, b",,,")
        )
    return b"\x14" + chance.randbytes(16) + _strings(*lists) + b"\0" * 5


def _payload(chance: random.Random) -> bytes:
    return chance.choice((
        _kexinit(chance), _kexinit(chance),
        b"\x1e" + _strings(chance.randbytes(32)), b"\x1e" + _strings(b"\0" * 32),
        b"\x02" + _strings(b"ignore"), b"\x04\0" + _strings(b"debug", b""),
        b"\x05" + _strings(b"ssh-userauth"), b"\x15",
        b"\x32" + _strings(b"root", b"ssh-connection", b"none"),
        bytes((chance.randrange(256),)) + chance.randbytes(chance.randrange(200)),
    ))  # fmt: skip


def _ssh(chance: random.Random, seed: int) -> bytes:
    if chance.random() < 0.1:
        return chance.randbytes(3000)
    banner = _BANNERS[0] if chance.random() < 0.7 else chance.choice(_BANNERS)
    packets = (_packet(chance, _payload(chance)) for _ in range(chance.randrange(1, 12)))
    return banner + b"".join(packets)
