"""A reader: one connection's cursor in what happened; and a group of readers, which are sent the same bytes.

Must not know events or how it looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from chatproto.valve import PauseReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproto.core.rooms import Seat
    from chatproto.delivery.batch import Place
    from chatproto.language import Sentence
    from chatproto.valve import Valve
    from chatproto.voices.voice import Voice
    from chatproto.wire import Wire


# A voice, and whether this is the reader's current room.
Way: TypeAlias = "tuple[Voice, bool]"


class Editor(Protocol):
    """What edits the line of a person who types on a terminal: it keeps the screen whole."""

    def above(self, lines: bytes) -> bytes:
        """Return the bytes that show lines above what is being typed."""

    def set_prompt(self, prompt: str) -> bytes:
        """Return the bytes that put another prompt before what is being typed."""

    def stop(self) -> bytes:
        """Return the bytes that take the prompt away, and leave the terminal as it was."""

    def clear(self) -> bytes:
        """Return the bytes that empty the screen but for what is being typed."""


class Source(Protocol):
    """What brings readers what happens."""

    def stop(self, reader: Reader) -> None:
        """Send no more: the reader's wire is not ready."""

    def catch_up(self, reader: Reader) -> None:
        """Read on: the reader's wire is ready again."""


class Page(Protocol):
    """Something older that is on its way to a reader."""

    def go_on(self) -> None:
        """Read on: the reader's wire is ready again."""

    def end(self) -> None:
        """Bring no more of it: the reader's connection is gone."""


class Sitting(Protocol):
    """The session of a reader, as long as the connection lasts."""

    def send_home(self, sentence: Sentence) -> None:
        """End the session with a sentence."""


class Reader:
    """One connection on which a member reads.

    seat         of the member who reads; None until there is a name
    source       what brings it what happens; None until there is a name
    sitting      what ends when the reader is sent home
    live         level with what happens, and sent each batch as it comes
    editor       what edits the line; None where the terminal does it
    current      the name of the current room
    typing       something stands after the prompt
    held         how many reasons there are to send it nothing that happens: each time, something older is shown
    page         the page of the past that is being shown, while the reader is held
    asking       an answer from the log is on its way
    at           the index of the last batch, `seq` of the last event it has had; while not live
    groups       the groups it is in while it is live
    joined       by room, where the member came in: one cursor serves all rooms, and nothing from before is brought
    """

    __slots__ = (
        "asking",
        "at",
        "current",
        "editor",
        "groups",
        "held",
        "joined",
        "live",
        "page",
        "seat",
        "seq",
        "sitting",
        "source",
        "try_send",
        "typing",
        "valve",
        "voice",
        "wire",
    )  # fmt: skip

    def __init__(self, wire: Wire, voice: Voice, valve: Valve) -> None:
        self.wire = wire
        self.voice = voice
        self.valve = valve
        self.seat: Seat | None = None
        self.source: Source | None = None
        self.sitting: Sitting | None = None
        self.editor: Editor | None = None
        self.page: Page | None = None
        self.current = ""
        self.typing = False
        self.live = self.asking = False
        self.at = self.seq = self.held = 0
        self.groups: tuple[Group, ...] = ()
        self.joined: dict[str, Place] = {}
        self.try_send = wire.try_send  # at hand, for the loop over a room of thousands
        wire.on_ready = self.on_ready

    def note_current_room(self) -> None:
        """Take note of the room that is the current one from now on."""
        room = self.seat.current_room if self.seat else None
        self.current = room.name if room else ""

    def send(self, data: bytes) -> None:
        """Send something to this reader alone: a reply, for instance."""
        if data and not self.wire.send(data):
            # A peer that does not read is not read from: else replies would pile up.
            self.valve.shut(PauseReason.BEHIND)
            if self.source:
                self.source.stop(self)
        self.try_send = self.wire.try_send

    def tell(self, *sentences: Sentence) -> None:
        """Send this reader a notice: sentences of the server, not of a member."""
        self.show(b"".join(self.voice.notice(one) for one in sentences))

    def show(self, lines: bytes) -> None:
        """Send this reader lines."""
        self.send(self.framed(lines))

    def framed(self, lines: bytes) -> bytes:
        """Return the bytes that bring lines to this reader's screen, whatever stands on it."""
        if self.editor and lines:
            return self.editor.above(lines)
        return self.voice.frame(lines)

    def ask(self, prompt: str) -> None:
        """Ask for something; the answer comes on the same line."""
        self.send(self.editor.set_prompt(prompt) if self.editor else prompt.encode())

    def wait_for_the_rest(self, data: bytes, taken: object) -> bool:
        """Let the wire send what it did not take; return whether there is anything to wait for.

        There is not when the peer is gone: a failed send does not stop what it sent before from being said.
        """
        self.wire.queue_rest(data, taken)
        self.try_send = self.wire.try_send
        return not self.wire.is_ready

    def end(self, sentence: Sentence) -> None:
        """Send this reader home: something here fails, perhaps the editor, which is asked for nothing more."""
        self.source = self.editor = None
        if self.sitting:
            self.sitting.send_home(sentence)

    def detach(self, closed: Callable[[], None] = lambda: None) -> None:
        """Let go of the connection, which is gone; `closed` is called where it would be closed."""
        self.wire.detach(closed)
        self.try_send = self.wire.try_send
        self.editor = None
        if self.page:
            self.page.end()

    def on_ready(self) -> None:
        """Go on: all that was sent is out."""
        if self.page:
            self.page.go_on()
        elif self.source:
            self.source.catch_up(self)
        else:
            self.valve.open(PauseReason.BEHIND)


class Group(set[Reader]):
    """The live readers of a room who read it in one way, and so are sent the same bytes.

    current   the name of the room where it is their current one; else ""
    """

    __slots__ = ("current", "room", "voice", "way")

    def __init__(self, room: str, way: Way) -> None:
        super().__init__()
        self.room = room
        self.way = way
        self.voice, is_current = way
        self.current = room if is_current else ""
