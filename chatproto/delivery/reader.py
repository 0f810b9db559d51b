"""A reader: one connection's cursor in what happened; and a group of them, who are sent the same bytes.

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
    """What edits the line of somebody who types on a terminal: it keeps their screen whole."""

    def above(self, lines: bytes) -> bytes:
        """Return the bytes that show lines above what is being typed."""

    def set_prompt(self, prompt: str) -> bytes:
        """Return the bytes that put another prompt before what is being typed."""

    def stop(self) -> bytes:
        """Return the bytes that take the prompt away, and leave the terminal as it was."""

    def clear(self) -> bytes:
        """Return the bytes that empty the screen but for what is being typed."""


class Source(Protocol):
    """Whoever brings a reader what happens."""

    def stop(self, reader: Reader) -> None:
        """Their wire is not ready: send no more."""

    def catch_up(self, reader: Reader) -> None:
        """Their wire is ready again: read on."""


class Page(Protocol):
    """Something older that is on its way to a reader."""

    def go_on(self) -> None:
        """Their wire is ready again: read on."""

    def end(self) -> None:
        """Their connection is gone: bring no more of it."""


class Sitting(Protocol):
    """What a reader is here for, as long as their connection lasts."""

    def send_home(self, sentence: Sentence) -> None:
        """End it with a sentence."""


class Reader:
    """Somebody who reads.

    seat         where the member sits who reads; None until they have a name
    source       who brings them what happens; None until they have a name
    sitting      what ends when they are sent home
    live         level with everybody, and sent each batch as it comes
    editor       what edits their line; None where their terminal does it
    current      the name of their current room
    typing       something stands after their prompt
    held         for how many reasons they are not to be sent anything: each time, something older is shown
    page         what is being shown to them that is older, while they are held
    asking       an answer from the log is on its way
    at           the index of the last batch, `seq` of the last event they have had; while not live
    groups       the groups they are in while they are live
    joined       by room, where they came in: one cursor serves all rooms, and nothing from before is theirs
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
            # Who does not read is not read from: else replies would pile up.
            self.valve.shut(PauseReason.BEHIND)
            if self.source:
                self.source.stop(self)
        self.try_send = self.wire.try_send

    def tell(self, *sentences: Sentence) -> None:
        """Send this reader something that nobody said."""
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

        There is not when the peer is gone: a failed send does not stop what they sent before.
        """
        self.wire.queue_rest(data, taken)
        self.try_send = self.wire.try_send
        return not self.wire.is_ready

    def end(self, sentence: Sentence) -> None:
        """Send them home: something here fails, perhaps the editor, which is asked for nothing more."""
        self.source = self.editor = None
        if self.sitting:
            self.sitting.send_home(sentence)

    def detach(self, closed: Callable[[], None] = lambda: None) -> None:
        """Keep nothing of the connection, which is gone; `closed` is called by whoever would close it."""
        self.wire.detach(closed)
        self.try_send = self.wire.try_send
        self.editor = None
        if self.page:
            self.page.end()

    def on_ready(self) -> None:
        """All that was sent is out."""
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
