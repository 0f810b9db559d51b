"""Delivery in any order of anything: each reads every line once, in one order, however slowly."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)
from sitting import PLAIN, RAW, SHORT_LINE, TELNET, LateArchive
from twisted.internet.protocol import Protocol

import chatproto.wire
from chatproto.core.chat import Chat
from chatproto.core.events import Change, Event, Kind, Presence
from chatproto.core.identity import Identity
from chatproto.core.ports import Log
from chatproto.delivery import batch as batches
from chatproto.delivery import catchup
from chatproto.delivery.delivery import Delivery
from chatproto.delivery.reader import Reader
from chatproto.errors import NotAllowed, Taken
from chatproto.log.embedded import EmbeddedOrder
from chatproto.valve import Valve
from chatproto.wire import SocketWire
from fakes import Clock, MemoryConnection, MemoryProducer, answer_of, enter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproto.core.rooms import Member, Seat
    from chatproto.voices.voice import Crowd, Shown, Voice


NICKS = ("ann", "bea", "cat", "dan", "eve")
ROOMS = ("lobby", "garden", "cellar")


@dataclass(eq=False)
class Person:
    """A reader in the machine, and what it should read: each line, and whether it is presence."""

    nick: str
    seat: Seat
    reader: Reader
    wire: MemoryConnection
    expected: list[tuple[bytes, bool]] = field(default_factory=list)
    is_read_from: bool = True

    @property
    def member(self) -> Member:
        return self.seat.member


class Everybody:
    """The fan-out: works out what a live reader would read of what is shown, then lets it be done."""

    def __init__(self, delivery: Delivery) -> None:
        self.people: list[Person] = []
        self._fan_out = delivery._fan_out
        delivery._fan_out = cast("Any", self)
        delivery._crowds._later = self.send

    def send(self, shown: Sequence[Shown]) -> None:
        for person in self.people:
            self._expect(person, shown)
        self._fan_out.send(shown)

    def _expect(self, person: Person, batch: Sequence[Shown]) -> None:
        member, voice = person.member, person.reader.voice
        room = person.seat.current_room
        current = room.name if room else ""
        for event in batch:
            read = self._read(person.seat, event, voice)
            if read:
                (line,) = voice.render([read], current, member.ids)
                person.expected.append((line, not isinstance(read, Event)))

    def _read(self, seat: Seat, event: Shown, voice: Voice) -> Shown | None:
        member = seat.member
        is_own = event.origin in member.ids
        if isinstance(event, Event):
            is_elsewhere = is_own and event.origin != seat.id
            if event.kind == Kind.PRIVATE:
                is_theirs = event.target == member.id
                is_theirs |= is_elsewhere or (is_own and voice.own_lines)
            else:
                is_theirs = event.room in member.rooms
                is_theirs &= (
                    not is_own or is_elsewhere or event.kind == Kind.TOPIC or voice.own_lines
                )
            hides = not is_own and member.ignored.hides(event.origin, event.author)
            return event if is_theirs and not hides else None
        if isinstance(event, Presence):
            is_theirs = is_own or any(room in member.rooms for room in event.rooms)
            hides = not is_own and member.ignored.hides(event.origin, event.nick)
            return event if is_theirs and not hides and not voice.gathers else None
        hides = bool(event.origin) and member.ignored.hides(event.origin, event.names[0])
        if event.room not in member.rooms or is_own or hides or not voice.gathers:
            return None
        return self._news(member, event)

    def _news(self, member: Member, crowd: Crowd) -> Crowd | None:
        if crowd.change is Change.JOINED:
            own = member.entries[crowd.room]
            is_news = [entry > own for entry in crowd.entries]
        else:
            is_news = [False] * len(crowd.names)
            for rooms, places in crowd.told_in.items():
                theirs = [room for room in rooms if room in member.rooms]
                for place in places:
                    is_news[place] = theirs[:1] == [crowd.room]
        names = tuple(name for name, is_one in zip(crowd.names, is_news, strict=True) if is_one)
        return crowd._replace(names=names, size=len(names)) if names else None


class AnyOrder(RuleBasedStateMachine):
    """People come, talk, wander and go, and take what they are sent as it pleases them."""

    people = Bundle("people")

    @initialize()
    def open(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(batches, "TAIL_BYTES", 6 * SHORT_LINE)
        self.patch.setattr(batches, "BATCH_BYTES", 300)
        self.patch.setattr(catchup, "CATCH_UP_LINES", 3)
        self.patch.setattr(chatproto.wire, "STALL_SECONDS", 1e9)
        self.clock = Clock()
        self.archive = LateArchive(self.clock)
        self.delivery = Delivery(self.archive, self.clock)
        self.everybody = Everybody(self.delivery)
        log = Log(EmbeddedOrder(self.archive, self.clock), self.archive)
        self.chat = Chat(log, self.delivery, self.clock)
        self.chat.open()
        self.said = 0

    @rule(
        target=people,
        nick=st.sampled_from(NICKS),
        voice=st.sampled_from([PLAIN, TELNET, RAW]),
        more=st.sampled_from([(), (), ("garden",), ("garden", "cellar")]),
        window=st.sampled_from([0, 50, 200, None]),
        key=st.sampled_from(["", "one key", "another"]),
    )
    def come(
        self, nick: str, voice: Voice, more: tuple[str, ...], window: int | None, key: str
    ) -> Person:
        """Come as a new member, or beside a member who has the same key."""
        try:
            seat = enter(self.chat, nick, Identity(key=key))
        except (Taken, NotAllowed):
            seat = enter(self.chat, f"{nick}-{len(self.everybody.people)}-{self.said}")
            self.said += 1
        wire = MemoryConnection(Protocol(), self.clock)
        wire.memory.window = window

        def flow(*, on: bool) -> None:
            person.is_read_from = on

        valve = Valve(MemoryProducer(lambda: flow(on=False), lambda: flow(on=True)))
        person = Person(nick, seat, Reader(SocketWire(wire, self.clock), voice, valve), wire)
        self.everybody.people.append(person)
        self.delivery.attach(person.reader, seat)
        for room in ("lobby", *more):
            self.chat.join(seat, room)
        return person

    @rule(person=people, times=st.integers(1, 9), kind=st.sampled_from([Kind.SAID, Kind.TOPIC]))
    def say(self, person: Person, times: int, kind: Kind) -> None:
        for _line in range(times):
            if person.is_read_from and person.seat.current_room:
                self.said += 1
                if kind is Kind.TOPIC:
                    self.chat.set_topic(person.seat, f"n{self.said}")
                else:
                    self.chat.say(person.seat, f"n{self.said}")

    @rule(person=people, times=st.integers(5, 20), at_once=st.integers(1, 5))
    def flood(self, person: Person, times: int, at_once: int) -> None:
        """Talk until what was said at first has left the memory."""
        for number in range(times):
            self.say(person, 1, Kind.SAID)
            if number % at_once == 0:
                self.clock.turn()

    @rule(person=people, other=people)
    def whisper(self, person: Person, other: Person) -> None:
        if person.is_read_from:
            self.said += 1
            with suppress(
                NotAllowed
            ):  # the name was another's when they last wrote to it: nothing is sent
                self.chat.say_privately(person.seat, other.member.nick, f"n{self.said}")

    @rule(person=people, room=st.sampled_from(ROOMS))
    def join(self, person: Person, room: str) -> None:
        """Come into a room, level or not: what was said in it before is nothing to them."""
        seat = person.seat
        before = seat.current_room
        with suppress(NotAllowed):  # nobody makes a room again and again
            self.chat.join(seat, room)
        if not person.reader.live:  # what they have yet to read reads as it was expected to
            self.chat.set_current_room(seat, before)

    def _is_level(self, person: Person) -> bool:
        """Return whether all who read for this member have read everything."""
        people = self.everybody.people
        return all(one.reader.live for one in people if one.member is person.member)

    @rule(person=people, room=st.sampled_from(ROOMS))
    def leave(self, person: Person, room: str) -> None:
        if self._is_level(person) and room in person.member.rooms:
            self.chat.leave(person.seat, room)

    @rule(person=people)
    def rename(self, person: Person) -> None:
        if person.is_read_from:
            self.said += 1
            answer_of(self.chat.seating.rename(person.seat, f"{person.nick}-{self.said}"))

    @rule(person=people, other=people)
    def ignore(self, person: Person, other: Person) -> None:
        if person.member is not other.member and self._is_level(person):
            self.chat.ignore(person.member, other.member.nick)
            self.delivery.refresh(person.member)

    @rule(person=people)
    def hold(self, person: Person) -> None:
        if person.is_read_from:
            self.delivery.hold(person.reader)

    @rule(person=people)
    def release(self, person: Person) -> None:
        if person.reader.held:
            self.delivery.release(person.reader)

    @rule(person=people, window=st.sampled_from([0, 1, 10, 30, 100, 1000]))
    def take(self, person: Person, window: int) -> None:
        person.wire.memory.window = window
        person.wire.turn()

    @rule(times=st.integers(1, 3))
    def turn(self, times: int) -> None:
        self.clock.turn(times)
        for person in self.everybody.people:
            person.wire.turn()

    @rule()
    def wait(self) -> None:
        self.clock.advance(1.5)

    @precondition(lambda self: self.archive.questions)
    @rule()
    def answer(self) -> None:
        self.archive.answer()

    @rule(person=consumes(people))
    def quit(self, person: Person) -> None:
        """Go, whether level or not: what was read is the beginning of what there was."""
        self.everybody.people.remove(person)
        self.delivery.detach(person.reader)
        self.chat.seating.quit(person.seat)
        while person.wire.dataBuffer or person.wire._tempDataBuffer:
            person.wire.memory.window = None
            person.wire.turn()
        self._compare(person, is_whole=False)

    @invariant()
    def little_is_held(self) -> None:
        people = self.everybody.people if hasattr(self, "everybody") else ()
        for person in people:
            wire = person.wire
            assert len(wire.dataBuffer) - wire.offset + wire._tempDataLen <= 1000

    def teardown(self) -> None:
        if not hasattr(self, "everybody"):
            return
        try:
            self._read_to_the_end()
        finally:
            self.patch.undo()

    def _read_to_the_end(self) -> None:
        for person in self.everybody.people:
            person.wire.memory.window = None
            while person.reader.held:
                self.delivery.release(person.reader)
        for _try in range(1_000):
            if not self.archive.questions and all(p.reader.live for p in self.everybody.people):
                break
            self.clock.advance(1.5)
            self.turn(3)
            self.answer()
        self.clock.advance(1.5)
        self.turn(3)
        for person in self.everybody.people:
            assert person.is_read_from
            self._compare(person, is_whole=True)

    def _compare(self, person: Person, *, is_whole: bool) -> None:
        """A reader that read from the log may have missed presences, and nothing else."""
        read = bytes(person.wire.memory.taken).splitlines(keepends=True)
        may_miss = person.member.id in self.archive.readers
        expected = iter(person.expected)
        for line in read:
            for wanted, is_presence in expected:
                if wanted == line:
                    break
                assert may_miss, (line, wanted)
                assert is_presence, (line, wanted)
            else:
                pytest.fail(f"{person.nick} read {line!r}, which was not to come")
        missing = [line for line, is_presence in expected if not (may_miss and is_presence)]
        assert not (is_whole and missing)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=150, stateful_step_count=60, report_multiple_bugs=False
)
