-- Version 7: a part of a request may wait until an order to keep is released: `target` is then the row of the hold.

ALTER TABLE case_wait RENAME TO case_wait_before;
CREATE TABLE case_wait (
  id      INTEGER PRIMARY KEY,
  case_id INTEGER NOT NULL REFERENCES case_file (id),
  kind    TEXT NOT NULL CHECK (kind IN ('obligation', 'block', 'document', 'answer', 'hold')),
  target  INTEGER
) STRICT;
INSERT INTO case_wait (id, case_id, kind, target) SELECT id, case_id, kind, target FROM case_wait_before;
DROP TABLE case_wait_before;
