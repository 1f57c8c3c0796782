"""The copies of the service that write to the cluster."""

import os
import subprocess
import time
from pathlib import Path

from cluster import Cluster
from processes import ADDRESS, TrialFailed, free_port, start, status_of, stop, wait_for


class Copy:
    """One running `users serve`."""

    def __init__(self, name: str, program: Path, directory: Path, url: str, password: str):
        self.name, self.port = name, free_port()
        self._program, self._log = program, directory / f"users-{name}.log"
        self._environment = {"DATABASE_URL": url, "PGPASSWORD": password, "USERS_LOG": "warn"}
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        listen = f"{ADDRESS}:{self.port}"
        self._process = start([self._program, "serve"], self._log, USERS_LISTEN=listen, **self._environment)
        wait_for(f"{self.name} is ready", lambda: status_of(self.port, "/readyz") == 200)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        if self._process:
            stop(self._process)

    def make_token(self, seconds: float = 60) -> str:
        """A token that may read and write.

        That a copy is ready tells of its own connections: a new one may still be led to a node that is not the primary any
        more, or not yet. The command is run again until it succeeds; what it said last is told if it never does.
        """
        command = [self._program, "token", "create", "--name", "trial", "--scope", "users:read,users:write"]
        environment = os.environ | self._environment
        end = time.monotonic() + seconds
        while True:
            made = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
            if made.returncode == 0:
                return made.stdout.strip()
            if time.monotonic() > end:
                said = made.stderr.strip() or "nothing"
                raise TrialFailed(f"`users token create` exited with {made.returncode} and said: {said}")
            time.sleep(0.5)


def copies_of(program: Path, cluster: Cluster) -> list[Copy]:
    """One copy that goes through haproxy, and one that knows both nodes and looks for the primary itself."""
    hosts = ",".join(f"{ADDRESS}:{node.port}" for node in cluster.nodes)
    urls = {
        "proxy": f"postgres://users@{ADDRESS}:{cluster.proxy_port}/users",
        "hosts": f"postgres://users@{hosts}/users?target_session_attrs=read-write",
    }
    return [Copy(name, program, cluster.directory, url, cluster.password) for name, url in urls.items()]
