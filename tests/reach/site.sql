CREATE TABLE member (login TEXT PRIMARY KEY, email TEXT, seen_at TEXT);
CREATE TABLE visit (id INTEGER PRIMARY KEY, login TEXT, page TEXT, at TEXT);
INSERT INTO member VALUES ('MC-0001', 'assel@omarova.example', '2026-10-01 20:15:00'), ('MC-9003', 'nurlan@third.example', '2019-06-01 00:00:00');
INSERT INTO visit VALUES (1, 'MC-0001', '/new', '2026-10-01 20:15:00'), (2, 'MC-9003', '/', '2019-06-01 00:00:00'), (3, 'MC-0001', '/sale', '2021-02-01 20:15:00');
