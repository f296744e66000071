-- What subject look-up, re-import and purge need, and no more.

CREATE UNIQUE INDEX subject_uid ON subject (uid);
CREATE UNIQUE INDEX subject_ref ON subject (controller, ref);
CREATE INDEX subject_same ON subject (same_as) WHERE same_as IS NOT NULL;

CREATE INDEX identifier_key ON identifier (controller, type, key, subject);
CREATE INDEX identifier_hint ON identifier (controller, type, hint) WHERE hint IS NOT NULL;
CREATE INDEX identifier_subject ON identifier (subject, type);
CREATE INDEX identifier_record ON identifier (record) WHERE record IS NOT NULL;

CREATE INDEX record_subject ON record (subject, category, collected_at, last_contact_at, activity_at);
CREATE UNIQUE INDEX record_ref ON record (controller, ref);

-- What the nightly run narrows by: each index holds only what its question is about.
-- `start_at` is written out, and the column that is always NULL here stands in it: only so does the engine answer
-- from the index alone, without a look at each record in the order of its date.
CREATE INDEX record_start ON record (controller, category, min(
    collected_at,
    ifnull(last_contact_at, collected_at),
    ifnull(document_at, collected_at),
    ifnull(purpose_reached_at, collected_at),
    ifnull(activity_at, collected_at)), subject, archived_until) WHERE archived_until IS NULL;
CREATE INDEX record_archived ON record (controller, archived_until) WHERE archived_until IS NOT NULL;
CREATE INDEX record_reached ON record (controller, category)
  WHERE purpose_reached_at IS NOT NULL AND archived_until IS NULL;
CREATE INDEX record_given ON record (controller, category)
  WHERE given_by <> 'self' AND last_contact_at IS NULL AND archived_until IS NULL;
CREATE INDEX subject_born ON subject (controller, born) WHERE born IS NOT NULL;
CREATE INDEX consent_withdrawn ON consent (controller, scope) WHERE withdrawn_at IS NOT NULL;
CREATE INDEX consent_given ON consent (controller, scope, given_at);
CREATE INDEX consent_expiring ON consent (controller, scope, expires_at) WHERE expires_at IS NOT NULL;

CREATE INDEX annotation_subject ON annotation (subject);
CREATE INDEX annotation_record ON annotation (record);

CREATE INDEX consent_subject ON consent (subject);
CREATE UNIQUE INDEX consent_ref ON consent (controller, ref);
CREATE INDEX obligation_subject ON obligation (subject);
CREATE UNIQUE INDEX obligation_ref ON obligation (controller, ref);
CREATE INDEX disclosure_subject ON disclosure (subject);
CREATE UNIQUE INDEX disclosure_ref ON disclosure (controller, ref);
CREATE INDEX contact_subject ON contact (subject);
CREATE UNIQUE INDEX contact_ref ON contact (controller, ref);

CREATE INDEX hold_subject ON hold (subject);
CREATE INDEX block_subject ON block (subject);
CREATE INDEX block_case ON block (case_id);
CREATE INDEX suppression_subject ON suppression (subject);
CREATE INDEX suppression_mac ON suppression (mac) WHERE mac IS NOT NULL;
CREATE INDEX tombstone_mac ON tombstone (mac);

-- The entries about policies are few among many, and every status asks for them.
CREATE INDEX audit_policy ON audit_entry (seq) WHERE instr(bytes, CAST('"command":"policy.' AS BLOB)) > 0;

CREATE INDEX case_subject ON case_file (subject);
CREATE INDEX case_tracking ON case_file (tracking) WHERE tracking IS NOT NULL;
CREATE INDEX case_open ON case_file (controller, due) WHERE ended_at IS NULL;
CREATE INDEX case_event_case ON case_event (case_id);
CREATE INDEX case_wait_case ON case_wait (case_id);
CREATE INDEX case_waiting ON case_file (controller) WHERE state = 'waiting';
CREATE INDEX destruction_pending ON destruction (id) WHERE state = 'pending';
CREATE INDEX case_duty_open ON case_duty (due) WHERE done_at IS NULL;
CREATE INDEX case_event_tracking ON case_event (json_extract(payload, '$.tracking')) WHERE kind = 'received';
CREATE INDEX case_received ON case_file (received_at);
CREATE INDEX remote_step_open ON remote_step (case_id) WHERE state = 'open';
CREATE INDEX remote_step_case ON remote_step (case_id, id);
