//! `cargo xtask golden`: compiled playbooks to be kept for ever. What is there is left alone: it was built by an earlier
//! seg, and that later ones read it is the point of it.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use seg_ir::playbook::FORMAT;
use seg_tests::golden::{SOURCES, build, decisions, folder};

pub fn golden(root: &Path) -> Result<ExitCode, String> {
    let folder = folder(root, FORMAT);
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for (name, sources) in SOURCES {
        let path = folder.join(format!("{name}.segb"));
        if path.exists() {
            println!("{} is there", path.display());
            continue;
        }
        let (playbook, bytes) = build(&root.join(sources))?;
        let written = fs::write(&path, &bytes)
            .and_then(|()| fs::write(path.with_extension("decisions.txt"), decisions(&playbook.program)));
        written.map_err(|e| format!("{}: {e}", path.display()))?;
        println!("wrote {} ({} bytes)", path.display(), bytes.len());
    }
    Ok(ExitCode::SUCCESS)
}
