//! A real Chromium, headless, driven from Rust. One process per phone: each has its own profile,
//! and can be killed without the others.

mod page;
mod pipe;
mod slow;

use std::{
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use serde_json::json;

use crate::{scratch::Scratch, wait};

pub use page::{Key, Look, Page};
use pipe::Pipe;
pub use slow::Slowed;

/// The size of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// A cheap phone, touched with a finger.
    Phone,
    /// An office computer.
    Office,
}

impl Screen {
    fn size(self) -> (u32, u32) {
        match self {
            Screen::Phone => (390, 844),
            Screen::Office => (1366, 768),
        }
    }
}

/// A browser with a profile, which outlives the process.
pub struct Browser {
    profile: Scratch,
    screen: Screen,
    running: Option<Running>,
}

struct Running {
    process: Child,
    pipe: Pipe,
}

impl Browser {
    /// A new browser on a new profile.
    pub fn start(screen: Screen) -> Self {
        let mut browser = Self { profile: Scratch::new("profile"), screen, running: None };
        browser.restart();
        browser
    }

    /// Opens a page in a new tab.
    pub fn open(&self, url: &str) -> Page {
        let pipe = &self.running.as_ref().expect("the browser runs").pipe;
        let page = Page::new(pipe.clone(), self.screen);
        page.go(url);
        page
    }

    /// The battery is empty, or the system needs the memory: the process and its children are gone
    /// without a word.
    pub fn kill(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        let group = format!("-{}", running.process.id());
        let killed = Command::new("kill").args(["-KILL", "--", &group]).status().expect("a shell's kill");
        assert!(killed.success(), "the browser's processes were there");
        running.process.wait().unwrap();
        // The lock of the profile is the last thing that a dead browser leaves behind.
        let _ = std::fs::remove_file(self.profile.path().join("SingletonLock"));
    }

    /// Starts the browser again on the same profile.
    pub fn restart(&mut self) {
        self.kill();
        let (width, height) = self.screen.size();
        // Chromium reads its commands from descriptor 3 and answers on 4; what a child has is 0 and 1.
        let mut process = Command::new("sh")
            .args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>&2"#])
            .arg(chromium())
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--lang=zh-CN",
                // A microphone that beeps, and a person who lets the app use it.
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                "--remote-debugging-pipe",
            ])
            .arg(format!("--window-size={width},{height}"))
            .arg(format!("--user-data-dir={}", self.profile.path().display()))
            .arg("about:blank")
            // Where the district is.
            .env("TZ", "Asia/Shanghai")
            // A group of its own, which is killed as a whole.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let pipe = Pipe::new(process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let version = pipe.call(None, "Browser.getVersion", json!({}));
        version.unwrap_or_else(|failed| panic!("Chromium did not start: {}", failed.0));
        self.running = Some(Running { process, pipe });
    }

    /// From now on everything in this browser takes so many times as long, until what is returned goes away.
    pub fn slowed(&self, times: u32) -> Slowed {
        Slowed::group(self.running.as_ref().expect("the browser runs").process.id(), times)
    }

    /// Everything that pages and workers wrote to their consoles.
    pub fn said(&self) -> Vec<String> {
        self.running.as_ref().map(|running| running.pipe.said()).unwrap_or_default()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("what the browser's consoles said:\n{}", self.said().join("\n"));
        }
        self.kill();
        // Children write into the profile until they notice.
        let _ = wait::until(std::time::Duration::from_secs(2), || std::fs::remove_dir_all(self.profile.path()).ok());
    }
}

fn chromium() -> PathBuf {
    std::env::var_os("LIANXIN_CHROMIUM").map_or_else(|| "/usr/bin/chromium".into(), PathBuf::from)
}
