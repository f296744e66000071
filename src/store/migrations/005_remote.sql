-- Version 5: what is done to the databases of other systems, and what is known of them.

-- Steps in another database: committed before the first of them is tried, and emptied of keys when done.
-- `payload` names exact keys, versions and new values; it is personal data and goes with the step.
CREATE TABLE remote_step (
  id         INTEGER PRIMARY KEY,
  case_id    INTEGER NOT NULL REFERENCES case_file (id),
  system     TEXT NOT NULL,
  collection TEXT NOT NULL,
  action     TEXT NOT NULL CHECK (action IN ('delete', 'set')),
  rows       INTEGER NOT NULL,
  payload    TEXT,
  state      TEXT NOT NULL CHECK (state IN ('open', 'done')),
  trouble    TEXT,                       -- why it is still open, without a value
  changed_at INTEGER NOT NULL,
  CHECK ((state = 'done') = (payload IS NULL))
) STRICT;

-- What is told once every step of a case is done: the outcome, and the categories that stay elsewhere.
CREATE TABLE remote_case (
  case_id INTEGER PRIMARY KEY REFERENCES case_file (id),
  outcome TEXT NOT NULL,
  stays   TEXT NOT NULL
) STRICT;

-- Rows of other systems that are kept for a law alone. `mark` is an HMAC of system, collection, key and
-- category under the key file: the row itself is not named here.
CREATE TABLE remote_archive (
  id      INTEGER PRIMARY KEY,
  subject INTEGER NOT NULL REFERENCES subject (id),
  mark    BLOB NOT NULL CHECK (length(mark) = 32),
  until   TEXT NOT NULL,
  rule    TEXT NOT NULL,
  UNIQUE (subject, mark)
) STRICT;

-- Which database each system was when it was last checked: nothing is destroyed in another.
CREATE TABLE remote_identity (
  id         INTEGER PRIMARY KEY,
  system     TEXT NOT NULL UNIQUE,
  identity   TEXT NOT NULL,
  checked_at INTEGER NOT NULL
) STRICT;
