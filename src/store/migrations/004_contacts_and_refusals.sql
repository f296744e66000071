-- Version 4 of the store: since when a contact stands, and when a refusal ends a case. (The index of starts, which answers
-- the nightly run alone, is in `indexes.sql`: every migration makes the indexes again.)

-- Set where the phone or e-mail in a record was changed after it was collected, by an import or a correction:
-- an address that is new proves little about who answers from it.
ALTER TABLE record ADD COLUMN contact_since INTEGER;
UPDATE record SET contact_since =
         (SELECT max(r.at) FROM rectified r WHERE r.record = record.id AND r.field IN ('phone', 'email'))
 WHERE id IN (SELECT record FROM rectified WHERE field IN ('phone', 'email'));

-- A refusal ends its case when it was sent, not when it was signed.
UPDATE case_file SET answered_at = NULL, ended_at = NULL WHERE state = 'refused' AND NOT EXISTS
  (SELECT 1 FROM case_event a WHERE a.case_id = case_file.id AND a.kind = 'answered' AND a.id >
    (SELECT max(r.id) FROM case_event r WHERE r.case_id = case_file.id AND r.kind = 'refused'));
UPDATE case_file SET ended_at = answered_at WHERE state = 'refused' AND answered_at IS NOT NULL;
