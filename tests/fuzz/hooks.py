"""Steers schemathesis through a scene: ids that exist, every role in turn, conditions that hold.

Every choice is a function of the case itself, so that the same seed asks the same.
"""

import atexit
import copy
import json
import os
import re
import threading
import zlib
from collections import Counter

import schemathesis
from schemathesis.generation import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.transport.serialization import serialize_binary

with open(os.environ["JTC_FUZZ_SCENE"]) as file:
    SCENE = json.load(file)
THINGS = SCENE["things"]
PEOPLE = SCENE["people"]
# Ends what everything after it needs; asked as a dry run.
ENDS = {"log_out", "end_session", "change_password", "end_role", "cancel_call", "withdraw_proposal"}

counts = Counter()
lock = threading.Lock()


@atexit.register
def report():
    with open(os.environ["JTC_FUZZ_COUNTS"], "w") as file:
        json.dump([[role, status, count] for (role, status), count in sorted(counts.items())], file)


def dice(case, purpose, sides):
    """A number below `sides` that the case and the purpose decide."""
    text = repr((purpose, case.method, case.path, case.path_parameters, case.query, case.body))
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) % sides


def generated_wrong(case, location):
    component = case.meta.components.get(location) if case.meta else None
    return component is not None and component.mode is GenerationMode.NEGATIVE


def allowed_roles(case):
    """Who may call it, as the document says."""
    description = case.operation.definition.raw.get("description", "")
    match = re.search(r"For: ([a-z_, ]+)\.", description)
    roles = match.group(1).split(", ") if match else []
    return [(name, token) for name, token in PEOPLE if name.removeprefix("other_") in roles]


def example(case):
    """The document's example of the body."""
    content = case.operation.definition.raw.get("requestBody", {}).get("content", {})
    for media in content.values():
        return media.get("example")


@schemathesis.serializer(
    "application/offset+octet-stream",
    "application/pdf",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
def bytes_of_a_file(context, value):
    return serialize_binary(value)


@schemathesis.hook
def before_call(context, case, kwargs):
    name = case.operation.definition.raw["operationId"]
    # Half of the requests come from somebody who may, so that they reach what lies behind the rights.
    people = allowed_roles(case) if dice(case, "allowed", 2) else []
    people = people or PEOPLE
    role, token = people[dice(case, "role", len(people))]
    if case.path_parameters and not generated_wrong(case, ParameterLocation.PATH):
        for parameter in case.path_parameters:
            known = THINGS.get(parameter)
            if known and dice(case, parameter, 8):
                case.path_parameters[parameter] = known[dice(case, parameter + "!", len(known))]
    # Half of the bodies make sense, so that they reach what lies behind the rules.
    body = example(case)
    if body is not None and not generated_wrong(case, ParameterLocation.BODY) and dice(case, "body", 2):
        case.body = copy.deepcopy(body)
    if case.method != "GET":
        if not generated_wrong(case, ParameterLocation.HEADER) and dice(case, "If-Match", 8):
            case.headers["If-Match"] = "*"
        if not generated_wrong(case, ParameterLocation.QUERY) and name in ENDS:
            case.query = {**(case.query or {}), "dry_run": "true"}
    # Which texts are countries no schema says.
    if case.query and "country" in case.query and not generated_wrong(case, ParameterLocation.QUERY):
        case.query["country"] = "DE"
    case.headers.pop("Authorization", None)
    if token:
        case.headers["Authorization"] = f"Bearer {token}"
    case.headers["X-Request-Id"] = f"fuzz-{role.replace('_', '-')}"


@schemathesis.hook
def after_call(context, case, response):
    role = response.request.headers.get("X-Request-Id", "none")
    with lock:
        counts[role, response.status_code] += 1
