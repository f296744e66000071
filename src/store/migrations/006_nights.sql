-- Version 6: what nights do in other systems.

-- A page of a night: committed before any of it is tried, and gone once it is known what came of it.
-- `payload` names exact keys, versions and new values; it is personal data.
CREATE TABLE night_page (
  id         INTEGER PRIMARY KEY,
  run        INTEGER NOT NULL REFERENCES run (id),
  controller INTEGER NOT NULL REFERENCES controller (id),
  payload    TEXT NOT NULL
) STRICT;

-- What an act of destruction of a run says of other systems: rows deleted, or changed so that nobody is in them.
CREATE TABLE night_done (
  id          INTEGER PRIMARY KEY,
  destruction INTEGER NOT NULL REFERENCES destruction (id),
  system      TEXT NOT NULL,
  collection  TEXT NOT NULL,
  action      TEXT NOT NULL CHECK (action IN ('delete', 'set')),
  rows        INTEGER NOT NULL,
  UNIQUE (destruction, system, collection, action)
) STRICT;
