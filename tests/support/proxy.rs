use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::until;

/// A proxy of the test's own in front of the service; it is killed when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Proxy {
    /// Starts an nginx with these directives in its `server`.
    pub fn nginx(directives: &str) -> Self {
        Self::start("nginx", |folder, address| {
            let folder = folder.display();
            let config = format!(
                "daemon off; error_log stderr; pid {folder}/pid;\nevents {{}}\nhttp {{\n access_log off;\n \
                 client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; \
                 uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n server {{ listen {address};\n{directives}\n }}\n}}\n"
            );
            (config, vec!["-p".to_owned(), folder.to_string(), "-c".to_owned()])
        })
    }

    /// Starts an `HAProxy` that sends requests to the service at `backend`, with these lines in its `defaults`.
    pub fn haproxy(backend: SocketAddr, lines: &str) -> Self {
        Self::start("haproxy", |_, address| {
            let config = format!(
                "defaults\n mode http\n timeout connect 5s\n timeout client 30s\n timeout server 30s\n{lines}\n\
                 frontend users\n bind {address}\n default_backend copies\nbackend copies\n server one {backend}\n"
            );
            (config, vec!["-db".to_owned(), "-f".to_owned()])
        })
    }

    fn start(program: &str, configure: impl FnOnce(&Path, SocketAddr) -> (String, Vec<String>)) -> Self {
        let folder = tempfile::Builder::new().prefix("users-proxy-").tempdir().unwrap();
        let address = free_address();
        let (config, arguments) = configure(folder.path(), address);
        let file = folder.path().join("config");
        fs::write(&file, config).unwrap();
        let mut command = Command::new(path_of(program));
        let process = command.args(arguments).arg(&file).stdin(Stdio::null()).spawn().unwrap();
        let mut proxy = Self { process, address, _folder: folder };
        until(&format!("{program} listens"), || {
            assert_eq!(proxy.process.try_wait().unwrap(), None, "{program} ended");
            TcpStream::connect(address).is_ok().then_some(())
        });
        proxy
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // nginx has a child that ends with its parent only if that is asked to.
        let id = self.process.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let _ = self.process.wait();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).unwrap()
}

/// The program; panics if there is none.
fn path_of(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|path| path.is_file()).unwrap_or_else(|| {
        panic!("this test runs {program}, and there is none: install the Debian package `{program}` (`apt-get install {program}`)")
    })
}
