//! A playbook that is ready to decide, whether it came from sources or from a compiled playbook: all that the commands
//! need of either, so that they cannot tell which it was.

use std::path::{Path, PathBuf};

use crate::files::{self, Error, Folder};
use crate::ir::Program;
use crate::ir::playbook::{self, PublicKey, SecretKey, Settings, Versions};
use crate::run::{Request, digest, options};

/// A checked program and what a run needs besides.
#[derive(Debug, Clone)]
pub struct Playbook {
    pub program: Program,
    /// What `seg.toml` says about runs.
    pub settings: Settings,
    /// The folder that relative paths of the settings start from.
    pub root: PathBuf,
    /// The digest of the sources.
    pub sources: [u8; 32],
    /// What it was compiled with.
    pub versions: Versions,
}

impl Playbook {
    /// The playbook of a folder, and the program that checking it gave.
    pub fn of(folder: &Folder, program: Program) -> Playbook {
        let settings = folder.settings.run.clone();
        let compiled = playbook::Playbook::new(program, settings, digest(folder));
        Playbook::from_compiled(compiled, folder.root.clone())
    }

    /// The compiled playbook in a file; with a key, only one that this key signed. **Errors**: the file cannot be read, or
    /// is no playbook that may decide anything.
    pub fn load(path: &Path, key: Option<&PublicKey>) -> Result<Playbook, Error> {
        let compiled = seg_runtime::load(path, key).map_err(|error| load_error(path, error))?;
        let root = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(Playbook::from_compiled(compiled, root.to_path_buf()))
    }

    /// Lets the values of labelled fields be seen in rejects, errors and explanations, for who may see them.
    pub fn reveal(&mut self) {
        self.program.schema.reveal();
    }

    fn from_compiled(compiled: playbook::Playbook, root: PathBuf) -> Playbook {
        let playbook::Playbook { program, settings, sources, versions } = compiled;
        Playbook { program, settings, root, sources, versions }
    }

    /// The playbook as bytes, signed where a key is given. They depend on its sources and settings alone. **Errors**:
    /// settings that no run would take; a playbook beyond what a compiled one can hold.
    pub fn encode(&self, key: Option<&SecretKey>) -> Result<Vec<u8>, Error> {
        options(self, &Request::default(), 0)?;
        let compiled = playbook::Playbook {
            program: self.program.clone(),
            settings: self.settings.clone(),
            sources: self.sources,
            versions: self.versions.clone(),
        };
        let refused = |reason| Error::Refused { path: PathBuf::from(&self.program.name), reason };
        let bytes = compiled.encode().map_err(refused)?;
        key.map_or(Ok(bytes.clone()), |key| playbook::sign(&bytes, key)).map_err(refused)
    }
}

/// The secret key in a PEM file.
pub fn secret_key(path: &Path) -> Result<SecretKey, Error> {
    let refused = |reason| Error::Refused { path: path.to_path_buf(), reason };
    SecretKey::from_pem(&files::read_key(path)?).map_err(refused)
}

/// The public key in a PEM file.
pub fn public_key(path: &Path) -> Result<PublicKey, Error> {
    let refused = |reason| Error::Refused { path: path.to_path_buf(), reason };
    PublicKey::from_pem(&files::read_key(path)?).map_err(refused)
}

fn load_error(path: &Path, error: seg_runtime::Error) -> Error {
    match error {
        seg_runtime::Error::Playbook { file, what } => Error::Refused { path: file, reason: what },
        seg_runtime::Error::Read { file, what } => Error::Unreadable { path: file, reason: what },
        other => Error::Unreadable { path: path.to_path_buf(), reason: other.to_string() },
    }
}
