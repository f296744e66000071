-- Version 2 of the store: the nightly run.

-- What proves a single destruction later. One row for each audit entry of a purge: the entry holds the
-- root of a tree (RFC 6962) over these leaves. `kinds` is JSON, [category, rule] each; `leaves` has 50
-- bytes for each record in the order of the tree: 16 bytes of salt, 32 of the record's mark, and 2 that
-- point into `kinds` (big-endian). Removing a row takes nothing from the log.
CREATE TABLE leaf_page (
  seq    INTEGER PRIMARY KEY,
  run    INTEGER NOT NULL REFERENCES run (id),
  kinds  TEXT NOT NULL,
  leaves BLOB NOT NULL
) STRICT;
