"""Writers that never stop asking, and note every answer."""

import http.client
import json
import threading
import time
from dataclasses import dataclass

from ledger import MEMBERS, UserHistory

# More than any time limit of the service: who waits longer was left without an answer.
CLIENT_TIMEOUT = 30
PAUSE = 0.005
PAUSE_AFTER_REFUSAL = 0.1


@dataclass(frozen=True)
class Answer:
    """An answer, with the times (monotonic, in seconds) at which its request was sent and it was there."""

    sent: float
    done: float
    status: int


class Writer(threading.Thread):
    """Makes users and updates them over one connection, one request at a time, until told to stop."""

    def __init__(self, name: str, port: int, token: str):
        super().__init__(name=name, daemon=True)
        self.histories: list[UserHistory] = []
        self.answers: list[Answer] = []
        self.problems: list[str] = []
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=CLIENT_TIMEOUT)
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            history = UserHistory(f"{self.name}-{len(self.histories)}")
            self.histories.append(history)
            self._write_user(history)
        self._connection.close()

    def stop(self) -> None:
        """Lets the request under way finish and waits for the end."""
        self._stopped.set()
        self.join()

    def _write_user(self, history: UserHistory) -> None:
        for member in MEMBERS:
            if self._stopped.is_set() or not self._write(history, member):
                # Whether the user was made is not known then, so there is nothing to update.
                return

    def _write(self, history: UserHistory, member: str) -> bool:
        """Sets one member; false where the user has to be given up."""
        value = f"{member} of {history.id}"
        if member == MEMBERS[0]:
            method, path, good = "POST", "/v1/users", 201
            body = {"id": history.id, member: value}
        else:
            method, path, good = "PUT", f"/v1/users/{history.id}", 200
            body = {member: value}
        # Noted first: whatever happens, it may be written from here on.
        history.unknown[member] = value
        answer, user = self._ask(method, path, body)
        if answer != good:
            time.sleep(PAUSE_AFTER_REFUSAL)
            return member != MEMBERS[0]
        del history.unknown[member]
        history.acknowledged[member] = value
        if user.get(member) != value:
            self.problems.append(f"{method} {path}: {answer} with {member} {user.get(member)!r}")
        time.sleep(PAUSE)
        return True

    def _ask(self, method: str, path: str, body: dict) -> tuple[int | None, dict]:
        sent = time.monotonic()
        try:
            self._connection.request(method, path, json.dumps(body), self._headers)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            # The service never dies here, so a connection that ends without an answer is its fault.
            self._connection.close()
            self.problems.append(f"{method} {path}: no answer: {error!r}")
            return None, {}
        self.answers.append(Answer(sent, time.monotonic(), response.status))
        if response.status == 503 and not response.getheader("Retry-After"):
            self.problems.append(f"{method} {path}: 503 without Retry-After")
        if response.status not in (200, 201, 503):
            self.problems.append(f"{method} {path}: {response.status} {text[:300]!r}")
        return response.status, json.loads(text)


class Load:
    """The writers of one copy of the service."""

    def __init__(self, copy: str, port: int, token: str, writers: int, period: str):
        self.copy = copy
        self.writers = [Writer(f"{copy}-{period}-{i}", port, token) for i in range(writers)]

    def start(self) -> None:
        for writer in self.writers:
            writer.start()

    def stop(self) -> None:
        for writer in self.writers:
            writer.stop()

    def answers(self) -> list[Answer]:
        """All answers so far, the earliest first."""
        return sorted((answer for writer in self.writers for answer in writer.answers[:]), key=lambda a: a.done)

    def histories(self) -> list[UserHistory]:
        return [history for writer in self.writers for history in writer.histories]

    def problems(self) -> list[str]:
        return [f"{self.copy}: {problem}" for writer in self.writers for problem in writer.problems]

    def first_success_after(self, moment: float) -> float | None:
        """When the first request that was sent after `moment` had succeeded."""
        done = (answer.done for answer in self.answers() if answer.sent >= moment and answer.status != 503)
        return next(done, None)
