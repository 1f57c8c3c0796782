use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// The proxies that are believed where they say from whom a request comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// A text that is no list of proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotProxies;

impl TrustedProxies {
    /// Whether the address is that of such a proxy.
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for TrustedProxies {
    type Err = NotProxies;

    /// Reads addresses and networks with commas between: `10.0.0.0/8,192.0.2.7,fd00::/8`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let network = |text: &str| {
            let address = || text.parse::<IpAddr>().map(IpNet::from);
            text.parse::<IpNet>().or_else(|_| address()).map_err(|_| NotProxies)
        };
        text.split(',').map(|text| network(text.trim())).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for NotProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "must be addresses or networks with commas between, such as 10.0.0.0/8,192.0.2.7,fd00::/8",
        )
    }
}

impl std::error::Error for NotProxies {}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;
    use rstest::rstest;

    use super::{NotProxies, TrustedProxies};

    #[test]
    fn addresses_and_networks_are_read() {
        let proxies: TrustedProxies = "10.0.0.0/8, 192.0.2.7,fd00::/8".parse().unwrap();
        let trusted = |address: &str| proxies.contain(address.parse().unwrap());
        assert!(trusted("10.1.2.3") && trusted("192.0.2.7") && trusted("fd12::1"));
        assert!(!trusted("11.0.0.1") && !trusted("192.0.2.8") && !trusted("fe80::1"));
        assert!(!TrustedProxies::default().contain("127.0.0.1".parse().unwrap()));
    }

    #[rstest]
    #[case::empty("")]
    #[case::name("proxy.internal")]
    #[case::port("10.0.0.1:80")]
    #[case::long_prefix("10.0.0.0/33")]
    #[case::comma_at_the_end("10.0.0.1,")]
    fn anything_else_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<TrustedProxies>(), Err(NotProxies));
    }

    proptest! {
        #[test]
        fn a_network_has_the_addresses_that_begin_like_it(address: IpAddr, other: IpAddr, length in 0..=128_u8) {
            let bits = |address: IpAddr| match address {
                IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
                IpAddr::V6(address) => address.to_bits(),
            };
            let width = if address.is_ipv4() { 32 } else { 128 };
            match format!("{address}/{length}").parse::<TrustedProxies>() {
                Err(NotProxies) => prop_assert!(length > width),
                Ok(proxies) => {
                    let alike = length == 0 || (bits(address) ^ bits(other)) >> (128 - u32::from(length)) == 0;
                    prop_assert!(length <= width && proxies.contain(address));
                    prop_assert_eq!(proxies.contain(other), alike && address.is_ipv4() == other.is_ipv4());
                }
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in prop_oneof![any::<String>(), "[0-9a-f.:/, ]{0,40}"]) {
            let _ = text.parse::<TrustedProxies>();
        }
    }
}
