"""What was written and what was answered, and what of it a database lacks."""

from dataclasses import dataclass, field

# The first is set when the user is made, the others by one update each. No write covers another one, so every single
# write that was acknowledged can be looked for afterwards.
MEMBERS = ("bio", "title", "location", "regions", "organization")


@dataclass
class UserHistory:
    """The writes of one user, all sent by one writer, one after the other."""

    id: str
    acknowledged: dict[str, str] = field(default_factory=dict)
    # Refused with 503 or not answered: such a write may have been carried out or not.
    unknown: dict[str, str] = field(default_factory=dict)

    def broken_promises(self, row: dict[str, str] | None) -> list[str]:
        """Compares the history with the user as the database has it; `row` is None where there is no such user."""
        if row is None:
            return [f"{self.id}: lost, with {sorted(self.acknowledged)}"] if self.acknowledged else []
        return [problem for member in MEMBERS if (problem := self._problem(member, row.get(member) or ""))]

    def _problem(self, member: str, found: str) -> str | None:
        if member in self.acknowledged:
            wanted = self.acknowledged[member]
            return None if found == wanted else f"{self.id}: {member} was answered {wanted!r} and is {found!r}"
        if found not in ("", self.unknown.get(member, "")):
            return f"{self.id}: {member} is {found!r}, which nobody wrote"
        return None


def broken_promises(histories: list[UserHistory], rows: dict[str, dict[str, str]]) -> list[str]:
    """Every acknowledged write that is not in `rows` (id to members), and everything there that nobody wrote."""
    problems = [problem for history in histories for problem in history.broken_promises(rows.get(history.id))]
    known = {history.id for history in histories}
    return problems + [f"{id}: a user whom nobody made" for id in rows if id not in known]
