//! Embeds what lies in `web/graphiql/dist` at the time of the build, which may be nothing.

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    let dist = Path::new("../../web/graphiql/dist").canonicalize()?;
    // The folder is always there (a missing one would make every build begin here again); what is in it comes and goes.
    println!("cargo:rerun-if-changed={}", dist.display());
    let page = dist.join("index.html");
    let mut table = String::from("const ASSETS: &[Asset] = &[\n");
    if page.is_file() {
        for name in names(&dist.join("assets"))? {
            let path = dist.join("assets").join(format!("{name}.gz"));
            table += &format!("    Asset {{ name: {name:?}, gzip: include_bytes!({path:?}) }},\n");
        }
        table += &format!("];\nconst PAGE: Option<&str> = Some(include_str!({page:?}));\n");
    } else {
        table += "];\nconst PAGE: Option<&str> = None;\n";
    }
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out).join("bundle.rs"), table)
}

/// The assets' names without `.gz`, in order, so that the same bundle makes the same binary.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.file_name();
        names.extend(file.to_str().and_then(|file| file.strip_suffix(".gz")).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}
