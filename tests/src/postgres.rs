//! A PostgreSQL cluster that is thrown away: its own folder, a Unix socket, no port.
//!
//! It ends with the process that started it, however that ends: a shell beside the cluster waits
//! for its standard input to close.

use std::{
    io::{BufRead, BufReader, Read},
    os::unix::fs::MetadataExt,
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Whether the cluster's disk is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fsync {
    /// For tests of durability.
    On,
    /// For all others: ten times as fast.
    Off,
}

/// Written for `sh -c`: `$1` is `on` or `off`. Reports `ready FOLDER`, then obeys its standard input:
/// each line kills the cluster as a power cut would and starts it again; its end ends everything.
const SCRIPT: &str = r#"
set -eu
cd /
folder=$(mktemp -d /tmp/lianxin-postgres.XXXXXX)
stop() { pg_ctl stop -s -D "$folder/data" -m immediate >/dev/null 2>&1 || true; }
trap 'stop; rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM HUP
start() {
  pg_ctl start -s -w -t 60 -D "$folder/data" -l "$folder/log" \
    -o "-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=$1 -c max_connections=200" \
    >/dev/null || { cat "$folder/log" >&2; exit 1; }
  echo "ready $folder"
}
initdb -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$folder/initdb" 2>&1 \
  || { cat "$folder/initdb" >&2; exit 1; }
start "$1"
while read -r _; do stop; start "$1"; done
"#;

/// A running cluster.
pub struct Cluster {
    shell: Child,
    input: Option<ChildStdin>,
    output: BufReader<std::process::ChildStdout>,
    folder: PathBuf,
}

impl Cluster {
    /// Starts a cluster. Fails loudly when PostgreSQL is not installed: a suite that silently leaves
    /// out an engine proves nothing about it.
    pub fn start(fsync: Fsync) -> Self {
        let fsync = if fsync == Fsync::On { "on" } else { "off" };
        let mut shell = shell(&programs())
            .args(["sh", "-c", SCRIPT, "sh", fsync])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let input = shell.stdin.take();
        let output = BufReader::new(shell.stdout.take().unwrap());
        let mut cluster = Self { shell, input, output, folder: PathBuf::new() };
        cluster.wait_until_ready();
        cluster
    }

    /// The process that all of the cluster's processes descend from.
    pub fn process_id(&self) -> u32 {
        let file = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        file.lines().next().and_then(|line| line.trim().parse().ok()).expect("a process id")
    }

    /// The power fails, and comes back.
    pub fn crash(&mut self) {
        use std::io::Write;
        self.input.as_mut().unwrap().write_all(b"\n").unwrap();
        self.wait_until_ready();
    }

    /// A new, empty database.
    pub async fn database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("postgres")).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.folder.display())
    }

    fn wait_until_ready(&mut self) {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let Some(folder) = line.trim_end().strip_prefix("ready ") else {
            let mut why = String::new();
            self.shell.stderr.take().unwrap().read_to_string(&mut why).unwrap();
            panic!("PostgreSQL did not start:\n{why}");
        };
        self.folder = folder.into();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.shell.wait();
    }
}

/// `LIANXIN_PG_BIN`, or Debian's place of the newest version.
fn programs() -> PathBuf {
    let told = std::env::var_os("LIANXIN_PG_BIN").map(PathBuf::from);
    let installed = || {
        let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
        versions.flatten().map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists()).max()
    };
    told.or_else(installed).expect(
        "PostgreSQL's programs (initdb, pg_ctl): `apt-get install postgresql`, or set LIANXIN_PG_BIN to their folder",
    )
}

/// PostgreSQL refuses to run as root.
fn shell(programs: &std::path::Path) -> Command {
    let path = format!("{}:/usr/bin:/bin", programs.display());
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let mut command = if is_root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "env"]);
        command
    } else {
        Command::new("env")
    };
    command.arg(format!("PATH={path}")).arg("LC_ALL=C");
    command
}
