-- A small CRM. The second and third customers are other people; a car has two keepers, a deal two people.
CREATE TABLE customer (id INTEGER PRIMARY KEY, iin TEXT, given_name TEXT, phone TEXT, account TEXT, remark TEXT, stopped INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL);
CREATE TABLE deal (id INTEGER PRIMARY KEY, buyer INTEGER REFERENCES customer (id), payer INTEGER, payer_name TEXT, number TEXT, signed_on TEXT, closed_on TEXT, car INTEGER);
CREATE TABLE car (id INTEGER PRIMARY KEY, make TEXT, vin TEXT, made_on TEXT);
CREATE TABLE keeping (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customer (id), car INTEGER REFERENCES car (id), since TEXT);
CREATE TABLE consent (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customer (id), scope TEXT, given_at TEXT, withdrawn_at TEXT);
INSERT INTO customer VALUES
  (1, '900101499994', 'Assel', '8 (701) 000-00-01', 'MC-0001', 'asked about a friend', 0, '2024-03-28 11:20:00'),
  (2, '900101399998', 'Daniyar', '+77010000002', NULL, NULL, 0, '2026-09-01 10:00:00'),
  (3, '991231399924', 'Nurlan', '+77019990003', 'MC-9003', NULL, 0, '2019-01-01 10:00:00');
INSERT INTO car VALUES (100, 'Aurora', 'LGWEF4A56NB990001', '2024-04-02'), (101, 'Aurora', 'LGWEF4A56NB990027', '2024-05-02'), (102, 'Bora', 'LGWEF4A56NB990044', '2019-05-02');
INSERT INTO deal VALUES
  (10, 1, 2, 'Daniyar', 'D-10', '2024-04-02', '2024-04-19', 100),
  (11, 2, 1, 'Assel', 'D-11', '2026-10-05', NULL, 101),
  (12, 3, NULL, NULL, 'D-12', '2019-02-01', '2019-03-01', 102);
INSERT INTO keeping VALUES (1, 1, 100, '2024-04-19'), (2, 1, 102, '2024-06-01'), (3, 3, 102, '2019-03-01'), (4, 2, 101, '2026-10-05');
INSERT INTO consent VALUES (1, 1, 'promotion', '2024-03-28 11:21:00', NULL), (2, 3, 'promotion', '2019-01-01 10:00:00', NULL);
