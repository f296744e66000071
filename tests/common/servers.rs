//! Real servers for the tests: started from the installed binaries on a private socket, stopped at the end.
//!
//! A shell stands between: it ends the server when its standard input closes, so that a test that is killed leaves
//! nothing behind. Without the binaries a test says so and passes, unless `DSR_TEST_REQUIRE=all`.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, Weak, atomic::AtomicU32, atomic::Ordering},
    time::{Duration, Instant},
};

/// A running server with a directory of its own.
pub struct Server {
    kind: Kind,
    dir: tempfile::TempDir,
    shell: Mutex<Child>,
    made: AtomicU32,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Postgres,
    Maria,
}

static POSTGRES: Mutex<Weak<Server>> = Mutex::new(Weak::new());
static MARIA: Mutex<Weak<Server>> = Mutex::new(Weak::new());

/// PostgreSQL, shared by the tests of one file; `None` where it is not installed.
pub fn postgres() -> Option<Arc<Server>> {
    shared(&POSTGRES, Kind::Postgres)
}

/// MariaDB, shared by the tests of one file; `None` where it is not installed.
pub fn maria() -> Option<Arc<Server>> {
    shared(&MARIA, Kind::Maria)
}

/// A server that no other test knows, to be killed.
pub fn alone(kind: Kind) -> Option<Server> {
    Server::start(kind, &|_| Vec::new())
}

/// One that listens on a port of this machine with these options; `prepare` makes the files that they name.
pub fn with_options(kind: Kind, prepare: &dyn Fn(&Path) -> Vec<String>) -> Option<Server> {
    Server::start(kind, prepare)
}

fn shared(place: &Mutex<Weak<Server>>, kind: Kind) -> Option<Arc<Server>> {
    let mut place = place.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(server) = place.upgrade() {
        return Some(server);
    }
    let server = Arc::new(Server::start(kind, &|_| Vec::new())?);
    *place = Arc::downgrade(&server);
    Some(server)
}

/// A binary, where packages put it or on the path.
pub fn binary(name: &str) -> Option<PathBuf> {
    let mut places: Vec<PathBuf> = Vec::new();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        places.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    places.sort();
    places.reverse();
    places.extend(["/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin"].map(PathBuf::from));
    places.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    places.into_iter().map(|place| place.join(name)).find(|path| path.is_file())
}

/// Servers refuse to run as root: nobody runs them then.
fn as_nobody(dir: &Path) -> Vec<String> {
    if !rustix::process::geteuid().is_root() {
        return Vec::new();
    }
    let _ = Command::new("chown").arg("-R").arg("nobody").arg(dir).status();
    ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"].map(str::to_owned).to_vec()
}

impl Server {
    fn start(kind: Kind, prepare: &dyn Fn(&Path) -> Vec<String>) -> Option<Self> {
        let needed: &[&str] = match kind {
            Kind::Postgres => &["initdb", "postgres", "psql"],
            Kind::Maria => &["mariadb-install-db", "mariadbd", "mariadb"],
        };
        let found: Vec<PathBuf> = needed.iter().filter_map(|name| binary(name)).collect();
        if found.len() < needed.len() {
            let missing = needed.join(", ");
            assert_ne!(std::env::var("DSR_TEST_REQUIRE").as_deref(), Ok("all"), "not installed: {missing}");
            // Past the harness, which keeps what passing tests print to itself.
            let _ = writeln!(std::io::stderr(), "skipped: not installed: {missing}");
            return None;
        }
        // Short, since the path of a socket may have a hundred bytes.
        let place = if Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" };
        let dir = tempfile::Builder::new().prefix("dsr-db").tempdir_in(place).unwrap();
        let options = prepare(dir.path());
        let networking = if options.is_empty() { "--skip-networking" } else { "" };
        let listen = if options.is_empty() { "-c listen_addresses=" } else { "" };
        let options = options.join(" ");
        let (path, user) = (dir.path().display().to_string(), as_nobody(dir.path()));
        let [init, server] = [&found[0], &found[1]].map(|path| path.display().to_string());
        let script = match kind {
            Kind::Postgres => format!(
                "{init} -D {path}/d -A trust -U postgres -E UTF8 --locale=C --no-sync >{path}/log 2>&1 && \
                 exec {server} -D {path}/d -k {path} {listen} -c dynamic_shared_memory_type=mmap -c fsync=off -c full_page_writes=off {options} >>{path}/log 2>&1"
            ),
            Kind::Maria => format!(
                "{init} --no-defaults --datadir={path}/d --auth-root-authentication-method=normal --skip-test-db >{path}/log 2>&1 && \
                 exec {server} --no-defaults --datadir={path}/d --socket={path}/s {networking} {options} --pid-file={path}/pid \
                 --character-set-server=utf8mb4 --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=64M >>{path}/log 2>&1"
            ),
        };
        let watch = format!("( {script} ) & P=$!; cat >/dev/null; kill $P; wait $P; rm -rf {path}");
        let mut words = user;
        words.extend(["sh".into(), "-c".into(), watch]);
        let shell = Command::new(&words[0])
            .args(&words[1..])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { kind, dir, shell: Mutex::new(shell), made: AtomicU32::new(0) };
        server.wait();
        Some(server)
    }

    fn wait(&self) {
        let begun = Instant::now();
        while !self
            .client("")
            .arg(if self.kind == Kind::Postgres { "-cSELECT 1" } else { "-eSELECT 1" })
            .output()
            .unwrap()
            .status
            .success()
        {
            if begun.elapsed() > Duration::from_secs(120) {
                let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
                panic!("the server did not start:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The shell of the database, as its owner.
    pub fn client(&self, database: &str) -> Command {
        let path = self.dir.path();
        let mut command;
        match self.kind {
            Kind::Postgres => {
                command = Command::new(binary("psql").unwrap());
                let name = if database.is_empty() { "postgres" } else { database };
                command
                    .args([
                        "-X",
                        "-q",
                        "-A",
                        "-t",
                        "-v",
                        "ON_ERROR_STOP=1",
                        "-U",
                        "postgres",
                        "-p",
                        &self.port(),
                        "-d",
                        name,
                    ])
                    .arg("-h")
                    .arg(path);
            }
            Kind::Maria => {
                command = Command::new(binary("mariadb").unwrap());
                command.args(["--no-defaults", "-uroot", "-N", "-B", "--default-character-set=utf8mb4"]);
                command.arg(format!("--socket={}", path.join("s").display()));
                command.args(Some(database).filter(|name| !name.is_empty()));
            }
        }
        command.stdin(Stdio::null());
        command
    }

    /// PostgreSQL names its socket after its port.
    fn port(&self) -> String {
        let entries = std::fs::read_dir(self.dir.path()).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let port = names.filter_map(|name| name.strip_prefix(".s.PGSQL.").map(str::to_owned));
        port.min_by_key(String::len).unwrap_or_else(|| "5432".into())
    }

    /// Runs SQL in a database, and gives what it prints.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        use std::io::Write;
        let mut child = self
            .client(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let sql = sql.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(sql.as_bytes()));
        let output = child.wait_with_output().unwrap();
        let _ = writer.join();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// A new database.
    pub fn database(&self) -> String {
        let name = format!("t{}", self.made.fetch_add(1, Ordering::Relaxed));
        let _ = self.sql("", &format!("CREATE DATABASE {name}"));
        name
    }

    /// The URL of a database on the socket, as its owner or as another user.
    pub fn url(&self, database: &str, user: Option<&str>) -> String {
        let path = self.dir.path().display().to_string();
        match self.kind {
            Kind::Postgres => {
                let user = user.unwrap_or("postgres");
                format!("postgresql://{user}@{}/{database}", path.replace('/', "%2F"))
            }
            Kind::Maria => {
                let user = user.unwrap_or("root");
                format!("mysql://{user}@localhost/{database}?socket={}/s", path)
            }
        }
    }

    /// Ends it at once, as a power cut would, and returns when nothing of it runs.
    ///
    /// A session of PostgreSQL is a process of its own, which outlives its parent for a moment and may still answer.
    pub fn kill(&self) {
        let (file, sessions) = match self.kind {
            Kind::Postgres => ("d/postmaster.pid", self.sql("", "SELECT pid FROM pg_stat_activity")),
            Kind::Maria => ("pid", String::new()),
        };
        let first = std::fs::read_to_string(self.dir.path().join(file)).unwrap();
        let all = first.lines().take(1).chain(sessions.lines());
        let all: Vec<i32> = all.map(|pid| pid.trim().parse().unwrap()).collect();
        for pid in &all {
            let pid = rustix::process::Pid::from_raw(*pid).unwrap();
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        while all.iter().any(|pid| runs(*pid)) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The directory of the server.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(shell) = self.shell.get_mut() {
            drop(shell.stdin.take());
            let _ = shell.wait();
        }
    }
}

/// Whether a process still runs: one that nobody has waited for yet has closed its connections too.
fn runs(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['Z', 'X']))
}
