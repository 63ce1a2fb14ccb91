//! `cargo xtask fuzz --seeds`: writes the beginning of the corpus anew.

use std::fs;

use lianxin_fuzz::{corpus_folder, seeds::seeds};

fn main() -> std::io::Result<()> {
    for seed in seeds() {
        let folder = corpus_folder().join(seed.target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(seed.name), seed.bytes)?;
    }
    Ok(())
}
