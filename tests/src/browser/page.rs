//! One page, as a person uses it: looks for things, taps them, types. Looking waits.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    Screen,
    pipe::{Failed, Pipe, attach_to_workers},
};
use crate::wait::{self, PATIENCE};

/// How a page is looked at: the size of its window, and what its person likes to read.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// What its pictures are called by.
    pub name: &'static str,
    pub width: u32,
    pub height: u32,
    pub dark: bool,
    /// The app's own large type.
    pub large: bool,
}

/// A key that moves about a page, or presses what has the focus.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    Tab,
    Enter,
    Space,
}

impl Key {
    /// Its name, its number, and what it types.
    fn parts(self) -> (&'static str, u32, &'static str) {
        match self {
            Key::Tab => ("Tab", 9, ""),
            Key::Enter => ("Enter", 13, "\r"),
            Key::Space => (" ", 32, " "),
        }
    }
}

/// More than any screen has to walk through.
const TABS_MAX: usize = 120;

/// A tab.
pub struct Page {
    pipe: Pipe,
    session: String,
    target: String,
}

impl Page {
    pub(super) fn new(pipe: Pipe, screen: Screen) -> Self {
        let call = |session: Option<&str>, method: &str, params: Value| {
            pipe.call(session, method, params).unwrap_or_else(|failed| panic!("{}", failed.0))
        };
        let target = call(None, "Target.createTarget", json!({ "url": "about:blank" }));
        let target = target["targetId"].as_str().expect("a target").to_owned();
        let attached = call(None, "Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        let session = attached["sessionId"].as_str().expect("a session").to_owned();
        let (width, height) = screen.size();
        let phone = screen == Screen::Phone;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        for (method, params) in [
            ("Page.enable", json!({})),
            ("Runtime.enable", json!({})),
            ("Target.setAutoAttach", attach_to_workers()),
            ("Emulation.setDeviceMetricsOverride", metrics),
            ("Emulation.setTouchEmulationEnabled", json!({ "enabled": phone })),
        ] {
            call(Some(&session), method, params);
        }
        Self { pipe, session, target }
    }

    /// Goes to an address. That it fails is for the page's text to show.
    pub fn go(&self, url: &str) {
        self.call("Page.navigate", json!({ "url": url }));
    }

    pub fn reload(&self) {
        // Marks the old document, so that what is seen next is the new one.
        self.run("window.lianxinOld = true");
        self.call("Page.reload", json!({}));
        self.until("the reloaded page", "!window.lianxinOld && document.readyState == 'complete'");
    }

    /// Runs a script in each document from now on, before anything of the document's own.
    pub fn runs_first(&self, script: &str) {
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
    }

    /// Shows this tab, as who types into it sees it: what is hidden is given time once a second.
    pub fn to_front(&self) {
        self.call("Page.bringToFront", json!({}));
    }

    pub fn close(self) {
        let _ = self.pipe.call(None, "Target.closeTarget", json!({ "targetId": self.target }));
    }

    /// The value of an expression; promises are awaited.
    pub fn run(&self, expression: &str) -> Value {
        self.evaluate(expression).unwrap_or_else(|failed| self.fail(&failed.0))
    }

    /// Waits until an expression is true.
    pub fn until(&self, what: &str, expression: &str) {
        self.until_within(PATIENCE, what, expression);
    }

    /// Waits until an expression is true, or what it promises.
    pub fn until_within(&self, patience: Duration, what: &str, expression: &str) {
        let asked = format!("(async () => !!(await ({expression})))()");
        let look = || (self.evaluate(&asked).ok()? == true).then_some(());
        wait::until(patience, look).unwrap_or_else(|_| self.fail(&format!("waited in vain for {what}")));
    }

    /// Waits for an element.
    pub fn see(&self, selector: &str) {
        self.until(selector, &format!("document.querySelector({})", quoted(selector)));
    }

    pub fn sees(&self, selector: &str) -> bool {
        self.run(&format!("!!document.querySelector({})", quoted(selector))) == true
    }

    /// Waits until an element shows these words.
    pub fn see_words(&self, selector: &str, words: &str) {
        self.see_words_within(PATIENCE, selector, words);
    }

    pub fn see_words_within(&self, patience: Duration, selector: &str, words: &str) {
        let (quoted_selector, quoted_words) = (quoted(selector), quoted(words));
        let expression = format!(
            "[...document.querySelectorAll({quoted_selector})].some(it => it.innerText.includes({quoted_words}))"
        );
        self.until_within(patience, &format!("{selector} with {words}"), &expression);
    }

    /// The words of the first element that fits.
    pub fn words(&self, selector: &str) -> String {
        self.see(selector);
        let words = self.run(&format!("document.querySelector({}).innerText", quoted(selector)));
        words.as_str().unwrap_or_default().to_owned()
    }

    pub fn count(&self, selector: &str) -> usize {
        let count = self.run(&format!("document.querySelectorAll({}).length", quoted(selector)));
        count.as_u64().unwrap_or_default() as usize
    }

    /// Taps an element where a finger would.
    pub fn tap(&self, selector: &str) {
        self.tap_at(&format!("document.querySelector({})", quoted(selector)), selector);
    }

    /// Taps the element among those of a selector that shows these words.
    pub fn tap_words(&self, selector: &str, words: &str) {
        let (quoted_selector, quoted_words) = (quoted(selector), quoted(words));
        let expression = format!(
            "[...document.querySelectorAll({quoted_selector})].find(it => it.innerText.includes({quoted_words}))"
        );
        self.tap_at(&expression, &format!("{selector} with {words}"));
    }

    /// Types into a field, as an input method does.
    pub fn write(&self, selector: &str, text: &str) {
        self.see(selector);
        self.run(&format!("(it => {{ it.focus(); it.select?.(); }})(document.querySelector({}))", quoted(selector)));
        self.types(text);
    }

    pub fn presses(&self, key: Key) {
        let (name, code, text) = key.parts();
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({ "type": kind, "key": name, "code": if name == " " { "Space" } else { name }, "windowsVirtualKeyCode": code, "text": text });
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Types into what has the focus.
    pub fn types(&self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Presses Tab until this element has the focus, which must then be seen.
    pub fn tabs_to(&self, selector: &str) {
        let here = format!("document.activeElement?.matches({})", quoted(selector));
        for _ in 0..TABS_MAX {
            if self.run(&here) == true {
                let outline = "(it => { const drawn = [it, it.nextElementSibling].filter(Boolean) \
                     .map(one => getComputedStyle(one)); return drawn.some(({ outlineStyle, outlineWidth }) => \
                     outlineStyle != 'none' && parseFloat(outlineWidth) >= 2); })(document.activeElement)";
                assert_eq!(self.run(outline), true, "{selector} has the focus, and nobody sees it");
                return;
            }
            self.presses(Key::Tab);
        }
        self.fail(&format!("the keyboard does not reach {selector}"));
    }

    /// Chooses an option of a list.
    pub fn choose(&self, selector: &str, value: &str) {
        self.see(selector);
        let (selector, value) = (quoted(selector), quoted(value));
        self.run(&format!(
            "(it => {{ it.value = {value}; it.dispatchEvent(new Event('input', {{ bubbles: true }})); \
             it.dispatchEvent(new Event('change', {{ bubbles: true }})); }})(document.querySelector({selector}))"
        ));
    }

    /// Shows the page as this person has it, without motion.
    pub fn looked_at(&self, look: Look) {
        let Look { width, height, dark, large, .. } = look;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": true });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
        let features = json!([
            { "name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" } },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
        // Type that grows without the window changing is what only this does: what is as high as its text is told.
        self.run(&format!(
            "document.documentElement.toggleAttribute('data-large', {large}); dispatchEvent(new Event('resize'))"
        ));
        // Two frames, so that what depends on the size has been drawn.
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))");
    }

    /// What axe-core finds on the page that is serious or critical: each with the elements concerned.
    pub fn hard_to_use(&self) -> Vec<String> {
        if self.run("typeof axe") == "undefined" {
            self.evaluate(&format!("{}; 0", axe())).unwrap_or_else(|failed| self.fail(&failed.0));
        }
        let found = self.run(
            "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations \
             .filter(it => ['serious', 'critical'].includes(it.impact)) \
             .map(it => it.id + ': ' + it.nodes.map(node => node.html.slice(0, 200) + ' ' + node.failureSummary).join(' | ')))",
        );
        found.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A picture for people, in target/screenshots.
    pub fn screenshot(&self, name: &str) {
        let picture = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        let bytes = decode_base64(picture["data"].as_str().unwrap_or_default());
        let folder = screenshots();
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
    }

    fn tap_at(&self, element: &str, what: &str) {
        // In the middle of the screen, where nothing else lies over it, and holding still.
        let place = format!(
            "(it => {{ if (!it || it.disabled || it.ariaDisabled == 'true') return null; it.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             const box = it.getBoundingClientRect(); const x = box.x + box.width / 2, y = box.y + box.height / 2; \
             const top = document.elementFromPoint(x, y); \
             return top && (it.contains(top) || top.contains(it)) ? [x, y] : null; }})({element})"
        );
        let mut before = None;
        let at = self.wait_for(what, || {
            let now = self.evaluate(&place).ok().filter(Value::is_array);
            let held = before.is_some() && now == before;
            before = now.clone();
            now.filter(|_| held)
        });
        for (kind, count) in [("mousePressed", 1), ("mouseReleased", 1)] {
            let event = json!({ "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": count });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    fn wait_for<T>(&self, what: &str, look: impl FnMut() -> Option<T>) -> T {
        wait::until(PATIENCE, look).unwrap_or_else(|_| self.fail(&format!("waited in vain for {what}")))
    }

    fn evaluate(&self, expression: &str) -> Result<Value, Failed> {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.pipe.call(Some(&self.session), "Runtime.evaluate", params)?;
        match result.get("exceptionDetails") {
            Some(details) => Err(Failed(format!("{expression}: {details}"))),
            None => Ok(result["result"]["value"].clone()),
        }
    }

    fn call(&self, method: &str, params: Value) -> Value {
        self.pipe.call(Some(&self.session), method, params).unwrap_or_else(|failed| self.fail(&failed.0))
    }

    /// Fails with what a person would want to see.
    fn fail(&self, why: &str) -> ! {
        let shown = self.evaluate("location.href + '\\n' + document.body.innerText").unwrap_or(Value::Null);
        if let Ok(picture) = self.pipe.call(Some(&self.session), "Page.captureScreenshot", json!({})) {
            let folder = screenshots();
            let _ = fs::create_dir_all(&folder);
            let _ = fs::write(folder.join("failed.png"), decode_base64(picture["data"].as_str().unwrap_or_default()));
        }
        panic!("{why}\nthe page shows: {}", shown.as_str().unwrap_or("nothing"));
    }
}

fn screenshots() -> PathBuf {
    // Tests live in target/PROFILE/deps and benchmarks in target/PROFILE.
    let program = std::env::current_exe().unwrap();
    let mut folders = program.ancestors().skip(1).skip_while(|folder| folder.ends_with("deps"));
    let target = folders.nth(1).expect("a target folder");
    target.join("screenshots")
}

/// The program that looks for barriers, at the version of the view's lockfile.
fn axe() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../client-wasm/view/node_modules/axe-core/axe.min.js");
    fs::read_to_string(file).expect("`cargo xtask test browser` installs what the view is built and tested with")
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn decode_base64(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let letters: Vec<u8> = text.bytes().filter(|letter| *letter != b'=').map(value).collect();
    let mut bytes = Vec::with_capacity(letters.len() * 3 / 4);
    for four in letters.chunks(4) {
        let bits = four.iter().fold(0_u32, |bits, six| bits << 6 | u32::from(*six)) << (6 * (4 - four.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
}
