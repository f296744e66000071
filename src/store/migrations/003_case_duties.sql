-- Version 3: what a case owes beside its answer, and what it may wait for.

-- When the answer of the present round was sent: a case that waits is answered before it ends.
ALTER TABLE case_file ADD COLUMN answered_at INTEGER;
UPDATE case_file SET answered_at = ended_at WHERE state IN ('answered', 'refused');

-- Steps by hand and recipients to tell: what a replay of the events gives; nobody sets them by hand.
-- `place` is the system or the recipient, `task` words without a value of a record.
CREATE TABLE case_duty (
  id       INTEGER PRIMARY KEY,
  case_id  INTEGER NOT NULL REFERENCES case_file (id),
  step     INTEGER NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('manual', 'task', 'tell')),
  place    TEXT NOT NULL,
  task     TEXT NOT NULL,
  due      TEXT,
  done_at  INTEGER,
  evidence TEXT,
  UNIQUE (case_id, step)
) STRICT;

-- A part of a request may wait until another case was answered: `target` is then its row.
ALTER TABLE case_wait RENAME TO case_wait_before;
CREATE TABLE case_wait (
  id      INTEGER PRIMARY KEY,
  case_id INTEGER NOT NULL REFERENCES case_file (id),
  kind    TEXT NOT NULL CHECK (kind IN ('obligation', 'block', 'document', 'answer')),
  target  INTEGER
) STRICT;
INSERT INTO case_wait (id, case_id, kind, target) SELECT id, case_id, kind, target FROM case_wait_before;
DROP TABLE case_wait_before;
