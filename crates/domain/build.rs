//! The migrations are embedded by a macro, which does not see a new folder: the whole directory is watched here.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
