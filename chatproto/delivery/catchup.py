"""Catching up: readers whose cursor lags, and how they become level again.

A reader's connection may not take a batch whole, or the reader is held while something older is shown.  Nothing that
happens is sent then; afterwards the reader reads on from its cursor: from the tail of batches in memory, else from the
log, until it is level.
Must not know commands or how it looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from twisted.logger import Logger
from twisted.python.failure import Failure

from chatproto.core.queries import Scope
from chatproto.delivery.selection import from_log, own_bytes
from chatproto.errors import FAULT, ChatError
from chatproto.language import _, _n
from chatproto.limits import BEHIND_MOST, CATCH_UP_LINES
from chatproto.valve import PauseReason

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from chatproto.core.ports import Archive
    from chatproto.core.queries import Piece
    from chatproto.delivery.batch import Batch, Tail
    from chatproto.delivery.groups import Groups
    from chatproto.delivery.reader import Reader
    from chatproto.delivery.renderings import Renderings
    from chatproto.language import Sentence

_log = Logger(namespace="chatproto.delivery")

_IN_THE_LOG: Final = -1  # the index of a batch that has left the tail, if it ever was in it


class CatchUp:
    """Brings readers that lag from their cursor to the head, where the groups take them over."""

    def __init__(
        self, archive: Archive, tail: Tail, groups: Groups, renderings: Renderings
    ) -> None:
        self._archive = archive
        self._tail = tail
        self._groups = groups
        self._renderings = renderings

    # -- falling behind -------------------------------------------------------------------------

    def fall_behind(self, reader: Reader, data: bytes, taken: object, batch: Batch) -> None:
        """Let the wire send the rest of this batch; send the next one later."""
        if isinstance(taken, Exception) and not isinstance(taken, OSError):
            self.end(reader, taken)
        elif reader.wait_for_the_rest(data, taken):
            self.stop(reader)
            reader.at, reader.seq = batch.index, batch.upto
            reader.valve.shut(PauseReason.BEHIND)

    def hold(self, reader: Reader) -> None:
        """Send a reader nothing that happens, until `release`: it is shown something older."""
        reader.held += 1
        self.stop(reader)

    def release(self, reader: Reader) -> None:
        """Let a reader catch up with what happened while it was held."""
        reader.held -= 1
        self.catch_up(reader)

    def stop(self, reader: Reader) -> None:
        """Send a reader nothing that happens from now on; it has read all up to here."""
        if reader.live:
            reader.live = False
            self._groups.remove(reader)
            reader.at, reader.seq = self._tail.index, self._tail.head

    def end(self, reader: Reader, fault: Exception) -> None:
        """End the connection of one reader whose editor, voice or transport fails; the others read on."""
        _log.failure("A reader's connection fails, and is ended", Failure(fault))
        self.stop(reader)
        reader.end(FAULT)

    # -- reading on -----------------------------------------------------------------------------

    def catch_up(self, reader: Reader) -> None:
        """Read on from the cursor: as far as the wire takes it, or until the reader is level."""
        try:
            self._read_on(reader)
        except Exception as error:  # noqa: BLE001 - one reader's fault stays with it
            self.end(reader, error)

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
            data = own_bytes(reader, batch, self._renderings)
            reader.at, reader.seq = batch.index, batch.upto
            if data:
                reader.wire.send(data)

    def _go_live(self, reader: Reader) -> None:
        reader.live = True
        self._groups.add(reader)
        reader.valve.open(PauseReason.BEHIND)

    def _ask(self, reader: Reader) -> None:
        """Read on from the log: what comes next has left the memory."""
        seat = reader.seat
        assert seat
        reader.asking = True
        scope = Scope(tuple(seat.member.rooms), seat.member.ids)
        at, upto = self._tail.index, self._tail.head
        answer: Deferred[None]
        if upto - reader.seq > BEHIND_MOST:
            answer = self._archive.count(scope, reader.seq, upto).addCallback(
                lambda count: self._skip(reader, at, upto, _skipped(count) if count else None)
            )
        else:
            answer = self._archive.after(scope, reader.seq, upto, CATCH_UP_LINES).addCallback(
                lambda piece: self._show(reader, piece)
            )
        answer.addErrback(lambda failure: self._give_up(reader, failure))

    def _show(self, reader: Reader, piece: Piece) -> None:
        """Show a piece that the log gave, and go on: in the tail, if that is where it goes on."""
        reader.asking = False
        if reader.source is None or reader.seat is None:  # it left before the answer came
            return
        self.place(reader, piece.upto)
        if data := from_log(reader, reader.seat, piece.events):
            reader.wire.send(data)
        self.catch_up(reader)

    def place(self, reader: Reader, seq: int) -> None:
        """Put a reader's cursor after an event: in the tail, if it goes on there; else the log is asked next."""
        reader.seq = seq
        if seq >= self._tail.head:
            reader.at = self._tail.index
        else:
            batch = self._tail.batch_after(seq)
            reader.at = batch.index - 1 if batch else _IN_THE_LOG

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
