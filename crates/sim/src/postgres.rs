//! A private PostgreSQL server for tests: its own directory, reached by a socket in it, gone with
//! whoever started it, however that ends.
//!
//! The server is the real one (`postgres` and `initdb` from the path, from Debian's
//! `/usr/lib/postgresql/<version>/bin`, or from `POSTGRES_BIN`). It runs under a small shell that
//! holds a pipe to the starting process; when the pipe closes, also by SIGKILL, the shell stops the
//! server and removes its directory.

use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Stops the server and removes its directory when the pipe closes. `$1` is the directory, the rest
/// starts the server.
const KEEPER: &str = r#"dir=$1; shift
"$@" >"$dir/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -INT "$server" 2>/dev/null
wait "$server"
rm -rf "$dir""#;

/// A running server.
#[derive(Debug)]
pub struct Server {
    directory: PathBuf,
    bin: PathBuf,
    keeper: Mutex<Option<(Child, ChildStdin)>>,
    databases: AtomicU32,
}

impl Server {
    /// The server that all tests of this process share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(false))
    }

    /// Starts a server. One that is not durable does not wait for the disk.
    ///
    /// # Panics
    /// When there is no PostgreSQL on this machine, or it does not start.
    pub fn start(durable: bool) -> Self {
        let bin = find_bin();
        let directory = new_directory();
        let data = directory.join("data");
        let mut initdb = as_plain_user(&bin.join("initdb"));
        initdb.args([
            "--no-sync",
            "--auth=trust",
            "--username=apprentice",
            "--encoding=UTF8",
            "--locale=C",
            "--pgdata",
        ]);
        succeed(initdb.arg(&data).output(), "initdb");
        let mut server = as_plain_user(&bin.join("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(&directory);
        server.args(["-c", "listen_addresses=", "-c", "max_connections=200", "-c", "shared_buffers=32MB"]);
        if !durable {
            server.args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]);
        }
        let keeper = Mutex::new(Some(keep(&directory, &server)));
        let server = Self { directory, bin, keeper, databases: AtomicU32::new(0) };
        server.await_ready();
        server
    }

    fn await_ready(&self) {
        let began = Instant::now();
        while !self.psql("postgres", "SELECT 1").is_ok_and(|output| output.status.success()) {
            if began.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
                crate::fail(&format!("PostgreSQL does not start: {log}"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Makes an empty database; its address.
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        succeed(self.psql("postgres", &format!("CREATE DATABASE {name}")), "CREATE DATABASE");
        format!("postgres:///{name}?host={}&user=apprentice", self.directory.display())
    }

    /// Cuts every connection to a database, as a restart of the server would.
    pub fn cut_connections(&self, address: &str) {
        let name = address.trim_start_matches("postgres:///").split('?').next().unwrap_or_default();
        let sql = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        succeed(self.psql("postgres", &sql), "pg_terminate_backend");
    }

    fn psql(&self, database: &str, sql: &str) -> std::io::Result<Output> {
        let mut psql = Command::new(self.bin.join("psql"));
        psql.arg("-h").arg(&self.directory).args(["-U", "apprentice", "-d", database, "-qAtX", "-c", sql]).output()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let keeper = self.keeper.lock().map(|mut keeper| keeper.take());
        if let Ok(Some((mut shell, pipe))) = keeper {
            drop(pipe);
            let _ = shell.wait();
        }
    }
}

fn keep(directory: &Path, server: &Command) -> (Child, ChildStdin) {
    let mut shell = Command::new("sh");
    shell.args(["-c", KEEPER, "keeper"]).arg(directory).arg(server.get_program()).args(server.get_args());
    let started = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut shell = started.unwrap_or_else(|error| crate::fail(&format!("sh: {error}")));
    match shell.stdin.take() {
        Some(pipe) => (shell, pipe),
        None => crate::fail("sh: no pipe"),
    }
}

fn find_bin() -> PathBuf {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::var_os("POSTGRES_BIN").map(PathBuf::from).into_iter();
    let places = places.chain(found.into_iter().rev()).chain(std::env::split_paths(&path));
    let has_all = |bin: &PathBuf| ["initdb", "postgres", "psql"].iter().all(|name| bin.join(name).exists());
    places.into_iter().find(has_all).unwrap_or_else(|| {
        crate::fail("no PostgreSQL on this machine: apt-get install postgresql-15, or set POSTGRES_BIN")
    })
}

fn new_directory() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    // Short, because a socket's path may have at most 107 bytes.
    let directory = std::env::temp_dir().join(format!("apprentice-pg-{}-{count}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    if let Err(error) = std::fs::create_dir_all(&directory) {
        crate::fail(&format!("{}: {error}", directory.display()));
    }
    if is_root() {
        let mut chown = Command::new("chown");
        succeed(chown.arg("postgres").arg(&directory).output(), "chown postgres");
    }
    directory
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.starts_with(b"0\n"))
}

/// PostgreSQL refuses to run as root; Debian's user `postgres` runs it then.
fn as_plain_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

fn succeed(output: std::io::Result<Output>, what: &str) {
    match output {
        Ok(output) if output.status.success() => {}
        Ok(output) => crate::fail(&format!("{what}: {}", String::from_utf8_lossy(&output.stderr))),
        Err(error) => crate::fail(&format!("{what}: {error}")),
    }
}
