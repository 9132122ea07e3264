//! What holds for the workspace as a whole.

use std::fs;

use crate::workspace;

#[test]
fn no_library_outside_rust_is_linked() {
    let lock = fs::read_to_string(workspace::root().unwrap().join("Cargo.lock")).unwrap();
    for name in ["openssl", "openssl-sys", "native-tls", "pq-sys", "apalis-redis"] {
        let is_there = lock.contains(&format!("\nname = \"{name}\"\n"));
        assert!(
            !is_there,
            "{name} is in Cargo.lock: find who wants it with `cargo tree -i {name}`, take rustls instead"
        );
    }
}
