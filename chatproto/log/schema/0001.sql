-- The log, first form.  PRAGMA user_version holds the number of the newest file that has been applied.

-- Every durable event, in the one order that everybody sees.
CREATE TABLE event (
    seq     INTEGER PRIMARY KEY,  -- its number: 1, 2, 3, ... over all rooms, without a gap
    time    INTEGER NOT NULL,     -- when it was asked for: milliseconds since 1970, UTC; never used for order
    kind    INTEGER NOT NULL,     -- what it is: chatproto.core.events.Kind
    room    TEXT    NOT NULL,     -- the folded name of the room, without '#'; '' for a private event
    author  TEXT    NOT NULL,     -- the nick of whoever did it, as it was then
    origin  INTEGER NOT NULL,     -- the member who did it: a number that no two sittings share
    "to"    TEXT    NOT NULL,     -- the nick a private event went to; '' otherwise
    target  INTEGER NOT NULL,     -- the member a private event went to; 0 otherwise
    text    TEXT    NOT NULL      -- what was said, clean; the new topic
);

-- History of one room; slow readers catching up.
CREATE INDEX event_by_room ON event (room, seq);

-- The rooms there are: derived from the events, in the transaction that stores them.
CREATE TABLE room (
    name         TEXT PRIMARY KEY,            -- folded, without '#'
    topic        TEXT    NOT NULL DEFAULT '',  -- what it is about; '' for nothing
    topic_author TEXT    NOT NULL DEFAULT '',  -- who said so
    topic_time   INTEGER NOT NULL DEFAULT 0    -- when: milliseconds since 1970, UTC
) WITHOUT ROWID;

-- Words to events.  It holds no text of its own, and follows the log when there is time, before any search at the
-- latest: it could be made anew from the events.
CREATE VIRTUAL TABLE word USING fts5 (
    text,                                     -- what was said
    content = 'event', content_rowid = 'seq',
    tokenize = 'unicode61 remove_diacritics 2' -- folds case, Cyrillic too; e finds é
);

-- How far things that follow the log have come.
CREATE TABLE progress (
    what TEXT PRIMARY KEY,   -- 'word': the index above
    seq  INTEGER NOT NULL    -- the last event it has taken in
) WITHOUT ROWID;
INSERT INTO progress VALUES ('word', 0);
