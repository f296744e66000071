-- Version 4 of the store: since when a contact stands.

-- Set where the phone or e-mail in a record was changed after it was collected, by an import or a correction:
-- an address that is new proves little about who answers from it.
ALTER TABLE record ADD COLUMN contact_since INTEGER;
UPDATE record SET contact_since =
         (SELECT max(r.at) FROM rectified r WHERE r.record = record.id AND r.field IN ('phone', 'email'))
 WHERE id IN (SELECT record FROM rectified WHERE field IN ('phone', 'email'));
