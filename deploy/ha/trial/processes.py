"""Programs, ports and files, and waiting for what they come to."""

import http.client
import os
import signal
import socket
import string
import subprocess
import time
from pathlib import Path
from typing import Callable, TypeVar

T = TypeVar("T")
ADDRESS = "127.0.0.1"


class TrialFailed(Exception):
    """The trial cannot go on; the text says why."""


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return probe.getsockname()[1]


def fill(template: Path, target: Path, **values: object) -> Path:
    """Writes the template to `target`, each ${name} replaced. Only the owner may read it: it may hold a password."""
    target.touch(mode=0o600)
    target.write_text(string.Template(template.read_text()).substitute(values))
    return target


def start(command: list[object], log: Path, **environment: str) -> subprocess.Popen:
    """Starts a program that ends with this one, however that ends. Its output is added to `log`."""
    # A session of its own: Ctrl-C reaches this program alone, which then ends the others in order.
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=log.open("ab"),
        stderr=subprocess.STDOUT,
        env=os.environ | environment,
        start_new_session=True,
    )


def stop(process: subprocess.Popen, seconds: float = 15) -> None:
    """Asks a program to end, and makes it end when it does not."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def signal_each(pids: list[int], number: signal.Signals) -> None:
    """Sends a signal to each process that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def with_descendants(pid: int) -> list[int]:
    """The process and all that descend from it, parents first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # The name in parentheses may hold blanks; the parent is the second field behind it.
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry.name))
    family = [pid]
    for member in family:
        family.extend(children.get(member, []))
    return family


def status_of(port: int, path: str, seconds: float = 2) -> int | None:
    """The status that GET gives on the loopback address, or None where nobody answers in time."""
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=seconds)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def wait_for(what: str, look: Callable[[], T], seconds: float = 120, pause: float = 0.05) -> T:
    """Looks until there is something to see, and gives it."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > end:
            raise TrialFailed(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(pause)
    return seen
