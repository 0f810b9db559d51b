"""Delivery: the audience of the chat.  See the package for how it works.

Must not know what a command is, or how a line looks.
"""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, cast

from twisted.logger import Logger
from twisted.python.failure import Failure

from chatproto.core.events import Event
from chatproto.core.mentions import folded, named
from chatproto.core.queries import Scope
from chatproto.delivery.batch import Batch, Tail
from chatproto.delivery.groups import Groups
from chatproto.delivery.renderings import Renderings, rendered
from chatproto.delivery.selection import Place, as_read_by, is_for
from chatproto.errors import ChatError
from chatproto.language import _, _n
from chatproto.limits import BEHIND_MOST, CATCH_UP_LINES, MENTIONS_PER_LINE
from chatproto.valve import PauseReason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.defer import Deferred

    from chatproto.core.events import Draft, Happened, Presence
    from chatproto.core.ports import Archive
    from chatproto.core.queries import Piece
    from chatproto.core.rooms import Member, Room
    from chatproto.delivery.reader import Reader
    from chatproto.delivery.selection import Renamed
    from chatproto.errors import NotSaid
    from chatproto.language import Sentence
    from chatproto.voices.voice import Voice

_log = Logger(namespace="chatproto.delivery")


class Delivery:
    """All readers who have a name, and what they have yet to read."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._readers: dict[int, Reader] = {}
        self._groups = Groups()
        self._tail = Tail()
        self._renderings = Renderings()
        # Whom to tell of a mention, by their nick in small letters.
        self._by_mention_key: dict[str, Reader] = {}

    def open(self, head: int) -> None:
        """Begin after the event of that number: a reader who is attached from now on has read up to there."""
        self._tail.head = head

    # -- who reads ------------------------------------------------------------------------------

    def attach(self, reader: Reader, member: Member) -> None:
        """Let a reader read for a member, from now on."""
        reader.member = member
        reader.source = self
        self._readers[member.id] = reader
        reader.at, reader.seq = self._tail.index, self._tail.head
        self.catch_up(reader)

    def detach(self, reader: Reader) -> None:
        """Let a reader go."""
        self._groups.remove(reader)
        self._forget_mention_key(reader)
        reader.live = False
        reader.source = None
        if reader.member:
            self._readers.pop(reader.member.id, None)

    def enter(self, member: Member, room: Room) -> None:
        """Let a member read a room: what happens in it from now on."""
        if reader := self._readers.get(member.id):
            reader.joined[room.name] = Place(self._tail.index, self._tail.head)
        self.refresh(member)

    def leave(self, member: Member, room: Room) -> None:
        """Let a member read a room no more."""
        if reader := self._readers.get(member.id):
            reader.joined.pop(room.name, None)
        self.refresh(member)

    def set_current_room(self, member: Member, room: Room | None) -> None:
        """Let another room be a member's current one."""
        self.refresh(member)

    def refresh(self, member: Member) -> None:
        """Take note that a member reads otherwise: other rooms, another voice, somebody ignored."""
        if reader := self._readers.get(member.id):
            reader.current = member.current_room.name if member.current_room else ""
            self._forget_mention_key(reader)
            if reader.voice.marks_mentions:
                reader.mention_key = folded(member.nick)
                self._by_mention_key[reader.mention_key] = reader
            if reader.live:
                self._groups.add(reader)

    def _forget_mention_key(self, reader: Reader) -> None:
        if reader.mention_key and self._by_mention_key.get(reader.mention_key) is reader:
            del self._by_mention_key[reader.mention_key]
        reader.mention_key = ""

    def set_typing(self, reader: Reader, *, typing: bool) -> None:
        """Take note whether something stands after a reader's prompt."""
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
        self.catch_up(reader)

    def refuse(self, asked: Draft, error: NotSaid) -> None:
        """Tell whoever asked that nobody will see it."""
        if reader := self._readers.get(asked.origin):
            reader.tell(error.sentence, _("Not sent: {text}", text=asked.text))

    def acknowledge(self, asked: Draft, event: Event) -> None:
        """Show nothing: to a person the line in the room is what tells that it was taken."""

    def fail(self, fault: Exception) -> None:
        """Keep a fault in showing somebody a room for whoever runs the server."""
        _log.failure("A fault in showing a room's past", Failure(fault))

    # -- what happened --------------------------------------------------------------------------

    def deliver(self, batch: Sequence[Happened]) -> None:
        """Bring it to everybody."""
        for piece in self._tail.add(batch):
            if self._by_mention_key:
                self._find_mentions(piece)
            special = self._special(piece)
            for reader in special:
                self._bring(reader, piece)
            for room in piece.rooms:
                self._fan_out(piece, room, special)

    def _special(self, batch: Batch) -> set[Reader]:
        """Return the live readers who read this batch in a way of their own."""
        found = {self._readers.get(number) for number in batch.concerns}
        special = {reader for reader in found if reader and reader.live}
        if self._groups.choosy:
            special |= self._groups.choosy
        if len(batch.rooms) > 1:
            special |= self._groups.wanderers
        if self._groups.typing:
            special |= self._groups.typing
        return special

    def _find_mentions(self, batch: Batch) -> None:
        """Note who is named in what is said, of those who are to be told."""
        for place, event in enumerate(batch.events):
            readers = named(event.text, self._by_mention_key).values()
            if len(readers) <= MENTIONS_PER_LINE:
                for reader in readers:
                    assert reader.member
                    batch.mention(reader.member.id, place)

    def _fan_out(self, batch: Batch, room: str, special: set[Reader]) -> None:
        """Send the same bytes to everybody in a room who reads it in the same way."""
        for (voice, is_current), readers in self._groups.of(room):
            data = self._room_bytes(batch, room, room if is_current else "", voice)
            size = len(data)
            # A new set either way: who falls behind leaves the group while we go through it.
            for reader in readers - special:
                try:
                    taken: object = reader.try_send(data)
                except Exception as error:  # noqa: BLE001 - one reader's fault is nobody else's
                    taken = error
                if taken != size:
                    self._fall_behind(reader, data, taken, batch)

    def _room_bytes(self, batch: Batch, room: str, current: str, voice: Voice) -> bytes:
        """Return what a member reads of a batch who is in this room alone."""
        if batch.rooms == {room}:
            return self._renderings.whole(batch, voice, current)
        pairs = zip(batch.events, self._renderings.lines(batch, voice, current), strict=True)
        return voice.frame(b"".join([line for event, line in pairs if event.room == room]))

    def _bring(self, reader: Reader, batch: Batch) -> None:
        """Send one reader what they read of a batch in a way of their own."""
        data, taken = b"", cast("object", 0)
        try:
            if data := self._own_bytes(reader, batch):
                taken = reader.try_send(data)
        except Exception as error:  # noqa: BLE001 - one reader's fault is nobody else's
            taken = error
        if taken != len(data):
            self._fall_behind(reader, data, taken, batch)

    def _own_bytes(self, reader: Reader, batch: Batch) -> bytes:
        """Return what this reader reads of a batch, on their screen."""
        member = reader.member
        assert member
        if not self._reads_it_whole(reader, member, batch):
            return reader.framed(self._picked(reader, member, batch))
        if member.id not in batch.concerns and not reader.typing:
            return self._renderings.whole(batch, reader.voice, reader.current)
        lines = self._lines(reader, member, batch)
        if not reader.voice.own_lines:
            lines = list(compress(lines, map(member.id.__ne__, batch.origins)))
        return reader.framed(b"".join(lines))

    def _reads_it_whole(self, reader: Reader, member: Member, batch: Batch) -> bool:
        if member.ignored or batch.talk not in member.rooms:
            return False
        is_new = reader.seq <= batch.before and reader.joined[batch.talk].batch < batch.index
        return reader.live or is_new

    def _lines(self, reader: Reader, member: Member, batch: Batch) -> list[bytes]:
        """Return the lines of a batch as this reader reads each: their own way, if they are in it."""
        lines = self._renderings.lines(batch, reader.voice, reader.current)
        if places := batch.personal.get(member.id):
            lines = list(lines)
            for place in places:
                lines[place] = self._personal(reader, member, batch.events[place])
        return lines

    def _personal(self, reader: Reader, member: Member, event: Happened) -> bytes:
        (line,) = rendered(reader.voice, [event], reader.current, member.id, member.nick)
        return line

    def _picked(self, reader: Reader, member: Member, batch: Batch) -> bytes:
        """Return what this reader reads of a batch, going by each event."""
        seen: Renamed = {}
        own = reader.voice.own_lines
        placed = zip(batch.placed(), self._lines(reader, member, batch), strict=True)
        return b"".join(
            line if isinstance(event, Event) else self._news(reader, member, event, line)
            for (event, place), line in placed
            if (reader.live or reader.has_yet_to_read(event, place))
            and is_for(event, member, seen, own=own)
        )

    def _news(self, reader: Reader, member: Member, told: Presence, line: bytes) -> bytes:
        """Return the line about who came or went, as far as it is news to this member."""
        news = as_read_by(told, member)
        if news is told:
            return line
        return self._personal(reader, member, news) if news else b""

    # -- falling behind, and catching up --------------------------------------------------------

    def _fall_behind(self, reader: Reader, data: bytes, taken: object, batch: Batch) -> None:
        """Let the wire send the rest of this batch; the next one is not for now."""
        if isinstance(taken, Exception) and not isinstance(taken, OSError):
            self._end(reader, taken)
        elif reader.wait_for_the_rest(data, taken):
            self.stop(reader)
            reader.at, reader.seq = batch.index, batch.upto
            reader.valve.shut(PauseReason.BEHIND)

    def stop(self, reader: Reader) -> None:
        """Send a reader nothing that happens from now on; they are level up to here."""
        if reader.live:
            reader.live = False
            self._groups.remove(reader)
            reader.at, reader.seq = self._tail.index, self._tail.head

    def _end(self, reader: Reader, fault: Exception) -> None:
        """End the connection of one reader whose editor, voice or transport fails; the others read on."""
        _log.failure("A reader's connection fails, and is ended", Failure(fault))
        self.stop(reader)
        reader.end(
            _("Something went wrong in the server, and this connection ends. Please come in again.")
        )

    def catch_up(self, reader: Reader) -> None:
        """Read on from the cursor: as far as the wire takes it, or until level with everybody."""
        try:
            self._read_on(reader)
        except Exception as error:  # noqa: BLE001 - one reader's fault is nobody else's
            self._end(reader, error)

    def _read_on(self, reader: Reader) -> None:
        while reader.source and reader.wire.is_ready:
            if reader.live or reader.held or reader.asking:
                return
            if reader.at >= self._tail.index:
                self._go_live(reader)
                return
            batch = self._tail.batch(reader.at + 1)
            if batch is None:
                self._ask(reader)
                return
            data = self._own_bytes(reader, batch)
            reader.at, reader.seq = batch.index, batch.upto
            if data:
                reader.wire.send(data)

    def _go_live(self, reader: Reader) -> None:
        reader.live = True
        self._groups.add(reader)
        reader.valve.open(PauseReason.BEHIND)

    def _ask(self, reader: Reader) -> None:
        """Read on from the log: what comes next has left the memory."""
        member = reader.member
        assert member
        reader.asking = True
        rooms, number = tuple(member.rooms), member.id
        at, upto = self._tail.index, self._tail.head
        answer: Deferred[None]
        if upto - reader.seq > BEHIND_MOST:
            answer = self._archive.count(rooms, number, reader.seq, upto).addCallback(
                lambda count: self._skip(reader, at, upto, _skipped(count) if count else None)
            )
        else:
            answer = self._archive.after(
                Scope(rooms, number), reader.seq, upto, CATCH_UP_LINES
            ).addCallback(lambda piece: self._show(reader, piece))
        answer.addErrback(lambda failure: self._give_up(reader, failure))

    def _show(self, reader: Reader, piece: Piece) -> None:
        """Show a piece that the log gave, and go on: in the tail, if that is where it goes on."""
        reader.asking = False
        member = reader.member
        if reader.source is None or member is None:  # they left before the answer came
            return
        reader.seq = piece.upto
        batch = self._tail.batch_after(reader.seq)
        if batch:
            reader.at = batch.index - 1
        elif reader.seq >= self._tail.head:
            reader.at = self._tail.index
        seen: Renamed = {}
        own = reader.voice.own_lines
        wanted = [
            event
            for event in piece.events
            if reader.was_there(event) and is_for(event, member, seen, own=own)
        ]
        if wanted:
            lines = rendered(reader.voice, wanted, reader.current, member.id)
            reader.wire.send(reader.framed(b"".join(lines)))
        self.catch_up(reader)

    def _skip(self, reader: Reader, at: int, seq: int, sentence: Sentence | None) -> None:
        """Go on from a later place, and say so."""
        reader.asking = False
        reader.at, reader.seq = at, seq
        if sentence and reader.source:
            reader.wire.send(reader.framed(reader.voice.notice(sentence)))
        self.catch_up(reader)

    def _give_up(self, reader: Reader, failure: Failure) -> None:
        if failure.check(ChatError):
            _log.warn("{error}", error=failure.value)
        else:
            _log.failure("A fault in reading on from the log", failure)
        sentence = _("The log could not be read: some lines were skipped.")
        self._skip(reader, self._tail.index, self._tail.head, sentence)


def _skipped(count: int) -> Sentence:
    return _n(
        "You fell behind: {count} line was skipped. /history has it.",
        "You fell behind: {count} lines were skipped. /history has them.",
        count,
    )
