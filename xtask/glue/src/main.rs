//! `xtask-glue ENGINE.wasm OUT_DIR`: writes `engine.js`, `engine.d.ts` and `engine_bg.wasm` into OUT_DIR.

use std::path::PathBuf;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let wasm = args.next().context("first argument: the engine's .wasm as cargo built it")?;
    let out = args.next().context("second argument: the folder for the glue")?;
    Bindgen::new()
        .input_path(&wasm)
        .out_name("engine")
        .web(true)?
        // Without the default path `init()` with no argument fails.
        .omit_default_module_path(false)
        // Here and not by `strip = true`: that would also remove what wasm-bindgen reads.
        .remove_name_section(true)
        .remove_producers_section(true)
        .typescript(true)
        .generate(&out)
        .with_context(|| format!("cannot make the glue of {}", wasm.display()))
}
