-- Version 9: whose number was corrected has two until every other system has the new one: nobody takes the rows that
-- stand under the old one for somebody else's.

-- A name that a correction replaced. `mark` is an HMAC under the key file: the name itself is gone.
CREATE TABLE former_name (
  id      INTEGER PRIMARY KEY,
  case_id INTEGER NOT NULL REFERENCES case_file (id),
  mark    BLOB NOT NULL CHECK (length(mark) = 32),
  UNIQUE (case_id, mark)
) STRICT;
