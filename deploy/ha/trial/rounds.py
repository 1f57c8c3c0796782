"""One round: break the primary under load, see what becomes of the writes, and put the cluster together again."""

import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Callable

from cluster import Cluster, Node
from ledger import UserHistory
from load import Load
from processes import signal_each, wait_for
from service import Copy

# Longer than the time limits of the service for a statement (4 s) and a request (5 s).
STALL = 7
# How long the new primary is alone.
APART = 8
WARM_UP = 5
WRITERS = 8

Fault = Callable[[Cluster, Node], None]


@dataclass
class Round:
    """What a round came to; times in seconds after the fault."""

    number: int
    fault: Fault
    primary: str
    promoted: float | None = None
    node_back: float | None = None
    resumed: dict[str, float] = field(default_factory=dict)
    whole: float = 0
    rewound: bool = False
    statuses: dict[str, Counter] = field(default_factory=dict)
    slowest: float = 0
    problems: list[str] = field(default_factory=list)


def lose_primary(cluster: Cluster, primary: Node) -> None:
    """The machine of the primary is gone: Patroni and PostgreSQL are killed."""
    primary.kill()


def stall_standby_then_lose_primary(cluster: Cluster, primary: Node) -> None:
    """The standby stops answering, so that commits wait for it; then the primary is lost.

    What was answered before it was written on both would be gone now.
    """
    stall_then_lose(cluster, primary, STALL)


def stall_then_lose(cluster: Cluster, primary: Node, seconds: float) -> None:
    """Loses the primary when the standby has stood still for some time, and all that was under way to the standby."""
    standby = cluster.other(primary)
    signal_each(standby.database_pids(), signal.SIGSTOP)
    time.sleep(seconds)
    primary.kill()
    # Let go on, it would still find in its sockets what the primary sent. So it starts anew, with what is on its disk.
    standby.kill_database()


def freeze_primary(cluster: Cluster, primary: Node) -> None:
    """The machine of the primary stands still, its connections open, and comes back not knowing that it was away."""
    primary.freeze()


def kill_database(cluster: Cluster, primary: Node) -> None:
    """PostgreSQL of the primary is killed and its Patroni is not, which starts it again."""
    primary.kill_database()


def lose_primary_that_did_not_wait(cluster: Cluster, primary: Node) -> None:
    """A planted fault: commits do not wait for the standby, which is behind when the primary is lost."""
    cluster.sql(primary, "ALTER SYSTEM SET synchronous_standby_names = ''")
    cluster.sql(primary, "SELECT pg_reload_conf()")
    time.sleep(1)
    # No longer: a standby that is further behind than maximum_lag_on_failover (1 MiB) is not promoted.
    stall_then_lose(cluster, primary, 0.5)


def run(
    number: int, fault: Fault, cluster: Cluster, copies: list[Copy], token: str, written: list[UserHistory]
) -> Round:
    """Carries a round out under load, gives what came of it, and adds what was written to `written`, come what may."""
    primary = cluster.primary()
    result = Round(number, fault, primary.name)
    loads = [Load(copy.name, copy.port, token, WRITERS, f"r{number}") for copy in copies]
    for load in loads:
        load.start()
    try:
        time.sleep(WARM_UP)
        fault(cluster, primary)
        broken = time.monotonic()
        # The load goes on until the cluster is whole: coming back must not lose a write either.
        heal(result, broken, cluster, primary, loads)
        for load in loads:
            result.resumed[load.copy] = resumed(load, broken) - broken
        time.sleep(2)
    finally:
        for load in loads:
            load.stop()
            written += load.histories()
    sum_up(result, loads, copies)
    return result


def heal(result: Round, broken: float, cluster: Cluster, lost: Node, loads: list[Load]) -> None:
    """Waits for the standby to be promoted and has the lost node join as the standby."""
    if result.fault is kill_database:
        for load in loads:
            resumed(load, broken)
    else:
        wait_for("the standby is promoted", cluster.other(lost).is_primary)
        result.promoted = time.monotonic() - broken
        # The load writes to the new primary alone for a while, so that the timelines have parted for good.
        time.sleep(APART)
        result.node_back = time.monotonic() - broken
        lost.thaw() if result.fault is freeze_primary else lost.start()
    standby = cluster.other(cluster.primary())
    wait_for("the standby is synchronous again", standby.is_synchronous_standby)
    result.whole = time.monotonic() - broken
    result.rewound = result.promoted is not None and standby.was_rewound()


def resumed(load: Load, broken: float) -> float:
    """When the first write that was sent after the fault had succeeded."""
    return wait_for(f"writes resume on the copy {load.copy!r}", lambda: load.first_success_after(broken))


def sum_up(result: Round, loads: list[Load], copies: list[Copy]) -> None:
    """Counts the answers and gathers what should not have been."""
    for load in loads:
        answers = load.answers()
        result.statuses[load.copy] = Counter(answer.status for answer in answers)
        result.slowest = max([result.slowest, *(answer.done - answer.sent for answer in answers)])
        result.problems += load.problems()
    result.problems += [f"{copy.name}: the service ended" for copy in copies if not copy.is_running()]
