-- The third form: an event says more of where it came from, and a room of who set its topic.

ALTER TABLE event ADD COLUMN account  TEXT    NOT NULL DEFAULT '';  -- the account known to be behind it; '' for none
ALTER TABLE event ADD COLUMN ref      TEXT    NOT NULL DEFAULT '';  -- the sender's own id for it; '' for none
ALTER TABLE event ADD COLUMN reply_to INTEGER NOT NULL DEFAULT 0;   -- the seq of the event it answers; 0 for none
ALTER TABLE event ADD COLUMN data     TEXT    NOT NULL DEFAULT '';  -- what its kind has besides: JSON; '' for none

-- A room's history is counted by what stands in it, without looking at each event.
DROP INDEX event_by_room;
CREATE INDEX event_by_room ON event (room, seq, kind);

-- The topic's setter, by whose id a reader who ignores them knows them under any name.
ALTER TABLE room ADD COLUMN topic_origin INTEGER NOT NULL DEFAULT 0;  -- the member who said so; 0 without a topic
UPDATE room
    SET topic_origin = coalesce(
        (SELECT origin FROM event WHERE event.room = room.name AND kind = 3 ORDER BY seq DESC LIMIT 1), 0)
    WHERE topic <> '';
