-- Version 1 of the store.
--
-- Every table is STRICT and has an explicit integer key. Instants are unix seconds; days are ISO
-- text (`2026-03-20`); lists of words are one text with single spaces between. Flags are 0 or 1.
-- Everything personal carries its controller: no query crosses controllers but purge and reports.
-- Secondary indexes are in `indexes.sql`, so that a bulk load can make them last.
-- Deliberately absent: triggers and views (a store that has one is refused), AUTOINCREMENT, and
-- cascades over personal data, except where a row is only a search key made from another row.

-- What this store is: id, created_at, drill_since (only in a drill store), controller (the default).
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per applied migration; the digest is of its SQL text.
CREATE TABLE migration (
  version    INTEGER PRIMARY KEY,
  sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
  applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE controller (
  id   INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE category (
  id   INTEGER PRIMARY KEY,
  word TEXT NOT NULL UNIQUE
) STRICT;

-- A person at one controller. `uid` is random: the only name of theirs that the audit log knows, and
-- this row is its only link to them. `same_as` points at the row that stands for one person held
-- twice (a chain is never longer than one step).
CREATE TABLE subject (
  id         INTEGER PRIMARY KEY,
  uid        BLOB NOT NULL CHECK (length(uid) = 16),
  controller INTEGER NOT NULL REFERENCES controller (id),
  ref        TEXT,
  born       TEXT,
  same_as    INTEGER REFERENCES subject (id) CHECK (same_as <> id),
  digest     INTEGER,            -- first 8 bytes of SHA-256 over the imported content
  created_at INTEGER NOT NULL
) STRICT;

-- Names of a person: type 1 iin, 2 account, 3 phone, 4 email, 5 vin, 6 plate, 7 name.
-- `key` is the canonical form and the only column that proves equality; `hint` is the look-alike form,
-- NULL where it is the same as `key`; `value` is the written form, NULL where it is the same as `key`.
-- `record` is NULL for what the subject line states, else the record whose payload it was read from:
-- such a row dies with its record.
CREATE TABLE identifier (
  id         INTEGER PRIMARY KEY,
  subject    INTEGER NOT NULL REFERENCES subject (id),
  controller INTEGER NOT NULL,
  type       INTEGER NOT NULL CHECK (type BETWEEN 1 AND 7),
  key        TEXT NOT NULL,
  hint       TEXT,
  value      TEXT,
  record     INTEGER REFERENCES record (id) ON DELETE CASCADE
) STRICT;

-- Personal data of one subject in one category, collected at one time. `data` is a JSON object.
-- `start_at` is the earliest day that any retention rule could count from: what purge narrows by.
-- `version` rises with every change; an effect names the version it was decided on.
CREATE TABLE record (
  id                 INTEGER PRIMARY KEY,
  subject            INTEGER NOT NULL REFERENCES subject (id),
  controller         INTEGER NOT NULL,
  category           INTEGER NOT NULL,
  ref                TEXT,
  version            INTEGER NOT NULL DEFAULT 1,
  digest             INTEGER,
  collected_at       INTEGER NOT NULL,
  last_contact_at    INTEGER,
  document_at        INTEGER,
  purpose_reached_at INTEGER,
  activity_at        INTEGER,    -- a visit or an order in the payload
  source             TEXT NOT NULL,
  given_by           TEXT NOT NULL,
  purposes           TEXT NOT NULL,
  obligation         TEXT,       -- by its ref
  consent            TEXT,       -- by its ref
  archived_until     TEXT,       -- out of use, kept for the law alone until this day
  archived_rule      TEXT,
  data               TEXT NOT NULL,
  start_at           INTEGER GENERATED ALWAYS AS (min(
                       collected_at,
                       ifnull(last_contact_at, collected_at),
                       ifnull(document_at, collected_at),
                       ifnull(purpose_reached_at, collected_at),
                       ifnull(activity_at, collected_at))) VIRTUAL
) STRICT;

-- A payload field corrected at the person's request: an import reports it instead of overwriting it.
CREATE TABLE rectified (
  id     INTEGER PRIMARY KEY,
  record INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  field  TEXT NOT NULL,
  at     INTEGER NOT NULL,
  UNIQUE (record, field)
) STRICT;

-- What the person says is wrong in a primary document, beside it: the document itself is not overwritten.
-- `note` is JSON.
CREATE TABLE annotation (
  id      INTEGER PRIMARY KEY,
  subject INTEGER NOT NULL REFERENCES subject (id),
  record  INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE,
  field   TEXT NOT NULL,
  note    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  case_id INTEGER REFERENCES case_file (id)
) STRICT;

CREATE TABLE consent (
  id             INTEGER PRIMARY KEY,
  subject        INTEGER NOT NULL REFERENCES subject (id),
  controller     INTEGER NOT NULL,
  ref            TEXT,
  digest         INTEGER,
  scope          TEXT NOT NULL,
  purposes       TEXT NOT NULL,
  given_at       INTEGER NOT NULL,
  given_by       TEXT NOT NULL,
  expires_at     INTEGER,
  withdrawn_at   INTEGER,
  method         TEXT NOT NULL,
  evidence       TEXT NOT NULL,
  policy_version TEXT NOT NULL,
  third_party    INTEGER NOT NULL,
  cross_border   INTEGER NOT NULL,
  publication    INTEGER NOT NULL
) STRICT;

CREATE TABLE obligation (
  id         INTEGER PRIMARY KEY,
  subject    INTEGER NOT NULL REFERENCES subject (id),
  controller INTEGER NOT NULL,
  ref        TEXT,
  digest     INTEGER,
  kind       TEXT NOT NULL,      -- purchase, work_order, credit, claim, warranty
  opened_at  INTEGER NOT NULL,
  closed_at  INTEGER
) STRICT;

CREATE TABLE disclosure (
  id         INTEGER PRIMARY KEY,
  subject    INTEGER NOT NULL REFERENCES subject (id),
  controller INTEGER NOT NULL,
  ref        TEXT,
  digest     INTEGER,
  recipient  TEXT NOT NULL,
  country    TEXT NOT NULL,
  categories TEXT NOT NULL,
  purpose    TEXT NOT NULL,
  basis      TEXT NOT NULL,
  at         INTEGER NOT NULL
) STRICT;

CREATE TABLE contact (
  id         INTEGER PRIMARY KEY,
  subject    INTEGER NOT NULL REFERENCES subject (id),
  controller INTEGER NOT NULL,
  ref        TEXT,
  digest     INTEGER,
  at         INTEGER NOT NULL,
  inbound    INTEGER NOT NULL    -- 1: the person contacted the company
) STRICT;

-- An order to keep, shown as `H-<id>`. `category` NULL covers all.
CREATE TABLE hold (
  id          INTEGER PRIMARY KEY,
  subject     INTEGER NOT NULL REFERENCES subject (id),
  controller  INTEGER NOT NULL,
  category    TEXT,
  since       INTEGER NOT NULL,
  basis       TEXT NOT NULL,
  released_at INTEGER
) STRICT;

-- A request. It outlives the person, so it names them by `uid` only, without a foreign key.
-- `state`, `identity` and `ended_at` are what a replay of the events gives; nobody sets them by hand.
CREATE TABLE case_file (
  id             INTEGER PRIMARY KEY,
  number         TEXT NOT NULL UNIQUE,
  year           INTEGER NOT NULL,
  nth            INTEGER NOT NULL,
  controller     INTEGER NOT NULL REFERENCES controller (id),
  subject        BLOB CHECK (length(subject) = 16),
  asked          TEXT NOT NULL,  -- the right
  received_at    INTEGER NOT NULL,
  recorded_at    INTEGER NOT NULL,
  channel        TEXT NOT NULL,
  tracking       TEXT,
  language       TEXT,
  representative TEXT,
  authority      TEXT,           -- the document the representative acts by
  identity       TEXT,
  due            TEXT,
  due_at         INTEGER,
  target         TEXT,
  provisional    INTEGER NOT NULL,
  state          TEXT NOT NULL,
  ended_at       INTEGER,
  UNIQUE (year, nth)
) STRICT;

-- Append-only. `payload` is JSON without personal values; a tracking number is the one exception.
CREATE TABLE case_event (
  id      INTEGER PRIMARY KEY,
  case_id INTEGER NOT NULL REFERENCES case_file (id),
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  kind    TEXT NOT NULL,
  payload TEXT NOT NULL
) STRICT;

-- What a waiting case waits for; empty once nothing does. `target` is the row of the obligation or the
-- block, NULL for a document.
CREATE TABLE case_wait (
  id      INTEGER PRIMARY KEY,
  case_id INTEGER NOT NULL REFERENCES case_file (id),
  kind    TEXT NOT NULL CHECK (kind IN ('obligation', 'block', 'document')),
  target  INTEGER
) STRICT;

-- Stop using, for a check. `category` NULL covers all. Lifted by a finding, never by time.
CREATE TABLE block (
  id         INTEGER PRIMARY KEY,
  subject    INTEGER NOT NULL REFERENCES subject (id),
  controller INTEGER NOT NULL,
  case_id    INTEGER NOT NULL REFERENCES case_file (id),
  category   TEXT,
  since      INTEGER NOT NULL,
  lifted_at  INTEGER,
  finding    TEXT
) STRICT;

-- "Never again for this." Outlives the person: `subject` empties, `mac` (of an identifier, under the
-- key file) still meets them at the next import. One row for each identifier; `head` marks the first row
-- of each, the one that is counted and listed.
CREATE TABLE suppression (
  id         INTEGER PRIMARY KEY,
  subject    INTEGER REFERENCES subject (id) ON DELETE SET NULL,
  controller INTEGER NOT NULL,
  purpose    TEXT NOT NULL,
  since      INTEGER NOT NULL,
  lifted_at  INTEGER,
  case_id    INTEGER REFERENCES case_file (id),
  head       INTEGER NOT NULL DEFAULT 1,
  type       INTEGER,
  mac        BLOB CHECK (length(mac) = 32)
) STRICT;

-- Who was destroyed, as keyed digests of identifiers (type as in `identifier`; 0 = the ref; 8 = the ref of
-- one record).
CREATE TABLE tombstone (
  id           INTEGER PRIMARY KEY,
  controller   INTEGER NOT NULL,
  type         INTEGER NOT NULL,
  mac          BLOB NOT NULL CHECK (length(mac) = 32),
  destroyed_at INTEGER NOT NULL,
  seq          INTEGER           -- the audit entry that says so
) STRICT;

-- A command that works in batches.
CREATE TABLE run (
  id          INTEGER PRIMARY KEY,
  uid         BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
  controller  INTEGER,
  command     TEXT NOT NULL,
  as_of       TEXT NOT NULL,
  started_at  INTEGER NOT NULL,
  finished_at INTEGER,
  status      TEXT NOT NULL,
  counts      TEXT NOT NULL
) STRICT;

-- An act of destruction: opened with the effects, closed once no file of the store holds the bytes.
-- `counts`, `rules`, `kept` and `scan` are JSON without personal values.
CREATE TABLE destruction (
  id          INTEGER PRIMARY KEY,
  number      TEXT NOT NULL UNIQUE,
  year        INTEGER NOT NULL,
  nth         INTEGER NOT NULL,
  controller  INTEGER NOT NULL REFERENCES controller (id),
  case_id     INTEGER REFERENCES case_file (id),
  run         BLOB CHECK (length(run) = 16),
  counts      TEXT NOT NULL,
  rules       TEXT NOT NULL,
  kept        TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('pending', 'destroyed')),
  method      TEXT NOT NULL,
  level       TEXT NOT NULL,
  scan        TEXT,
  started_at  INTEGER NOT NULL,
  finished_at INTEGER,
  seq         INTEGER,           -- the audit entry of the effects
  done_seq    INTEGER,           -- the audit entry that says `destroyed`
  UNIQUE (year, nth)
) STRICT;

-- The log: entry n, the tree head after it, and the open subtrees from which the next head is made.
CREATE TABLE audit_entry (
  seq   INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE audit_head (
  size INTEGER PRIMARY KEY,
  root BLOB NOT NULL CHECK (length(root) = 32)
) STRICT;

CREATE TABLE audit_frontier (
  level INTEGER PRIMARY KEY,
  hash  BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
