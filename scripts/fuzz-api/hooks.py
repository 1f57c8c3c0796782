"""What Schemathesis must know of the service beyond its OpenAPI document.

A JSON schema cannot say everything that the service asks of a request. The failures that come of that are dropped here,
each by the very rule that no schema can state; everything else that Schemathesis finds counts.
"""

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.generation.meta import TestPhase
from schemathesis.openapi.checks import RejectedPositiveData

# Members that hold any text, and the parameter that is searched for.
TEXTS = (
    "avatar", "bio", "country", "email", "firstName", "first_name", "lastName", "last_name", "location", "organization",
    "phone", "regions", "title", "username", "query",
)

# Rules of 422 that no schema states: where the value stands, and the rule that it breaks.
BEYOND_SCHEMAS = {
    # No schema knows today's date.
    ("birthday", "OUT_OF_RANGE"),
    ("last_seen", "OUT_OF_RANGE"),
    ("last_typed", "OUT_OF_RANGE"),
    # A second of 60 is one only where a leap second can be.
    ("last_seen", "INVALID_FORMAT"),
    ("last_typed", "INVALID_FORMAT"),
    # The tables of ISO 3166-1, and those of Unicode.
    ("country", "INVALID_FORMAT"),
    ("username", "INVALID_FORMAT"),
    ("firstName", "BLANK"),
    ("lastName", "BLANK"),
    ("first_name", "BLANK"),
    ("last_name", "BLANK"),
    # Patterns say which characters may stand there, and not in which order.
    ("avatar", "INVALID_FORMAT"),
    ("email", "INVALID_FORMAT"),
    ("phone", "INVALID_FORMAT"),
    # Octets are counted, not characters.
    ("email", "TOO_LONG"),
    # Blank texts, and noncharacters beyond what every tool's patterns can name.
    *((member, "BLANK") for member in ("country", "location", "organization", "regions", "title")),
    *((member, "CONTROL_CHARACTER") for member in TEXTS),
    # `.` and `..`, and the words of `OTHER_PATHS`.
    ("id", "INVALID_FORMAT"),
    ("id", "RESERVED"),
    # It must be the id of the path.
    ("id", "IMMUTABLE"),
    # JSON Schema takes 1.0 for an integer; the service does not.
    ("id", "INVALID_TYPE"),
    ("limit", "INVALID_TYPE"),
    ("offset", "INVALID_TYPE"),
    # A cursor is valid if the service made it, and if nothing else says where the page begins.
    ("cursor", "INVALID_FORMAT"),
    ("offset", "MUTUALLY_EXCLUSIVE"),
}


# In the place of an id these words make another path, with other methods.
OTHER_PATHS = ("bulk", "count", "search")


@schemathesis.hook
def map_case(context, case):
    """Makes of most requests that would be refused for such a rule some that are not."""
    if (case.path_parameters or {}).get("id") in OTHER_PATHS:
        case.path_parameters["id"] += "s"
    if not case.meta or not case.meta.generation.mode.is_positive:
        return case
    if isinstance(case.query, dict) and not is_our_cursor(case.query.get("cursor", "")):
        case.query.pop("cursor", None)
    if isinstance(case.body, dict) and "id" in case.body and "id" in (case.path_parameters or {}):
        case.body["id"] = case.path_parameters["id"]
    drop_aliases(case.body)
    if case.meta.phase.name is TestPhase.STATEFUL:
        # A user whose deletion was only tried is still there, and one whose creation is answered again may be gone.
        if isinstance(case.query, dict):
            case.query.pop("dry_run", None)
        case.headers.pop("Idempotency-Key", None)
    return case


def drop_aliases(value):
    """Takes the names out under which a member stands a second time: a user may have each once."""
    if isinstance(value, list):
        for item in value:
            drop_aliases(item)
    elif isinstance(value, dict):
        for alias, name in (("first_name", "firstName"), ("last_name", "lastName")):
            if name in value:
                value.pop(alias, None)
        for item in value.values():
            drop_aliases(item)


def is_our_cursor(text):
    """Whether it begins as the cursors do that the service makes: with the `1` of their version, in base64."""
    return isinstance(text, str) and text.startswith("M")


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if isinstance(failure, RejectedPositiveData):
        return not is_beyond_schemas(case, response)
    if isinstance(failure, AcceptedNegativeData):
        return not (is_ignored_body(case) or is_refused_by_item(case, response))
    return True


def is_beyond_schemas(case, response):
    """Whether a valid request was refused for nothing but what no schema states."""
    if response.status_code != 422:
        return False
    if case.method == "HEAD":
        # It is refused as a GET is, without a body that could tell why.
        return True
    problem = response.json()
    if problem["code"] == "IDEMPOTENCY_KEY_REUSED":
        return True
    errors = problem.get("errors", [])
    if case.media_type == "application/json-patch+json":
        # What an operation may do depends on what the user is; which form it has does not.
        return bool(errors) and not any(is_about_form(error) for error in errors)
    places = {(error["pointer"].rsplit("/", 1)[-1], error["code"]) for error in errors}
    return bool(places) and places <= BEYOND_SCHEMAS


def is_about_form(error):
    """Whether an error is about a member of an operation of a JSON patch that the schema describes."""
    member = error["pointer"].rsplit("/", 1)[-1]
    return error["code"] == "MISSING_MEMBER" or (member in ("op", "path", "from") and error["code"] != "NO_SUCH_PLACE")


def is_ignored_body(case):
    """Whether the body of a GET is wrong, which is read only where there is no query; that was taken as it is."""
    if case.method not in ("GET", "HEAD") or not case.query:
        return False
    negated = {location.name for location, info in case.meta.components.items() if info.mode.is_negative}
    # What is said to be wrong with the query may be right: every value in it is text.
    return "BODY" in negated and negated <= {"BODY", "QUERY"}


def is_refused_by_item(case, response):
    """Whether items of a bulk request are wrong, which is told of each by itself in an answer of 200."""
    return case.path.endswith("/bulk") and response.status_code == 200 and response.json()["failed"] > 0
