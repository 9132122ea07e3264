//! Ports that stay the same for a folder.

use std::net::{Ipv4Addr, TcpListener, TcpStream};

use anyhow::Context;

/// Below the ports that systems hand out for outgoing connections (Linux from 32768, macOS from 49152), above the
/// well-known ones: what is free today is free tomorrow. Neither server's default port is in it.
const RANGE: std::ops::Range<u16> = 20_000..30_000;

/// Whether nobody listens on `port` of this machine's own address.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Whether somebody answers on `port`.
pub fn answers(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A free port other than `taken`, looked for from a place that `seed` fixes, so that folders seldom meet.
///
/// # Errors
/// When the whole range is in use.
pub fn choose(seed: u64, taken: Option<u16>) -> anyhow::Result<u16> {
    let width = u64::from(RANGE.end - RANGE.start);
    (0..width)
        .filter_map(|step| u16::try_from((seed % width + step) % width).ok())
        .map(|offset| RANGE.start + offset)
        .find(|port| Some(*port) != taken && is_free(*port))
        .context("no port between 20000 and 29999 is free")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_passed_over() {
        let first = choose(77, None).unwrap();
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        let second = choose(77, None).unwrap();
        assert_ne!(first, second);
        drop(held);
        assert_ne!(choose(77, Some(first)).unwrap(), first);
    }

    #[test]
    fn the_end_of_the_range_wraps() {
        assert!(RANGE.contains(&choose(u64::MAX, None).unwrap()));
    }
}
