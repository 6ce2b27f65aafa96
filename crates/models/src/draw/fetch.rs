//! A picture behind an address that a server gave: loaded from the provider's own host, or over HTTPS from a
//! public one. An address inside one's own network is never loaded from, whatever name it hides behind, and no
//! redirect is followed. The provider's key goes to nobody.

use super::{DrawFailure, Painter};
use crate::endpoint::{Trouble, bounded, send};
use bytes::Bytes;
use reqwest::Url;
use reqwest::redirect::Policy;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

pub(super) async fn load(painter: &Painter, address: &str) -> Result<Bytes, DrawFailure> {
    let refused = |why: &str| DrawFailure::refused(0, format!("the picture's address is not loaded from: {why}"));
    let url = Url::parse(address).map_err(|_| refused("it is none"))?;
    let base = Url::parse(&painter.endpoint.base).map_err(|_| refused("the provider has none"))?;
    let host = url.host_str().ok_or_else(|| refused("it has no host"))?.to_owned();
    let own = url.origin() == base.origin();
    if !own && url.scheme() != "https" {
        return Err(refused("it is not HTTPS"));
    }
    let mut client = reqwest::Client::builder().redirect(Policy::none()).no_proxy();
    if !own {
        let found = resolve(&host, url.port_or_known_default().unwrap_or(443)).await;
        let public = found.into_iter().filter(|address| is_public(address.ip())).collect::<Vec<_>>();
        if public.is_empty() {
            return Err(refused("it is not public"));
        }
        // The addresses that were looked at are those that are used.
        client = client.resolve_to_addrs(&host, &public);
    }
    let client = client.build().map_err(Trouble::from)?;
    let response = send(client.get(url)).await?;
    Ok(bounded(response, painter.limits.largest).await?)
}

async fn resolve(host: &str, port: u16) -> Vec<SocketAddr> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => vec![SocketAddr::new(address, port)],
        Err(_) => tokio::net::lookup_host((host, port)).await.map(Iterator::collect).unwrap_or_default(),
    }
}

/// Whether an address belongs to the open network.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => is_public_v4(address),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let special = a == 0 || a >= 240 || (a == 192 && b == 0) || (a == 198 && (18..20).contains(&b));
    let inner = address.is_private() || address.is_loopback() || address.is_link_local();
    !(inner || shared || special || address.is_multicast() || address.is_documentation())
}

/// Global unicast, less the blocks through which an older address can be reached (RFC 6052, 3056, 4380).
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let embeds = first == 0x2002 || (first == 0x2001 && second == 0);
    let documentation = first == 0x2001 && second == 0xDB8;
    first & 0xE000 == 0x2000 && !embeds && !documentation
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn inner_addresses_are_known_in_every_dress() {
        for inner in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fe80::1",
            "fc00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "255.255.255.255",
        ] {
            assert!(!is_public(inner.parse().unwrap()), "{inner}");
        }
        for public in ["8.8.8.8", "2606:4700::1111"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
