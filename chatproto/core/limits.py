"""Every number that bounds what people may do, with its reason and whose precedent it follows.

Must not know where it is enforced.
"""

from typing import Final

# -- text ---------------------------------------------------------------------------------------
LINE_BYTES: Final = 2048
"""One line of telnet or plain.  ngIRCd reads 2,048; ergo 5,632 with tags; IRC itself 512."""

UNENDED_BYTES: Final = 8192
"""A line that has not ended by now is no line: the connection is closed.  ergo: 5,632."""

MARKS_PER_BASE: Final = 8
"""Combining marks on one letter.  Vietnamese needs 2, pointed Hebrew 4; piles need dozens."""

NICK_LENGTH: Final = 32
"""Characters.  ergo: 32, InspIRCd: 30."""

ROOM_LENGTH: Final = 64
"""Characters.  ergo: 64, InspIRCd: 60."""

TOPIC_LENGTH: Final = 390
"""Characters.  ergo: 390, InspIRCd: 330."""

# -- people and rooms ---------------------------------------------------------------------------
ROOMS_PER_MEMBER: Final = 50
"""Rooms one member may be in.  ergo: 100, InspIRCd: 20, ngIRCd: 10."""

IGNORED_PER_MEMBER: Final = 100
"""Names one member may ignore; the same order as ergo's monitor list of 100."""

NAMES_SHOWN: Final = 12
"""Names in a line about a crowd or a room before it becomes `and 7 others`: about one row."""

PEOPLE_PER_PAGE: Final = 100
"""Names on one page of `/who`: a screen or two; a room of ten thousand has a hundred pages."""

CROWD_SECONDS: Final = 1.0
"""Joins and leaves within this time of the last one told are told together, in one line."""

# -- history ------------------------------------------------------------------------------------
RECENT_LINES: Final = 20
"""Lines of the room shown to somebody who joins.  ssh-chat: 20, devzat: 16."""

HISTORY_LINES: Final = 20
"""Lines that a plain `/history` pages by."""

HISTORY_MOST: Final = 500
"""Lines that one `/history` gives at the most.  ergo: 1,000."""

FOUND_LINES: Final = 20
"""Lines that `/search` shows, the newest that match."""

# -- pace ---------------------------------------------------------------------------------------
RATE_BURST: Final = 5
"""Lines at once before a talker is slowed.  ergo: 5."""

RATE_PER_SECOND: Final = 2.0
"""Lines per second after that, by not reading any faster.  ergo: 2."""

LINES_PER_TURN: Final = 256
"""Lines read from one connection before the others have their turn (about 2 ms of work)."""

UNWRITTEN_EVENTS: Final = 20_000
"""Events waiting for the disk before nobody is read from any more; about 6 MB."""

# -- connections --------------------------------------------------------------------------------
LOGIN_SECONDS: Final = 60.0
"""Time to give a name.  ergo: 60, ssh-chat: 20, sshd: 120."""

CONNECTIONS_PER_ADDRESS: Final = 16
"""From one IPv4 address or IPv6 /64; loopback is exempt.  ergo: 16, ngIRCd: 5."""

SPARE_DESCRIPTORS: Final = 256
"""File descriptors kept back for the log and for saying `full` politely."""

GOODBYE_SECONDS: Final = 2.0
"""How long a stopping server waits for its goodbyes to be read."""

# -- readers ------------------------------------------------------------------------------------
BATCH_BYTES: Final = 65_536
"""A piece of delivery: what a slow reader costs at the most.  Twisted reads as much at once."""

TAIL_EVENTS: Final = 8_192
"""Newest events kept in memory, from which slow readers catch up; about 3 MB."""

CATCH_UP_LINES: Final = 500
"""Lines read from the log at once for one slow reader: about one piece of delivery."""

BEHIND_MOST: Final = 50_000
"""A reader further behind than this is told how many lines were skipped and goes on from now."""

STALL_SECONDS: Final = 30.0
"""A reader that takes nothing at all for so long is cut off.  NATS: 10, Prosody: 180."""

# -- telnet -------------------------------------------------------------------------------------
SUBNEGOTIATION_BYTES: Final = 4096
"""An option's parameters; more closes the connection.  twisted.conch 26.10: 4,096."""

NEGOTIATION_BURST: Final = 64
"""Option requests answered at once; more, faster than the next number, closes the connection."""

NEGOTIATION_PER_SECOND: Final = 8.0
"""A person resizing a window or hammering ^C makes fewer."""
