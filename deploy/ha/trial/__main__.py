"""The trial of `make ha`: the primary is lost under load, again and again, and no acknowledged write with it."""

import argparse
import signal
import sys
from pathlib import Path

import rounds
from cluster import Cluster
from ledger import MEMBERS, UserHistory, broken_promises
from processes import TrialFailed
from service import Copy, copies_of

# USERS_REQUEST_TIMEOUT (5 s), and what a busy machine adds to it.
SLOWEST = 7
# Problems and lines of a log that are printed.
SHOWN = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="trial", description=__doc__)
    parser.add_argument("--users", type=Path, required=True, help="the program of the service")
    parser.add_argument("--directory", type=Path, required=True, help="an empty directory for all that is written")
    parser.add_argument("--postgres", type=Path, required=True, help="the directory of PostgreSQL's programs")
    parser.add_argument("--rounds", type=int, default=3, help="how often the primary is lost [default: 3]")
    parser.add_argument("--plant-loss", action="store_true", help="show instead that writes that are lost are noticed")
    arguments = parser.parse_args()
    # A polite end runs what stands behind `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cluster = Cluster(arguments.directory, arguments.postgres)
    copies = copies_of(arguments.users, cluster)
    try:
        say("starting etcd, two PostgreSQL servers under Patroni, haproxy and two copies of the service")
        cluster.start()
        for copy in copies:
            copy.start()
        if arguments.plant_loss:
            return planted_loss(cluster, copies)
        return trial(arguments.rounds, cluster, copies)
    except TrialFailed as failure:
        say(f"FAILED: {failure}")
        show_logs(arguments.directory)
        return 1
    finally:
        for copy in copies:
            copy.stop()
        cluster.stop()


def trial(count: int, cluster: Cluster, copies: list[Copy]) -> int:
    """Runs all rounds and gives the exit status."""
    faults = [rounds.lose_primary] * count
    faults += [rounds.stall_standby_then_lose_primary, rounds.freeze_primary, rounds.kill_database]
    token, written, problems = copies[0].make_token(), [], []
    for number, fault in enumerate(faults, 1):
        before = len(written)
        try:
            result = rounds.run(number, fault, cluster, copies, token, written)
        except TrialFailed:
            # Where the cluster did not come back as it should, a loss is all the likelier.
            for problem in missing(cluster, written)[:SHOWN]:
                say(f"    {problem}")
            raise
        # All that was ever written, in every round: a node that joins again must not take anything back.
        result.problems += missing(cluster, written)
        if result.slowest > SLOWEST:
            result.problems.append(f"an answer took {result.slowest:.1f} s")
        report(result, written[before:])
        problems += result.problems
    acknowledged = sum(len(history.acknowledged) for history in written)
    say(f"{acknowledged} writes were acknowledged in all; broken promises: {len(problems)}")
    return 1 if problems else 0


def planted_loss(cluster: Cluster, copies: list[Copy]) -> int:
    """Runs one round in which writes must get lost, and fails where they are not missed."""
    written: list[UserHistory] = []
    fault = rounds.lose_primary_that_did_not_wait
    result = rounds.run(1, fault, cluster, copies, copies[0].make_token(), written)
    lost = missing(cluster, written)
    result.problems += lost
    report(result, written)
    say("the loss was noticed" if lost else "FAILED: the loss was not noticed")
    return 0 if lost else 1


def missing(cluster: Cluster, written: list[UserHistory]) -> list[str]:
    """What the primary lacks of all that was acknowledged."""
    return broken_promises(written, cluster.users(cluster.primary(), MEMBERS))


def report(result: rounds.Round, written: list[UserHistory]) -> None:
    """Prints a round."""
    say(f"round {result.number}: {result.fault.__name__.replace('_', ' ')} ({result.primary})")
    if result.promoted is not None:
        line("standby promoted after", f"{result.promoted:.1f} s")
        line("lost node let back after", f"{result.node_back:.1f} s")
    for copy, seconds in result.resumed.items():
        statuses = ", ".join(f"{count} x {status}" for status, count in sorted(result.statuses[copy].items()))
        line(f'first 200, copy "{copy}"', f"{seconds:.1f} s; all answers: {statuses}")
    line("two nodes again after", f"{result.whole:.1f} s{', by pg_rewind' if result.rewound else ''}")
    acknowledged = sum(len(history.acknowledged) for history in written)
    line("acknowledged writes", f"{acknowledged}; slowest answer {result.slowest:.1f} s")
    line("broken promises", str(len(result.problems)))
    for problem in result.problems[:SHOWN]:
        say(f"    {problem}")


def show_logs(directory: Path) -> None:
    """Prints the end of each log."""
    for log in sorted(directory.rglob("*.log")):
        for text in log.read_text(errors="replace").splitlines()[-SHOWN:]:
            say(f"{log.relative_to(directory)}: {text}")


def line(name: str, value: str) -> None:
    say(f"  {name:<26}{value}")


def say(text: str) -> None:
    print(f"ha: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
