"""Every number that bounds what a peer may do, with its reason and the precedent it follows.

Must not know anything else of ours.
"""

from typing import Final

# -- text ---------------------------------------------------------------------------------------
LINE_BYTES: Final = 2048
"""One line of telnet or plain.  ngIRCd reads 2,048; ergo 5,632 with tags; IRC itself 512."""

UNENDED_BYTES: Final = 8192
"""A line that has not ended by now is no line: the connection is closed.  ergo: 5,632."""

MARKS_PER_BASE: Final = 8
"""Combining marks on one letter.  Vietnamese needs 2, pointed Hebrew 4; piles need dozens."""

CLEANING_PASSES: Final = 3
"""Passes over a line while each still changes it.  Honest text settles in two; a line made for it takes any number."""

EXCERPT_LENGTH: Final = 80
"""Characters that an answer repeats of what a member typed: a row, as long as what was wrong with it is seen."""

NICK_LENGTH: Final = 32
"""Characters.  ergo: 32, InspIRCd: 30."""

ROOM_LENGTH: Final = 64
"""Characters.  ergo: 64, InspIRCd: 60."""

TOPIC_LENGTH: Final = 390
"""Characters.  ergo: 390, InspIRCd: 330."""

REF_BYTES: Final = 64
"""A program's own id for what it asks for: a UUID has 36.  IRCv3 label: 64 bytes, Matrix txnId: 255."""

DATA_BYTES: Final = 4_094
"""The JSON object that an event may have beside its words.  IRCv3 message tags of a client: 4,094 bytes; Matrix has
65,536 for a whole event."""

# -- people and rooms ---------------------------------------------------------------------------
ROOMS_PER_MEMBER: Final = 50
"""Rooms one member may be in.  ergo: 100, InspIRCd: 20, ngIRCd: 10."""

SEATS_PER_MEMBER: Final = 10
"""Connections one member may have at once.  ejabberd: 10."""

SEATS_GONE: Final = 50
"""Seats that a member who is here has left, and whose lines are still its own; the last ones.  A program that comes for
one line has a new seat each time.  Each costs two walks of an index when private lines are read."""

SEAT_KEPT_SECONDS: Final = 120.0
"""How long a seat whose connection broke is kept for a member who can prove to be the same: a laptop that is opened
again, a phone between two networks.  Socket.IO: 120, Prosody: 600."""

HEARD_SECONDS: Final = 2.0
"""What was sent so long before a sign of life has arrived: longer than a packet takes to the other end of the world and
back.  What was sent later is shown again when a connection is taken up."""

SEATS_KEPT: Final = 1_000
"""Seats kept at once, about 3 MB and as many nicks; a seat whose connection breaks then is lost.  Else strangers with
many keys could hold any number of nicks without a connection."""

SEATS_KEPT_PER_ADDRESS: Final = 64
"""Of these, from one address: a class whose wireless network goes down."""

IGNORED_PER_MEMBER: Final = 100
"""Names one member may ignore; the same order as ergo's monitor list of 100."""

MENTIONS_PER_LINE: Final = 12
"""A line that names more people than this calls none of them: it is a roll call, or a nuisance."""

IGNORED_GONE: Final = 100
"""Seats that are left, and still ignored in what was said there under names taken later; the last ones."""

CORRESPONDENTS: Final = 100
"""Nicks that one member has written to privately and whose bearers are remembered; the ones used last."""

ROOMS_OPENED: Final = 15
ROOMS_OPENED_SECONDS: Final = 3600.0
"""Rooms that one member may make in any hour, and all members from one address: else one could begin anew by coming
again; loopback is exempt from the latter.  With more connections allowed than CONNECTIONS_PER_ADDRESS an address may
make more rooms, in proportion: a class.  ergo: 15 channels to an account, without an end."""

IDLE_ROOMS: Final = 1_000
"""Empty rooms in memory, those used last; the others are in the log.  About 1 MB."""

NAMES_SHOWN: Final = 12
"""Names in a line about a crowd or a room before it becomes `and 7 others`: about one row."""

PEOPLE_PER_PAGE: Final = 100
"""Names on one page of `/who`: a screen or two; a room of ten thousand has a hundred pages."""

CROWD_SECONDS: Final = 1.0
"""Joins and leaves within this time of the last one told are told together, in one line."""

SILENCE_TOLD: Final = 10.0
"""Seconds of silence from which a peer that asks for a taken nick is told of it: a member whose connection broke is
back within half a minute, and meets its own nick.  Shorter is a pause between two lines.  WHOIS of IRC tells any."""

# -- history ------------------------------------------------------------------------------------
RECENT_LINES: Final = 20
"""Lines of the room shown to a member who joins.  ssh-chat: 20, devzat: 16."""

HISTORY_LINES: Final = 20
"""Lines that a plain `/history` pages by."""

HISTORY_MOST: Final = 500
"""Lines that one `/history` gives at the most.  ergo: 1,000."""

FOUND_LINES: Final = 20
"""Lines that `/search` shows, the newest that match."""

PREFIX_LENGTH: Final = 3
"""Letters from which `/search` takes a word for the beginning of one.  In a million lines three letters are found in
12 ms, one in 120; an index of beginnings would treble the index of words."""

SEARCH_WORDS: Final = 10
"""Words and rooms of one search.  A word costs up to those 12 ms before the time of a search is looked at."""

SEARCH_SECONDS: Final = 1.0
"""A search that takes longer ends with what it has found.  In a million lines the longest takes a third of that."""

SEARCHES_WAITING: Final = 20
"""Searches that may wait for their turn: none waits for longer than these take; more are told to try again."""

SEARCHED_AT_ONCE: Final = 1_000
"""Events that a search in memory looks at before the others have their turn: about 3 ms of work."""

# -- pace ---------------------------------------------------------------------------------------
RATE_BURST: Final = 5
"""Lines at once before a talker is slowed.  ergo: 5."""

RATE_PER_SECOND: Final = 2.0
"""Lines per second after that, by not reading any faster.  ergo: 2."""

LINES_PER_TURN: Final = 256
"""Lines read from one connection before the others have their turn (about 2 ms of work)."""

UNWRITTEN_EVENTS: Final = 20_000
"""Events waiting for the disk before no member is read from any more; about 6 MB."""

# -- connections --------------------------------------------------------------------------------
LOGIN_SECONDS: Final = 60.0
"""Time to give a name.  ergo: 60, ssh-chat: 20, sshd: 120."""

LAST_LINES_SECONDS: Final = 120.0
"""How long what a peer sent before it was gone is still said: 240 lines at the usual rate.  IRC servers drop it."""

LAST_LINES_AT_ONCE: Final = 240
"""How many of them are said at once when the server stops: as many as that time would have been enough for."""

STARTUPS_FREE: Final = 100
STARTUPS_MOST: Final = 1000
STARTUPS_RATE: Final = 30
"""Unnamed at once, by all doors; loopback is exempt.  Over the first number 30 % are turned away, at the second all.
sshd: 10:30:100."""

LINES_BEFORE_NAME: Final = 64
"""Lines that may be tried as a name before the connection is closed.  ergo: 1,024 commands."""

CONNECTIONS_PER_ADDRESS: Final = 16
"""From one IPv4 address or IPv6 /64; loopback is exempt.  ergo: 16, ngIRCd: 5."""

ARRIVALS_PER_ADDRESS: Final = 32
ARRIVALS_SECONDS: Final = 600.0
"""New connections from one address within any such time; loopback is exempt.  ergo: 32 in 10 minutes."""

CONNECTIONS_PER_TALKER: Final = 4
"""The connections of one address together have the pace of one talker for so many that it may have: 16 have 20 lines at
once and 8 a second, which is what the addresses of InspIRCd and ngIRCd have with their 3 and 5 connections.

Not of one talker for all: an address is a person with many programs, or a class behind one NAT.  Thirty who each say
something every five seconds say 6 lines a second; and of fifteen connections that flood, each neighbour at their
address feels a pause of 2 seconds after a line, where one pace for all made it 8."""

ORIGINS_REMEMBERED: Final = 10_000
"""Addresses that have left and are remembered: 5 MB, or 15 when each of them came as often as it may.  A peer with more
of them is not held by a count of each."""

SPARE_DESCRIPTORS: Final = 256
SPARE_DESCRIPTORS_LEAST: Final = 64
"""File descriptors kept back for the log, the doors and for saying `full` politely; fewer where there are few: the
server itself has about thirty."""

DESCRIPTORS_LEAST: Final = 128
"""With fewer the server does not start: half of them would be its own.  Most systems give 1,024 and more."""

INPUT_BYTES_PER_SECOND: Final = 10_240
INPUT_BURST: Final = 65_536
"""Bytes read from one connection, after so many at once: two lines a second of the longest kind are 4 KiB, a paste is
at once.  Prosody: 10 KiB a second; Twisted reads 64 KiB at once."""

ALIVE_SECONDS: Final = 90.0
"""Silence after which a peer that answers nothing is gone, and its name free.  ergo asks at 90 and drops at 150, ngIRCd
at 120 and 140."""

ALIVE_ASKED: Final = 3
ALIVE_INTERVAL: Final = 10.0
"""How often it is asked before that, and at what intervals."""

GOODBYE_SECONDS: Final = 2.0
"""How long a stopping server waits for its goodbyes to be read."""

END_SECONDS: Final = GOODBYE_SECONDS + 1.0
"""How long it waits for the last session: each is cut off after GOODBYE_SECONDS, and what follows has its turns."""

# -- readers ------------------------------------------------------------------------------------
BATCH_BYTES: Final = 65_536
"""A piece of delivery: what a slow reader costs at the most.  Twisted reads as much at once."""

TAIL_BYTES: Final = 4 << 20
"""Newest events kept in memory, from which slow readers catch up: 10,000 lines of talk, or 1,700 of the longest."""

RENDERED_BYTES: Final = 2 << 20
"""Renderings of them kept: those of the last second in a lively room.  Before, all were, as long as their events."""

CATCH_UP_LINES: Final = 100
CATCH_UP_BYTES: Final = 16_384
"""Read from the log at once for one reader, who lags or pages back: at a terminal about 5 ms of work."""

ANSWERS_PER_TURN: Final = 4
"""Answers of the log that are looked at before the others have their turn: each is a piece as above, at the most."""

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

# -- terminals ----------------------------------------------------------------------------------
COLUMNS_LEAST: Final = 20
COLUMNS_MOST: Final = 500
ROWS_LEAST: Final = 5
ROWS_MOST: Final = 200
"""A size told outside of these is taken for the nearest inside: no screen has it, but an attacker may try."""

MENTIONS_MARKED: Final = 20
"""Places in one line where a reader's own name is marked: the first will do, and a thousand cost a millisecond."""

PASTE_SECONDS: Final = 0.05
"""How long a paste without marks may be silent before it is whole: it comes in pieces of 2 to 14 KB.  irssi: 0.005."""

CUT_SECONDS: Final = 2.0
"""The same for one that is cut inside a character, since the rest of that must come: a packet that was lost is sent
again after a second at the latest (RFC 6298)."""

# -- ssh ----------------------------------------------------------------------------------------
LOGIN_TRIES: Final = 6
"""Keys that may fail before the connection is closed.  sshd: 6, conch: 20."""

LOGIN_REQUESTS: Final = 20
"""Requests to be let in, failed or not; conch counts to 20 too, but only what failed."""

SSH_WINDOW_BYTES: Final = 32_768
"""What a client may send before we have looked at it, and so what a paste may cost.  conch: 131,072, OpenSSH: 2 MB."""

SSH_PACKET_BYTES: Final = 16_384
"""The most data in one packet to us.  PuTTY asks for the same; OpenSSH: 32,768."""

SSH_PACKET_LEAST: Final = 1024
"""The least that a client may ask of our packets: one of a byte each would cost us fifty times what it brings."""

SSH_OPENS_MOST: Final = 8
"""Channels a client may ask for.  One is given; the others are forwardings, which are refused."""

SSH_PACKETS_PER_TURN: Final = 128
"""Packets read from one connection before the others have their turn (about 5 ms of work)."""

SSH_EXCHANGE_BURST: Final = 16
SSH_EXCHANGES_PER_SECOND: Final = 1.0
"""New keys a client may ask for: one costs us a millisecond.  OpenSSH asks for them every gigabyte."""

SSH_VARIABLES_MOST: Final = 32
SSH_VARIABLE_BYTES: Final = 256
"""Variables that a client tells us, and the bytes in one: LANG and LC_* are fourteen short ones."""

SSH_ALIVE_INTERVAL: Final = 30.0
SSH_ALIVE_ASKED: Final = 2
"""A client silent for so long is asked whether it is there, and is gone when it has answered none of so many questions:
after 90 to 120 seconds.  sshd, where it is told to: 3 questions."""

LAST_ANSWER_SECONDS: Final = 0.5
"""How long a member whose input has ended is still sent what happens."""

ANSWER_SECONDS: Final = 30.0
"""The same while an answer is on its way to it: as many searches as may wait before its own take 20."""
