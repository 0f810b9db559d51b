"""Reserved names: the words by which the server calls itself and people, and with which its notices begin.

A member with one of them for a nick could say lines that read as the server's, or as if all members were addressed.
Of the words with which sentences begin, those are reserved that stand before a colon (`Topic: roses`, said by a member
called Topic, is the notice letter for letter), the headings of `/help` among them, and those of greetings and goodbyes.
The others are free: with a colon after them they read as nothing of ours, and many are names (`Page`) or look like some
(`Ha`).
Must not know members.  Precedent: RFC 2142 (names of roles), NickServ's lists of reserved names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatproto.core import names
from chatproto.core.lookalikes import Lookalikes, looks
from chatproto.errors import NotAllowed
from chatproto.language import _

if TYPE_CHECKING:
    from chatproto.core.lookalikes import Looks

RESERVED: Final = (
    # roles of those who run the server
    "server system admin administrator moderator operator sysop sysadmin root chat",
    "сервер система админ администратор модератор оператор сисадмин рут чат",
    # words for those spoken to, and spoken of
    "you me nobody somebody someone anybody anyone everybody everyone all others here",
    "вы вас вам ты тебе тебя я мне меня никто кто-то кто-нибудь все всё всем остальные здесь тут",
    # by which one leaves other programs
    "exit quit выход",
    # what our notices begin with (a test looks for them in all that we say), and the same in other forms
    "topic topics usage also people person room rooms history help talking yourself",
    "тема темы использование например люди человек комната комнаты справка помощь разговор история звонок выйти",
    "welcome goodbye your",
    "добро ваше",
)
"""The table: words in any of our languages, reserved in any case and with whatever looks like them."""

_WORDS: Final = Lookalikes[str]()
for _line in RESERVED:
    for _word in _line.split():
        _WORDS.add(_word, looks(_word))


def check(nick: str, nick_looks: Looks) -> None:
    """Raise NotAllowed when this nick is reserved."""
    word = next(_WORDS.rivals(nick_looks), None)
    if word is None:
        return
    if names.key(nick) == word:
        raise NotAllowed(_("“{nick}” is kept for the server. Choose another name.", nick=nick))
    raise NotAllowed(
        _("“{nick}” looks like “{word}”, which is kept for the server. Choose another name.",
          nick=nick, word=word)
    )  # fmt: skip
