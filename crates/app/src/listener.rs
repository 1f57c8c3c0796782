use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

use crate::failure::Failure;

/// Connections that the kernel completes before the service has accepted them.
///
/// The standard library's 128 overflow when a few hundred clients connect at once, and each that does not fit waits a
/// second for its next try.
const BACKLOG: i32 = 2048;

/// A socket that listens.
#[derive(Debug)]
pub struct Listener {
    /// The socket.
    pub socket: TcpListener,
    /// Its address, with the port that was taken where any would do.
    pub address: SocketAddr,
}

/// Takes the address, so that from here on clients may connect. `setting` is what it was set by.
pub fn bind(address: SocketAddr, setting: &'static str) -> Result<Listener, Failure> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        // A restart must not wait for the connections of the former process to fade.
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        let socket = TcpListener::from(socket);
        Ok(Listener { address: socket.local_addr()?, socket })
    };
    open().map_err(|source| Failure::Listen { address, setting, source })
}

/// The URL at which a client on this machine reaches a server that listens on `address`, by TLS or without.
pub fn local_url(address: SocketAddr, tls: bool) -> String {
    let mut reachable = address;
    if address.ip().is_unspecified() {
        let loopback = match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        };
        reachable.set_ip(loopback);
    }
    format!("{}://{reachable}", if tls { "https" } else { "http" })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{bind, local_url};

    #[test]
    fn a_taken_address_is_named_in_the_failure() {
        let first = bind("127.0.0.1:0".parse().unwrap(), "USERS_LISTEN (--listen)").unwrap();
        let address = first.address;
        let sentence = bind(address, "USERS_METRICS_LISTEN (--metrics-listen)").unwrap_err().to_string();
        assert!(sentence.starts_with(&format!("cannot listen on {address}: ")), "{sentence}");
        assert!(sentence.ends_with("set by USERS_METRICS_LISTEN (--metrics-listen)"), "{sentence}");
    }

    #[rstest]
    #[case("127.0.0.1:8080", false, "http://127.0.0.1:8080")]
    #[case("0.0.0.0:80", false, "http://127.0.0.1:80")]
    #[case("[::]:8443", true, "https://[::1]:8443")]
    fn the_url_can_be_opened_on_this_machine(#[case] address: &str, #[case] tls: bool, #[case] url: &str) {
        assert_eq!(local_url(address.parse().unwrap(), tls), url);
    }
}
