"""Two PostgreSQL servers under Patroni, etcd and haproxy, on the loopback address."""

import json
import os
import secrets
import signal
import subprocess
from pathlib import Path

from processes import ADDRESS, fill, free_port, signal_each, start, status_of, stop, wait_for, with_descendants

TEMPLATES = Path(__file__).parent.parent


class Node:
    """One PostgreSQL server and its Patroni: what stands on one machine in production."""

    def __init__(self, name: str, directory: Path, bin_dir: Path, settings: dict[str, object]):
        self.name, self.directory = name, directory
        directory.mkdir()
        self.data = directory / "data"
        self.port, self.rest_port = free_port(), free_port()
        self._patroni: subprocess.Popen | None = None
        self._log, self._log_read_from = directory / "patroni.log", 0
        self._config = fill(
            TEMPLATES / "patroni.yml",
            directory / "patroni.yml",
            name=name,
            address=ADDRESS,
            network=f"{ADDRESS}/32",
            port=self.port,
            rest_port=self.rest_port,
            data_dir=self.data,
            bin_dir=bin_dir,
            pgpass=directory / "pgpass",
            socket_dir=directory,
            **settings,
        )

    def start(self) -> None:
        """Starts Patroni, which starts PostgreSQL in the part that the cluster has for it."""
        self._log_read_from = self._log.stat().st_size if self._log.exists() else 0
        self._patroni = start(["patroni", self._config], self._log)

    def is_primary(self) -> bool:
        return status_of(self.rest_port, "/primary") == 200

    def is_synchronous_standby(self) -> bool:
        return status_of(self.rest_port, "/synchronous") == 200

    def kill(self) -> None:
        """Kills Patroni and PostgreSQL with all their processes, as losing the machine would."""
        patroni = with_descendants(self._patroni.pid)
        signal_each(patroni + self.database_pids(), signal.SIGKILL)
        self._patroni.wait()

    def freeze(self) -> None:
        """Stops Patroni and PostgreSQL where they are; their connections stay open."""
        signal_each(with_descendants(self._patroni.pid) + self.database_pids(), signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets them go on, PostgreSQL first, so that for a moment it can try to serve as if nothing had been."""
        signal_each(self.database_pids(), signal.SIGCONT)
        self._log_read_from = self._log.stat().st_size
        signal_each(with_descendants(self._patroni.pid), signal.SIGCONT)

    def kill_database(self) -> None:
        """Kills PostgreSQL alone; Patroni goes on."""
        signal_each(self.database_pids(), signal.SIGKILL)

    def database_pids(self) -> list[int]:
        """The processes of PostgreSQL, which are no children of Patroni's."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            # The file outlives a server that was killed, and its number may be somebody else's by now.
            return with_descendants(pid) if os.readlink(f"/proc/{pid}/cwd") == str(self.data) else []
        except OSError:
            return []

    def stop(self) -> None:
        """Ends Patroni, and with it PostgreSQL."""
        if self._patroni:
            self.thaw()
            stop(self._patroni)
        signal_each(self.database_pids(), signal.SIGKILL)

    def was_rewound(self) -> bool:
        """Whether pg_rewind ran since Patroni was started last."""
        return b"running pg_rewind" in self._log.read_bytes()[self._log_read_from :]


def etcd_api() -> str:
    """Which of etcd's interfaces this Patroni can be trusted with; patroni.yml tells why."""
    printed = subprocess.run(["patroni", "--version"], check=True, capture_output=True, text=True).stdout
    version = tuple(int(number) for number in printed.split()[-1].split(".")[:3] if number.isdigit())
    return "etcd3" if version >= (3, 0, 3) else "etcd"


class Cluster:
    """All of it, from etcd to haproxy."""

    def __init__(self, directory: Path, bin_dir: Path):
        self.directory, self.bin_dir = directory, bin_dir
        self.proxy_port, self._etcd_port = free_port(), free_port()
        self.password, self._superuser_password = secrets.token_hex(16), secrets.token_hex(16)
        settings = {
            "etcd_api": etcd_api(),
            "etcd_hosts": f"{ADDRESS}:{self._etcd_port}",
            "superuser_password": self._superuser_password,
            "replication_password": secrets.token_hex(16),
        }
        self.nodes = [Node(name, directory / name, bin_dir, settings) for name in ("pg1", "pg2")]
        self._others: list[subprocess.Popen] = []

    def start(self) -> None:
        """Brings everything up, with an empty database `users` and a role of that name."""
        self._start_etcd()
        first, second = self.nodes
        first.start()
        wait_for("the first node is the primary", first.is_primary)
        second.start()
        wait_for("the second node is the synchronous standby", second.is_synchronous_standby)
        self._start_haproxy()
        self.sql(first, f"CREATE ROLE users LOGIN PASSWORD '{self.password}'", database="postgres")
        self.sql(first, "CREATE DATABASE users OWNER users", database="postgres")

    def stop(self) -> None:
        """Ends everything, the primary last so that the standby has nothing to take over."""
        for node in sorted(self.nodes, key=Node.is_primary):
            node.stop()
        for process in self._others:
            stop(process)

    def primary(self) -> Node:
        """The node that is the primary now, waited for."""
        return wait_for("one node is the primary", lambda: next(filter(Node.is_primary, self.nodes), None))

    def other(self, node: Node) -> Node:
        return next(other for other in self.nodes if other is not node)

    def sql(self, node: Node, statement: str, database: str = "users") -> str:
        """What psql prints for the statement, unaligned, without headings."""
        url = f"postgres://postgres@{ADDRESS}:{node.port}/{database}"
        command = [self.bin_dir / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement]
        environment = os.environ | {"PGPASSWORD": self._superuser_password}
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    def users(self, node: Node, members: tuple[str, ...]) -> dict[str, dict[str, str]]:
        """All users as the node has them: id to members, an unset one as ""."""
        columns = ", ".join(f"'{member}', coalesce({member}, '')" for member in members)
        lines = self.sql(node, f"SELECT json_build_array(id, json_build_object({columns})) FROM users")
        return dict(json.loads(line) for line in lines.splitlines())

    def _start_etcd(self) -> None:
        peer_port = free_port()
        config = fill(
            TEMPLATES / "etcd.yml",
            self.directory / "etcd.yml",
            name="etcd1",
            address=ADDRESS,
            data_dir=self.directory / "etcd",
            client_port=self._etcd_port,
            peer_port=peer_port,
            members=f"etcd1=http://{ADDRESS}:{peer_port}",
        )
        self._others.append(start(["etcd", "--config-file", config], self.directory / "etcd.log"))
        wait_for("etcd answers", lambda: status_of(self._etcd_port, "/health") == 200)

    def _start_haproxy(self) -> None:
        ports = {}
        for node in self.nodes:
            ports |= {node.name: f"{ADDRESS}:{node.port}", f"{node.name}_rest_port": node.rest_port}
        template, target = TEMPLATES / "haproxy.cfg", self.directory / "haproxy.cfg"
        config = fill(template, target, address=ADDRESS, port=self.proxy_port, **ports)
        self._others.append(start(["haproxy", "-db", "-f", config], self.directory / "haproxy.log"))
