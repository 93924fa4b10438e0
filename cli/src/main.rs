//! The `seg` command.
fn main() {
    let folder = seg::Folder::open(std::env::args().nth(1).as_deref().map(std::path::Path::new));
    match folder {
        Ok(folder) => {
            let checked = seg::check(&folder);
            for d in &checked.diagnostics {
                eprint!("{}", seg::render::human(&checked.sources, d, false));
            }
            if let Some(program) = &checked.program {
                for o in seg::testing::run(program) {
                    eprintln!("{} {} {:?}", if o.passed { "ok  " } else { "FAIL" }, o.name, o.failures);
                }
            }
        }
        Err(error) => eprintln!("{error}"),
    }
}
