//! Arguments → command → exit code. The only place that asks the time, the randomness, the
//! environment and the streams; everything below receives them.

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
    sync::{Arc, atomic::AtomicBool},
    time::{SystemTime, UNIX_EPOCH},
};

use dsr::{
    command::{self, Env},
    domain::Moment,
};

fn main() -> ExitCode {
    let user = rustix::process::getuid();
    one_user();
    interruptible();
    no_core_dumps();
    let variables = std::env::vars_os().collect();
    let (mut stdin, stdout, stderr) = (io::stdin(), io::stdout(), io::stderr());
    let mut env = Env {
        now: now(),
        variables,
        stdin_is_terminal: stdin.is_terminal(),
        stdout_is_terminal: stdout.is_terminal(),
        columns: rustix::termios::tcgetwinsize(&stdout).ok().map(|size| size.ws_col),
        stderr_is_terminal: stderr.is_terminal(),
        stdin: &mut stdin,
        stdin_stream: &|| Box::new(io::stdin()),
        stdout: &mut stdout.lock(),
        stderr: &mut stderr.lock(),
        random: &mut random,
        user: user.as_raw(),
    };
    ExitCode::from(command::run(std::env::args_os().collect(), &mut env))
}

fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment::from_unix(i64::try_from(since.as_secs()).unwrap_or_default())
}

/// 16 bytes from the operating system; without them no id can be drawn, so nothing may go on.
fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    bytes
}

/// Interrupted or terminated: what was committed stays, nothing else happened, because every effect
/// is one SQLite transaction. So leaving at once is safe, and the exit code says why. The handler
/// itself leaves: a thread that waits for signals would cost every short command its start.
fn interruptible() {
    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ},
        flag::{register, register_conditional_shutdown},
    };
    let always = Arc::new(AtomicBool::new(true));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Where this fails the signal ends the process on its own, with the same state of the store.
        let _ = register_conditional_shutdown(signal, 128 + signal, Arc::clone(&always));
    }
    // A limit of the size of files is then an error like that of a full disk, and is told; else it kills.
    let _ = register(SIGXFSZ, always);
}

/// A set-user-id copy works as its owner from here on; who asks was read before. Else what asks the kernel for the
/// real user's rights (access(2), as SQLite does for its temporary directory) finds the owner's directory closed.
fn one_user() {
    use rustix::{process::geteuid, thread::set_thread_res_uid};
    // Before any other thread: all that come later inherit it. It fails for nobody: to be oneself is allowed.
    let _ = set_thread_res_uid(geteuid(), geteuid(), geteuid());
}

/// A core dump would hold personal data. A limit of nothing stops files only; of one byte it also stops dumps that
/// the kernel would hand to a program (core(5)), and no file is that small.
fn no_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(1), maximum: Some(1) });
}
