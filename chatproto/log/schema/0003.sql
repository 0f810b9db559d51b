-- The third form: a room's history can be counted by what stands in it, without looking at each event.
DROP INDEX event_by_room;
CREATE INDEX event_by_room ON event (room, seq, kind);

-- The topic's setter, by whose id a reader who ignores them knows them under any name.
ALTER TABLE room ADD COLUMN topic_origin INTEGER NOT NULL DEFAULT 0;  -- the member who said so; 0 without a topic
UPDATE room
    SET topic_origin = coalesce(
        (SELECT origin FROM event WHERE event.room = room.name AND kind = 3 ORDER BY seq DESC LIMIT 1), 0)
    WHERE topic <> '';
