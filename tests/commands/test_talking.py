"""/me, /msg and /reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asking import ask, told
from chatproto.doors.plain import PlainProtocol

if TYPE_CHECKING:
    from fakes import InMemoryServer, Peer


def test_me_does_something(alice: Peer, bob: Peer) -> None:
    assert ask(alice, "/me waves  at bob") == []
    assert told(bob) == ["* alice waves  at bob"]


def test_me_does_not_do_nothing(alice: Peer) -> None:
    assert ask(alice, "/me") == ["-- Usage: /me TEXT"]


def test_msg_is_for_one_alone(server: InMemoryServer, alice: Peer, bob: Peer) -> None:
    carol = server.enter(PlainProtocol, "carol")
    bob.read()
    assert ask(alice, "/msg BOB psst") == []
    assert told(bob) == ["[alice -> you] psst"]
    assert told(carol) == []


def test_msg_keeps_the_spaces_of_what_is_said(alice: Peer, bob: Peer) -> None:
    ask(alice, "/msg\tbob   a  b")
    assert told(bob) == ["[alice -> you] a  b"]


def test_msg_takes_any_space_behind_the_name(alice: Peer, bob: Peer) -> None:
    ask(alice, "/msg bob\u3000こんにちは")  # as a Japanese keyboard types it
    assert told(bob) == ["[alice -> you] こんにちは"]


def test_msg_goes_to_another_room(alice: Peer, bob: Peer) -> None:
    for peer in (alice, bob):
        ask(peer, "/join garden")
    ask(bob, "/join lobby")
    assert ask(alice, "/msg #lobby over there") == []
    assert told(bob) == ["alice: over there"]
    assert ask(alice, "/msg #garden here") == []
    assert told(bob) == ["#garden alice: here"]


def test_msg_says_what_is_missing(alice: Peer, bob: Peer) -> None:
    assert ask(alice, "/msg bob") == ["-- Usage: /msg NICK|#ROOM TEXT"]
    assert ask(alice, "/msg carol hello") == [
        "-- Nobody here is called “carol”. /who lists who is here."
    ]
    assert ask(alice, "/msg #garden hello") == [
        "-- You are not in #garden. /join #garden brings you in."
    ]


def test_reply_answers_who_wrote_last(server: InMemoryServer, alice: Peer, bob: Peer) -> None:
    carol = server.enter(PlainProtocol, "carol")
    ask(alice, "/msg bob one")
    ask(carol, "/msg bob two")
    assert ask(bob, "/reply got it") == []
    assert told(carol) == ["[bob -> you] got it"]


def test_reply_has_nobody_to_answer_at_first(alice: Peer) -> None:
    assert ask(alice, "/reply hello") == ["-- Nobody has sent you a private message yet."]
    assert ask(alice, "/reply") == ["-- Usage: /reply TEXT"]


def test_who_writes_to_somebody_away_is_told(alice: Peer, bob: Peer) -> None:
    ask(bob, "/away at lunch")
    assert ask(alice, "/msg bob psst") == ["-- bob is away: at lunch"]
    assert told(bob) == ["[alice -> you] psst"]
    ask(bob, "/away")
    ask(bob, "/away")
    assert ask(alice, "/msg bob psst") == ["-- bob is away."]


def test_that_somebody_is_away_is_told_once_until_they_were_back(alice: Peer, bob: Peer) -> None:
    ask(bob, "/msg alice psst")
    ask(bob, "/away")
    assert ask(alice, "/reply psst") == ["-- bob is away."]
    assert ask(alice, "/reply psst") == []
    assert ask(alice, "/msg bob psst") == []
    ask(bob, "/away")
    ask(bob, "/away again")
    assert ask(alice, "/reply psst") == ["-- bob is away: again"]


def test_a_name_that_changed_hands_is_said_before_anything_is_sent(
    server: InMemoryServer, alice: Peer, bob: Peer
) -> None:
    ask(alice, "/msg bob psst")
    bob.hang_up()
    mallory = server.enter(PlainProtocol, "bob")
    (answer,) = ask(alice, "/msg bob the password is swordfish")
    assert answer.startswith("-- The “bob” you wrote to has left, and this may be somebody else.")
    assert told(mallory) == []
    assert ask(alice, "/msg bob hello, bob") == []
    assert told(mallory) == ["[alice -> you] hello, bob"]


def test_two_slashes_say_one(alice: Peer, bob: Peer) -> None:
    ask(alice, "//me is a command")
    assert told(bob) == ["alice: /me is a command"]


def test_a_reply_follows_the_person_and_not_the_name(
    server: InMemoryServer, alice: Peer, bob: Peer
) -> None:
    ask(alice, "/msg bob psst")
    told(bob)
    ask(alice, "/nick alicia")
    mallory = server.enter(PlainProtocol, "alice")
    told(bob)
    assert ask(bob, "/reply what is it?") == []
    assert told(alice) == ["-- alice joined", "[bob -> you] what is it?"]
    assert told(mallory) == []


def test_a_reply_is_held_back_by_nothing(server: InMemoryServer, alice: Peer, bob: Peer) -> None:
    ask(alice, "/msg bob psst")
    bob.hang_up()
    other = server.enter(PlainProtocol, "bob")
    ask(other, "/msg alice I am another bob")
    assert ask(alice, "/reply hello, other bob") == []
    assert told(other) == ["[alice -> you] hello, other bob"]
    assert ask(alice, "/msg bob and again") == []


def test_a_reply_to_somebody_who_left_goes_to_nobody(
    server: InMemoryServer, alice: Peer, bob: Peer
) -> None:
    ask(alice, "/msg bob psst")
    alice.hang_up()
    mallory = server.enter(PlainProtocol, "alice")
    told(bob)
    assert ask(bob, "/reply hello?") == ["-- Whoever wrote to you last has left."]
    assert told(mallory) == []
