#![expect(clippy::unwrap_used, reason = "a test may panic")]
use super::structure::prove;
use rusqlite::Connection;
#[test]
fn experiment() {
    for size in [512, 1024, 4096, 65536] {
        for stage in 0..3 {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("a.db");
            let conn = Connection::open(&path).unwrap();
            conn.execute_batch(&format!("PRAGMA page_size={size}; PRAGMA secure_delete=ON; PRAGMA journal_mode=TRUNCATE;
      CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT); CREATE INDEX ta ON t(a); CREATE INDEX tb ON t(b, a);
      CREATE TABLE w (k TEXT PRIMARY KEY, v BLOB) WITHOUT ROWID;
      BEGIN;
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<5000)
      INSERT INTO t SELECT (i*7919)%5003, hex(randomblob(abs(random()%40))), hex(randomblob(abs(random()%400))) FROM n;
      INSERT OR IGNORE INTO w SELECT a, CAST(b||b AS BLOB) FROM t;
      DELETE FROM t WHERE id%20=3; UPDATE t SET a = a||'xyz' WHERE id%7=1; DELETE FROM w WHERE length(k)%11=3;
      COMMIT;")).unwrap();
            if stage > 0 {
                conn.execute_batch("VACUUM").unwrap();
            }
            if stage > 1 {
                conn.execute_batch("VACUUM").unwrap();
            }
            let roots: Vec<u32> = conn
                .prepare("SELECT rootpage FROM sqlite_schema WHERE rootpage>0")
                .unwrap()
                .query_map([], |r| r.get(0))
                .unwrap()
                .map(|r| r.unwrap())
                .collect();
            let file = std::fs::File::open(&path).unwrap();
            println!(
                "{size} {stage} {:?}",
                prove(&file, &roots).map(|(s, stains)| (s, stains.len())).map_err(|e| e.message().to_owned())
            );
        }
    }
}
