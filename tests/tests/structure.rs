//! The tree itself: what depends on what, and that texts, protocol and folders are what they say.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use lianxin_shared::{
    id::ChangeHash,
    record::{Why, genesis},
    rights::Role,
    schema::{Class, Field, Kind, Place, SCHEMA_VERSION},
    wire::{ExchangeError, RefusalReason},
};
use serde_json::Value;

/// All that the core may rest on. Each of them computes; none reads a clock, a disk or a network.
const CORE_RESTS_ON: [&str; 7] = ["automerge", "litemap", "serde", "serde_json", "sha2", "similar", "thiserror"];
/// What would give the core a clock, chance, or the world outside.
const NOT_IN_THE_CORE: [&str; 12] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time",
    "SystemTime",
    "Instant::now",
    "rand::",
    "getrandom",
    "async fn",
    ".await",
];
/// The server's layers from the ground up: a module uses those below it, and its own.
const SERVER_LAYERS: [&[&str]; 8] = [
    &["clock", "config", "vault"],
    &["store"],
    &["hub", "account"],
    &["blob"],
    &["parcel"],
    &["console"],
    &["http"],
    &["demo"],
];
/// The console's pages are served by HTTP and use its session.
const SERVER_BACKWARDS: [(&str, &str); 1] = [("console", "http")];

#[test]
fn the_core_rests_on_nothing_that_acts() {
    let packages = packages();
    let foreign: Vec<&String> =
        packages["lianxin-shared"].needs.iter().filter(|name| !CORE_RESTS_ON.contains(&name.as_str())).collect();
    assert!(foreign.is_empty(), "shared depends on {foreign:?}");
}

#[test]
fn server_and_app_meet_only_in_the_core() {
    let packages = packages();
    let ours = |name: &str| -> BTreeSet<&str> {
        packages[name].needs.iter().map(String::as_str).filter(|need| need.starts_with("lianxin-")).collect()
    };
    assert_eq!(ours("lianxin-shared"), BTreeSet::new());
    assert_eq!(ours("lianxin-server"), BTreeSet::from(["lianxin-shared"]));
    assert_eq!(ours("lianxin-client-wasm"), BTreeSet::from(["lianxin-shared"]));
    for (name, package) in &packages {
        assert!(!package.needs.contains("lianxin-tests"), "{name} depends on its own tests");
    }
}

#[test]
fn the_core_knows_no_clock_no_chance_and_no_disk() {
    for file in files_below("shared/src", &["rs"]) {
        // Tests of the core may measure and try things at random.
        if file.ends_with("tests.rs") {
            continue;
        }
        let source = fs::read_to_string(&file).unwrap();
        let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for word in NOT_IN_THE_CORE {
                assert!(!line.contains(word), "{}:{}: {word}", file.display(), number + 1);
            }
        }
    }
}

#[test]
fn inside_the_server_nothing_points_back() {
    let layer = |module: &str| SERVER_LAYERS.iter().position(|layer| layer.contains(&module));
    for file in files_below("server/src", &["rs"]) {
        let below = file.strip_prefix(root().join("server/src")).unwrap();
        let module = below.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
        let Some(own_layer) = layer(&module) else { continue };
        for used in crate_modules_used(&fs::read_to_string(&file).unwrap()) {
            let Some(used_layer) = layer(&used) else { continue };
            let fine = used_layer < own_layer
                || used == module
                || SERVER_BACKWARDS.contains(&(module.as_str(), used.as_str()));
            assert!(fine, "{}: {module} uses {used}", file.display());
        }
    }
}

#[test]
fn every_crate_obeys_the_workspaces_lints() {
    for (name, package) in packages() {
        let manifest = fs::read_to_string(&package.manifest).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name} has no [lints] workspace = true");
    }
}

#[test]
fn the_readmes_map_names_every_folder() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let folders: BTreeSet<String> = tracked()
        .iter()
        .filter_map(|path| path.split_once('/').map(|(folder, _)| folder.to_owned()))
        .filter(|folder| !folder.starts_with('.'))
        .collect();
    for folder in folders {
        assert!(readme.contains(&format!("{folder}/")), "README.md does not say what {folder}/ is");
    }
}

#[test]
fn the_protocol_text_names_every_section_outcome_reason_and_error() {
    let text = fs::read_to_string(root().join("shared/PROTOCOL.md")).unwrap();
    let source = fs::read_to_string(root().join("shared/src/wire/v1.rs")).unwrap();
    for (chapter, module) in [("## Request", "mod request_tag {"), ("## Answer", "mod answer_tag {")] {
        let chapter = chapter_of(&text, chapter);
        let tags = constants(between(&source, module, "}"));
        assert!(!tags.is_empty(), "{module} is not where it was");
        for (name, number) in tags {
            assert!(chapter.contains(&format!("| {number} | {name} |")), "PROTOCOL.md lacks section {number} {name}");
        }
    }
    let answers = chapter_of(&text, "## Answer");
    for (name, number) in constants(&source) {
        if ["RECEIVED", "REFUSED", "MISSING"].contains(&name.as_str()) {
            let row = format!("| {number} | {}", name.to_lowercase());
            assert!(answers.contains(&row), "PROTOCOL.md lacks outcome {number} {name}");
        }
    }
    let official = fs::read_to_string(root().join("shared/src/wire/official.rs")).unwrap();
    for (name, number) in constants(&official) {
        let row = format!("| {number} | {}", name.to_lowercase());
        assert!(answers.contains(&row), "PROTOCOL.md lacks verdict {number} {name}");
    }
    for number in RefusalReason::all().map(RefusalReason::number) {
        let named = [" ", "\n"].iter().any(|before| answers.contains(&format!("{before}{number} ")));
        assert!(named, "PROTOCOL.md lacks reason {number}");
    }
    for error in ExchangeError::ALL {
        let row = format!("| `{}` | {} |", error.key(), error.status());
        assert!(text.contains(&row), "PROTOCOL.md lacks {row}");
    }
}

#[test]
fn the_protocol_text_says_what_each_kind_begins_with() {
    let text = fs::read_to_string(root().join("shared/PROTOCOL.md")).unwrap();
    for kind in Kind::ALL {
        let container = |field: &Field| match field.class {
            Class::Prose | Class::AuthorProse => "text",
            Class::Counter => "counter",
            _ => "map",
        };
        let schema = kind.schema();
        let fields = schema.fields.iter().filter(|field| schema.place(field) == Place::Genesis);
        let made: Vec<String> = fields.map(|field| format!("{} ({})", field.key, container(field))).collect();
        let hash = ChangeHash::from(genesis(kind).hash());
        let made = if made.is_empty() { "—".to_owned() } else { made.join(", ") };
        let row = format!("| {} | `{}` | `{hash}` | {made} |", kind as u8, kind.key());
        assert!(text.contains(&row), "PROTOCOL.md lacks this row:\n{row}");
        for version in 2..=SCHEMA_VERSION {
            let later = schema.fields.iter().filter(|field| schema.place(field) == Place::Extension(version));
            let later: Vec<&str> = later.map(|field| field.key).collect();
            let row = format!("| {version} | `{}` | {} |", kind.key(), later.join(", "));
            assert!(later.is_empty() || text.contains(&row), "PROTOCOL.md lacks this row:\n{row}");
        }
    }
}

#[test]
fn no_file_names_a_registry_or_somebodys_machine() {
    // Cargo writes the index's address into its lockfile, whatever one does.
    let (lockfile, this) = ("Cargo.lock", "tests/tests/structure.rs");
    let forbidden =
        ["/root/", "/home/", "/work/", "registry.npmjs.org", "static.crates.io", "pypi.org", "deb.debian.org"];
    for path in tracked() {
        if path == lockfile || path == this {
            continue;
        }
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        for word in forbidden {
            assert!(!text.contains(word), "{path} names {word}");
        }
    }
}

#[test]
fn every_text_that_is_asked_for_exists() {
    let known = texts();
    let families: BTreeSet<&str> =
        known.iter().filter_map(|key| key.split_once('.')).map(|(family, _)| family).collect();
    let mut sources = files_below("server/src", &["rs"]);
    sources.extend(files_below("server/templates", &["html"]));
    sources.extend(files_below("client-wasm/src", &["rs"]));
    sources.extend(files_below("client-wasm/view/src", &["ts", "tsx"]));
    for file in sources {
        let source = fs::read_to_string(&file).unwrap();
        for (number, line) in source.lines().enumerate() {
            // Whatever stands between two quotes; what is no text's key is not taken for one.
            for quoted in line.split('"').filter(|quoted| looks_like_key(quoted, &families)) {
                assert!(known.contains(quoted), "{}:{}: no text {quoted:?}", file.display(), number + 1);
            }
        }
    }
}

#[test]
fn every_text_that_the_core_asks_for_exists() {
    let known = texts();
    let why = [
        Why::UnknownField,
        Why::WrongOperation,
        Why::WrongValue,
        Why::SetOnce,
        Why::TooMany,
        Why::Required,
        Why::Founded,
        Why::Engine(String::new()),
    ];
    let mut asked: Vec<String> = RefusalReason::all().map(RefusalReason::text_key).collect();
    asked.extend(Role::ALL.map(|role| format!("role.{}", role.key())));
    asked.extend(why.map(|why| format!("edit.{}", why.key())));
    for key in asked {
        assert!(known.contains(&key), "no text {key:?}");
    }
}

struct Package {
    manifest: PathBuf,
    /// Direct dependencies outside of tests.
    needs: BTreeSet<String>,
}

/// The members of the workspace, by name.
fn packages() -> BTreeMap<String, Package> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo's metadata");
    let packages = metadata["packages"].as_array().unwrap();
    let read = |package: &Value| {
        let needs = package["dependencies"].as_array().unwrap().iter();
        let needs = needs.filter(|need| need["kind"].is_null()).map(|need| need["name"].as_str().unwrap().to_owned());
        let manifest = package["manifest_path"].as_str().unwrap().into();
        (package["name"].as_str().unwrap().to_owned(), Package { manifest, needs: needs.collect() })
    };
    packages.iter().map(read).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Every file of the project: what git knows, and what it would take.
fn tracked() -> Vec<String> {
    let output = Command::new("git")
        .args(["-c", "core.quotepath=off", "ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    let list = String::from_utf8(output.stdout).unwrap();
    let files: Vec<String> = list.lines().filter(|path| root().join(path).is_file()).map(str::to_owned).collect();
    assert!(files.len() > 50, "git lists the files of this project");
    files
}

fn files_below(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "{folder} is not where it was");
    found.sort();
    found
}

/// The first names behind `crate::` in the `use` declarations of a file.
fn crate_modules_used(source: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for declaration in source.split("use crate::").skip(1) {
        let declaration = declaration.split(';').next().unwrap_or_default();
        let Some(list) = declaration.strip_prefix('{') else {
            used.insert(first_name(declaration));
            continue;
        };
        let mut depth = 0;
        let mut names = vec![String::new()];
        for letter in list.chars() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => names.push(String::new()),
                letter => names.last_mut().unwrap().push(letter),
            }
        }
        used.extend(names.iter().map(|name| first_name(name.trim())));
    }
    used
}

fn first_name(path: &str) -> String {
    path.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default().to_owned()
}

fn chapter_of<'a>(text: &'a str, title: &str) -> &'a str {
    let chapter = between(text, &format!("{title}\n"), "\n## ");
    assert!(!chapter.is_empty(), "PROTOCOL.md has no chapter {title}");
    chapter
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let Some((_, rest)) = text.split_once(start) else { return "" };
    rest.split_once(end).map_or(rest, |(inside, _)| inside)
}

/// `const NAME: u64 = 1;` and the like.
fn constants(source: &str) -> Vec<(String, u64)> {
    let constant = |line: &str| {
        let (name, value) = line.split_once("const ")?.1.split_once(": u64 = ")?;
        Some((name.to_owned(), value.trim_end_matches(';').parse().ok()?))
    };
    source.lines().filter_map(constant).collect()
}

fn texts() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for file in files_below("shared/texts", &["json"]) {
        let texts: BTreeMap<String, Value> = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        for (key, both) in texts {
            for language in ["zh", "en"] {
                let said = both[language].as_str().is_some_and(|words| !words.trim().is_empty());
                assert!(said, "{}: {key} says nothing in {language}", file.display());
            }
            keys.insert(key);
        }
    }
    keys
}

/// `family.name`, of a family that the texts have.
fn looks_like_key(quoted: &str, families: &BTreeSet<&str>) -> bool {
    const FILES: [&str; 10] = ["html", "js", "css", "json", "svg", "ts", "tsx", "rs", "png", "wasm"];
    let Some((family, name)) = quoted.split_once('.') else { return false };
    let plain = |part: &str| {
        let letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        !part.is_empty() && part.chars().all(letter)
    };
    families.contains(family) && name.split('.').all(plain) && !FILES.contains(&name.rsplit('.').next().unwrap())
}
