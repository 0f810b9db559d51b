"""Delivery: the audience of the chat.  See the package for how it works.

Must not know what a command is, or how a line looks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from twisted.logger import Logger

from chatproto.core import names
from chatproto.core.events import Change, Event, Kind
from chatproto.core.limits import BEHIND_MOST, CATCH_UP_LINES
from chatproto.delivery.batch import Batch, Tail
from chatproto.delivery.groups import Groups
from chatproto.errors import ChatError
from chatproto.language import _, _n
from chatproto.valve import Why

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from chatproto.core.events import Draft, Happened
    from chatproto.core.rooms import Member, Room
    from chatproto.delivery.batch import Voice
    from chatproto.delivery.reader import Reader
    from chatproto.errors import NotSaid
    from chatproto.language import Sentence
    from chatproto.log.interface import Log

# The room in which a rename was read, by the old name and the new.
Renamed: TypeAlias = dict[tuple[str, ...], str]

_WORD: Final = re.compile(r"[\w.-]+")

_log = Logger(namespace="chatproto.delivery")


class Delivery:
    """All readers who have a name, and what they have yet to read."""

    def __init__(self, log: Log) -> None:
        self._source = log
        self._readers: dict[int, Reader] = {}
        self._groups = Groups()
        self._tail = Tail()
        # Whom to tell of a mention, by their nick in small letters.
        self._called: dict[str, Reader] = {}

    # -- who reads ------------------------------------------------------------------------------

    def seat(self, reader: Reader, member: Member) -> None:
        """Let a reader read for a member, from now on."""
        reader.member = member
        reader.source = self
        self._readers[member.number] = reader
        reader.at, reader.seq = self._tail.number, self._tail.head
        self.go_on(reader)

    def unseat(self, reader: Reader) -> None:
        """Let a reader go."""
        self._groups.remove(reader)
        self._forget_call(reader)
        reader.live = False
        reader.source = None
        if reader.member:
            self._readers.pop(reader.member.number, None)

    def enter(self, member: Member, room: Room) -> None:
        """Let a member read a room."""
        self.refresh(member)

    def leave(self, member: Member, room: Room) -> None:
        """Let a member read a room no more."""
        self.refresh(member)

    def look(self, member: Member, room: Room | None) -> None:
        """Let a member look at a room."""
        self.refresh(member)

    def refresh(self, member: Member) -> None:
        """Take note that a member reads otherwise: other rooms, another voice, somebody ignored."""
        if reader := self._readers.get(member.number):
            reader.looking = member.room.name if member.room else ""
            self._forget_call(reader)
            if reader.voice.calls:
                reader.called = member.nick.casefold()
                self._called[reader.called] = reader
            if reader.live:
                self._groups.add(reader)

    def _forget_call(self, reader: Reader) -> None:
        if reader.called and self._called.get(reader.called) is reader:
            del self._called[reader.called]
        reader.called = ""

    def types(self, reader: Reader, *, typing: bool) -> None:
        """Take note that something stands behind a reader's prompt, or nothing any more."""
        if reader.typing != typing:
            reader.typing = typing
            if reader.live:
                self._groups.add(reader)

    def hold(self, reader: Reader) -> None:
        """Send a reader nothing that happens, until `release`: they are shown something older."""
        reader.held += 1
        self.stop(reader)

    def release(self, reader: Reader) -> None:
        """Let a reader catch up with what happened while they were held."""
        reader.held -= 1
        self.go_on(reader)

    def refuse(self, asked: Draft, error: NotSaid) -> None:
        """Tell whoever asked that nobody will see it."""
        if reader := self._readers.get(asked.origin):
            reader.tell(error.sentence, _("Not said: {text}", text=asked.text))

    # -- what happened --------------------------------------------------------------------------

    def deliver(self, batch: Sequence[Happened]) -> None:
        """Bring it to everybody."""
        for piece in self._tail.add(batch):
            if self._called:
                piece.mention(self._mentioned(piece))
            special = self._special(piece)
            for reader in special:
                self._send(reader, self._own_bytes(reader, piece), piece)
            for room in piece.rooms:
                self._fan_out(piece, room, special)

    def _special(self, batch: Batch) -> set[Reader]:
        """Give the live readers who read this batch in a way of their own."""
        found = {self._readers.get(number) for number in batch.concerns}
        special = {reader for reader in found if reader and reader.live}
        if self._groups.choosy:
            special |= self._groups.choosy
        if len(batch.rooms) > 1:
            special |= self._groups.wanderers
        if self._groups.typing:
            special |= self._groups.typing
        return special

    def _mentioned(self, batch: Batch) -> frozenset[int]:
        """Give the members whose names are said, of those who are to be told."""
        found = set()
        for event in batch.events:
            for word in _WORD.findall(event.text.casefold()):
                reader = self._called.get(word) or self._called.get(word.rstrip(".-"))
                if reader and reader.member:
                    found.add(reader.member.number)
        return frozenset(found)

    def _fan_out(self, batch: Batch, room: str, special: set[Reader]) -> None:
        """Send the same bytes to everybody in a room who reads it in the same way."""
        for (voice, looking), readers in self._groups.of(room):
            data = _room_bytes(batch, room, room if looking else "", voice)
            size = len(data)
            # A new set either way: who falls behind leaves the group while we go through it.
            for reader in readers - special:
                try:
                    taken: object = reader.now(data)
                except OSError as error:
                    taken = error
                if taken != size:
                    self._fall_behind(reader, data, taken, batch)

    def _send(self, reader: Reader, data: bytes, batch: Batch) -> None:
        if data:
            try:
                taken: object = reader.now(data)
            except OSError as error:
                taken = error
            if taken != len(data):
                self._fall_behind(reader, data, taken, batch)

    def _own_bytes(self, reader: Reader, batch: Batch) -> bytes:
        """Give what this reader reads of a batch, on their screen."""
        member = reader.member
        assert member
        fresh = reader.live or reader.seq <= batch.before
        if not fresh or batch.talk not in member.rooms or member.ignored:
            return reader.framed(self._picked(reader, member, batch, 0 if fresh else reader.seq))
        if member.number not in batch.concerns and not reader.typing:
            return batch.whole(reader.voice, reader.looking)
        lines = self._lines(reader, member, batch)
        if not reader.voice.own_lines:
            pairs = zip(batch.events, lines, strict=True)
            lines = [line for event, line in pairs if event.origin != member.number]
        return reader.framed(b"".join(lines))

    def _lines(self, reader: Reader, member: Member, batch: Batch) -> list[bytes]:
        """Give the lines of a batch as this reader reads each: their own way, if they are in it."""
        if member.number in batch.mentions or (
            "" in batch.rooms and member.number in batch.concerns
        ):
            called = member.nick if member.number in batch.mentions else ""
            return reader.voice.render(batch.events, reader.looking, member.number, called)
        return batch.lines(reader.voice, reader.looking)

    def _picked(self, reader: Reader, member: Member, batch: Batch, since: int) -> bytes:
        """Give what this reader reads of a batch, looking at each event."""
        seen: Renamed = {}
        own = reader.voice.own_lines
        pairs = zip(batch.events, self._lines(reader, member, batch), strict=True)
        return b"".join(
            line
            for event, line in pairs
            if not (isinstance(event, Event) and event.seq <= since)
            and _is_for(event, member, seen, own=own)
        )

    # -- falling behind, and catching up --------------------------------------------------------

    def _fall_behind(self, reader: Reader, data: bytes, taken: object, batch: Batch) -> None:
        """Let the wire send the rest of this batch; the next one is not for now."""
        self.stop(reader)
        reader.at, reader.seq = batch.number, batch.upto
        reader.valve.shut(Why.BEHIND)
        reader.wire.rest(data, taken)

    def stop(self, reader: Reader) -> None:
        """Send a reader nothing that happens from now on; they are level up to here."""
        if reader.live:
            reader.live = False
            self._groups.remove(reader)
            reader.at, reader.seq = self._tail.number, self._tail.head

    def go_on(self, reader: Reader) -> None:
        """Read on from the cursor: as far as the wire takes it, or until level with everybody."""
        while reader.source and reader.wire.clear:
            if reader.live or reader.held or reader.asking:
                return
            if reader.at >= self._tail.number:
                self._go_live(reader)
                return
            batch = self._tail.batch(reader.at + 1)
            if batch is None:
                self._ask(reader)
                return
            data = self._own_bytes(reader, batch)
            reader.at, reader.seq = batch.number, batch.upto
            if data:
                reader.wire.send(data)

    def _go_live(self, reader: Reader) -> None:
        reader.live = True
        self._groups.add(reader)
        reader.valve.open(Why.BEHIND)

    def _ask(self, reader: Reader) -> None:
        """Read on from the log: what comes next has left the memory."""
        member = reader.member
        assert member
        reader.asking = True
        rooms, number = list(member.rooms), member.number
        at, upto = self._tail.number, self._tail.head
        answer: Deferred[None]
        if upto - reader.seq > BEHIND_MOST:
            answer = self._source.count(rooms, number, reader.seq, upto).addCallback(
                lambda count: self._skip(reader, at, upto, _skipped(count) if count else None)
            )
        else:
            answer = self._source.after(rooms, number, reader.seq, CATCH_UP_LINES).addCallback(
                lambda events: self._show(reader, events, upto)
            )
        answer.addErrback(lambda failure: self._give_up(reader, failure))

    def _show(self, reader: Reader, events: Sequence[Event], upto: int) -> None:
        """Show what the log gave up to `upto`, and go on: in the tail, if that is where it goes on.

        The log may give more, which is durable but not delivered yet, or in the tail by now.
        """
        reader.asking = False
        member = reader.member
        if reader.source is None or member is None:  # they left before the answer came
            return
        reader.seq = min(upto, events[-1].seq) if len(events) == CATCH_UP_LINES else upto
        batch = self._tail.batch_after(reader.seq)
        if batch:
            reader.at = batch.number - 1
        elif reader.seq >= self._tail.head:
            reader.at = self._tail.number
        seen: Renamed = {}
        own = reader.voice.own_lines
        wanted = [
            event for event in events if event.seq <= upto and _is_for(event, member, seen, own=own)
        ]
        if wanted:
            lines = reader.voice.render(wanted, reader.looking, member.number)
            reader.wire.send(reader.framed(b"".join(lines)))
        self.go_on(reader)

    def _skip(self, reader: Reader, at: int, seq: int, sentence: Sentence | None) -> None:
        """Go on from a later place, and say so."""
        reader.asking = False
        reader.at, reader.seq = at, seq
        if sentence and reader.source:
            reader.wire.send(reader.framed(reader.voice.notice(sentence)))
        self.go_on(reader)

    def _give_up(self, reader: Reader, failure: Failure) -> None:
        if failure.check(ChatError):
            _log.warn("{error}", error=failure.value)
        else:
            _log.failure("A fault in reading on from the log", failure)
        sentence = _("The log could not be read: some lines were skipped.")
        self._skip(reader, self._tail.number, self._tail.head, sentence)


def _skipped(count: int) -> Sentence:
    return _n(
        "You read too slowly: {count} line was skipped. /history has it.",
        "You read too slowly: {count} lines were skipped. /history has them.",
        count,
    )


def _room_bytes(batch: Batch, room: str, looking: str, voice: Voice) -> bytes:
    """Give what somebody reads of a batch who is in this room alone."""
    if batch.rooms == {room}:
        return batch.whole(voice, looking)
    pairs = zip(batch.events, batch.lines(voice, looking), strict=True)
    return voice.frame(b"".join([line for event, line in pairs if event.room == room]))


def _is_for(event: Happened, member: Member, seen: Renamed, *, own: bool) -> bool:
    """Tell whether a member reads this event.

    `seen` is what they have read of this batch, `own` whether they read their own lines too.
    """
    if isinstance(event, Event):
        return _is_said_to(event, member, own=own)
    if event.origin == member.number or event.room not in member.rooms:
        return False
    if event.change is Change.RENAMED:  # told in every room they are in, read once
        return seen.setdefault(event.names, event.room) == event.room
    return True


def _is_said_to(event: Event, member: Member, *, own: bool) -> bool:
    if event.kind == Kind.PRIVATE:
        is_there = member.number in (event.target, event.origin)
    else:
        is_there = event.room in member.rooms
    if event.origin == member.number:
        is_answer = event.kind == Kind.TOPIC or event.target == member.number
        return is_there and (own or is_answer)
    return is_there and (event.kind == Kind.TOPIC or not _is_ignored(event, member))


def _is_ignored(event: Event, member: Member) -> bool:
    return bool(member.ignored) and names.key(event.author) in member.ignored
