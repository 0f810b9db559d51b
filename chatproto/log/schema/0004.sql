-- The fourth form: what one sender sent twice under the same id of theirs is in the log once.

-- A sender is an account, or without one the member: a text or a number, and no text is the same as a number.
CREATE UNIQUE INDEX event_by_ref ON event (CASE account WHEN '' THEN origin ELSE account END, ref) WHERE ref <> '';
