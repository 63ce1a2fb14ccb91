//! The real server as a process of its own, so that it can be killed.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread,
};

use crate::{
    scratch::Scratch,
    wait::{self, PATIENCE},
};

/// Lines of the server's log that a failing test shows.
const LOG_LINES_KEPT: usize = 200;

/// A running server on its own data.
pub struct Server {
    data: Scratch,
    /// A PostgreSQL database instead of the file in `data`.
    database: Option<String>,
    app: Option<PathBuf>,
    port: u16,
    process: Option<Child>,
    log: Arc<Mutex<VecDeque<String>>>,
}

impl Server {
    /// Starts a server on this data.
    pub fn start(data: Scratch) -> Self {
        Self::start_on(data, None)
    }

    /// Starts a server on this data, or on a PostgreSQL database with this address.
    pub fn start_on(data: Scratch, database: Option<String>) -> Self {
        Self::start_all(data, database, std::env::var_os("LIANXIN_APP_DIR").map(PathBuf::from))
    }

    /// Starts a server on this data with another folder of the app.
    pub fn start_with_app(data: Scratch, app: &Path) -> Self {
        Self::start_all(data, None, Some(app.to_owned()))
    }

    fn start_all(data: Scratch, database: Option<String>, app: Option<PathBuf>) -> Self {
        let mut server = Self { data, database, app, port: 0, process: None, log: Arc::new(Mutex::default()) };
        server.restart();
        server
    }

    /// The server's process, to be looked at from outside.
    pub fn process_id(&self) -> u32 {
        self.process.as_ref().expect("the server runs").id()
    }

    /// Where its data is.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    pub fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The server dies as in a power cut of the machine room.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("the server runs");
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Asks the server to stop and waits until it has.
    pub fn stop(&mut self) {
        let mut process = self.process.take().expect("the server runs");
        let asked = Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap();
        let stopped = wait::until(PATIENCE, || process.try_wait().unwrap());
        let well = asked.success() && stopped.is_ok_and(|status| status.success());
        if !well {
            // It is no child of anybody's once this returns.
            let _ = process.kill();
            panic!("the server did not stop well:\n{}", self.log());
        }
    }

    /// The end of the server's log.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().iter().fold(String::new(), |log, line| log + line + "\n")
    }

    /// Starts again on the same data and port.
    pub fn restart(&mut self) {
        let mut command = Command::new(binary());
        command.args(["serve", "--listen", &format!("127.0.0.1:{}", self.port)]).arg("--data").arg(self.data.path());
        if let Some(database) = &self.database {
            command.args(["--database-url", database]);
        }
        if let Some(app) = &self.app {
            command.arg("--app").arg(app);
        }
        let mut process = command
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (ready, is_ready) = mpsc::channel();
        self.keep(process.stdout.take().unwrap(), Some(ready));
        self.keep(process.stderr.take().unwrap(), None);
        self.process = Some(process);
        let url = is_ready.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no server:\n{}", self.log()));
        self.port = url.trim_end_matches('/').rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    }

    /// Reads a stream of the server to its end, or it would block when the pipe is full.
    fn keep(&self, stream: impl Read + Send + 'static, ready: Option<mpsc::Sender<String>>) {
        let log = self.log.clone();
        thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if let (Some(ready), Some(url)) = (&ready, line.strip_prefix("ready ")) {
                    let _ = ready.send(url.to_owned());
                }
                let mut log = log.lock().unwrap();
                log.push_back(line);
                if log.len() > LOG_LINES_KEPT {
                    log.pop_front();
                }
            }
        });
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the end of the server's log:\n{}", self.log());
        }
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// One of the server's own commands, like `user add`, on this data and with this on its standard input; what it prints.
pub fn command(data: &Path, arguments: &[&str], input: &str) -> String {
    let mut command = Command::new(binary());
    let command = command.args(arguments).arg("--data").arg(data);
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "lianxin-server {arguments:?} failed:\n{out}{err}");
    out.into_owned()
}

fn binary() -> PathBuf {
    let told = std::env::var_os("LIANXIN_SERVER_BIN").map(PathBuf::from);
    // Beside the test programs, where `cargo build` puts it.
    let built = || Some(std::env::current_exe().ok()?.parent()?.parent()?.join("lianxin-server"));
    let binary = told.or_else(built).filter(|path| Path::new(path).exists());
    binary.expect("the server's program: run `cargo xtask test`, which builds it and sets LIANXIN_SERVER_BIN")
}
