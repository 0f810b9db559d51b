-- The second form: private lines are found again, and a day is found without reading all that came after it.

-- A member's private lines, as they sent and as they were sent them.
CREATE INDEX event_from ON event (origin, seq) WHERE kind = 4;
CREATE INDEX event_to ON event (target, seq) WHERE kind = 4;

-- Which numbers the events of an hour have; other hours' may be among them, since clocks are set back.  It follows the
-- log as the index of words does.
CREATE TABLE hour (
    hour  INTEGER PRIMARY KEY,  -- hours since 1970, UTC
    first INTEGER NOT NULL,     -- the lowest number, and
    last  INTEGER NOT NULL      -- the highest
);
INSERT INTO hour
    SELECT time / 3600000, min(seq), max(seq) FROM event
    WHERE seq <= (SELECT seq FROM progress WHERE what = 'word') GROUP BY time / 3600000;

-- The index of words has private lines too, from now on.
INSERT INTO word (rowid, text)
    SELECT seq, text FROM event WHERE kind = 4 AND seq <= (SELECT seq FROM progress WHERE what = 'word');
