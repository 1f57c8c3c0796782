use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::http::header::HeaderMap;

use super::TrustedProxies;
use super::forwarded::{Hops, forwarded, x_forwarded_for};

/// The address that a request comes from: that of the other end of the connection, unless that is a proxy to be believed.
///
/// Then it is the right-most address that is no such proxy's: what stands to the left of it, anybody may have made up.
/// Where `X-Forwarded-For` and `Forwarded` lead to different addresses, one of them was made up, too, and the proxy's own
/// counts; the same goes where its entry cannot be read.
pub fn client_address(peer: Option<SocketAddr>, headers: &HeaderMap, proxies: &TrustedProxies) -> IpAddr {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
    if !proxies.contain(peer) {
        return peer;
    }
    let first_stranger = |hops: &Hops| first_stranger(peer, hops, proxies);
    match (x_forwarded_for(headers), forwarded(headers)) {
        (Some(hops), None) | (None, Some(hops)) => first_stranger(&hops),
        (Some(older), Some(standard)) => {
            Some(first_stranger(&older)).filter(|it| *it == first_stranger(&standard)).unwrap_or(peer)
        }
        (None, None) => peer,
    }
}

fn first_stranger(peer: IpAddr, hops: &Hops, proxies: &TrustedProxies) -> IpAddr {
    let mut address = peer;
    for hop in hops.iter().rev() {
        match hop {
            Some(before) if proxies.contain(address) => address = *before,
            _ => break,
        }
    }
    address
}

/// What an address is counted as: an IPv4 address for itself, an IPv6 address with all others of its /64, which is what
/// one customer has (RFC 6177).
pub const fn address_key(address: IpAddr) -> u64 {
    match address {
        // In the middle of ::/8, where no customer has addresses.
        IpAddr::V4(address) => (1 << 32) | address.to_bits() as u64,
        IpAddr::V6(address) => (address.to_bits() >> 64) as u64,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{self, HeaderMap, HeaderValue};
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{address_key, client_address};

    /// The client of a request from `peer`, where `10.0.0.0/8` and `fd00::/8` are proxies to be believed.
    fn client(peer: &str, x_forwarded_for: &str, forwarded: &str) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in [(header::X_FORWARDED_FOR, x_forwarded_for), (header::FORWARDED, forwarded)] {
            if !value.is_empty() {
                headers.append(name, HeaderValue::from_str(value).unwrap());
            }
        }
        let proxies = "10.0.0.0/8,fd00::/8".parse().unwrap();
        client_address(Some(peer.parse().unwrap()), &headers, &proxies).to_string()
    }

    #[rstest]
    #[case::no_proxy("192.0.2.1:9", "198.51.100.1", "for=198.51.100.1", "192.0.2.1")]
    #[case::silent_proxy("10.0.0.1:9", "", "", "10.0.0.1")]
    #[case::proxy("10.0.0.1:9", "192.0.2.1", "", "192.0.2.1")]
    #[case::proxy_of_the_standard("10.0.0.1:9", "", "for=192.0.2.1", "192.0.2.1")]
    #[case::made_up("10.0.0.1:9", "198.51.100.1, 192.0.2.1", "", "192.0.2.1")]
    #[case::proxies("10.0.0.1:9", "198.51.100.1, 192.0.2.1, 10.0.0.2", "", "192.0.2.1")]
    #[case::nobody_but_proxies("10.0.0.1:9", "10.0.0.3, 10.0.0.2", "", "10.0.0.3")]
    #[case::not_to_be_read("10.0.0.1:9", "192.0.2.1, unknown", "", "10.0.0.1")]
    #[case::not_to_be_read_further_on("10.0.0.1:9", "192.0.2.1, unknown, 10.0.0.2", "", "10.0.0.2")]
    #[case::both("10.0.0.1:9", "192.0.2.1", "for=192.0.2.1", "192.0.2.1")]
    #[case::one_made_up("10.0.0.1:9", "192.0.2.1", "for=198.51.100.1", "10.0.0.1")]
    #[case::mapped("[::ffff:10.0.0.1]:9", "192.0.2.1", "", "192.0.2.1")]
    #[case::version_6("[fd00::1]:9", "2001:db8::1", "", "2001:db8::1")]
    fn the_client_is_the_last_who_is_no_proxy(
        #[case] peer: &str,
        #[case] x_forwarded_for: &str,
        #[case] forwarded: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(client(peer, x_forwarded_for, forwarded), expected);
    }

    #[test]
    fn a_network_of_version_6_counts_as_one() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:0:0:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_ne!(key("0.0.0.1"), key("::1"));
    }

    proptest! {
        #[test]
        fn nobody_makes_up_an_address(
            older in prop::collection::vec(any::<u8>(), 0..60),
            standard in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..60),
                r#"(for="?(192.0.2.1|\[2001:db8::1\]|x)(:80)?"?[;,]? ?){0,4}"#.prop_map(String::into_bytes),
            ],
        ) {
            let mut headers = HeaderMap::new();
            for (name, value) in [(header::X_FORWARDED_FOR, older), (header::FORWARDED, standard)] {
                if let Ok(value) = HeaderValue::from_bytes(&value) {
                    headers.append(name, value);
                }
            }
            let proxies = "10.0.0.0/8".parse().unwrap();
            let stranger = "192.0.2.9:1".parse().unwrap();
            prop_assert_eq!(client_address(Some(stranger), &headers, &proxies), stranger.ip());
            // From a proxy it is the proxy, or what stands in a header.
            let found = client_address(Some("10.0.0.1:1".parse().unwrap()), &headers, &proxies).to_string();
            let told = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).contains(&found);
            prop_assert!(found == "10.0.0.1" || headers.iter().any(|(_, value)| told(value)), "{}", found);
        }
    }
}
