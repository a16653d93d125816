"""The door of the accounting calls: token, tenant, limits, idempotency keys, and batches."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from connector.sandbox.body import Body, NotJson, children, decode, encode, text
from connector.sandbox.calls import Answer, Call
from connector.sandbox.oauth import OAuthDesk
from connector.sandbox.throttle import Throttle
from connector.sandbox.xero.attachments import attach, attached
from connector.sandbox.xero.organisation import TENANT, Organisation, wire_instant
from connector.sandbox.xero.profile import actions_body, organisation_body
from connector.sandbox.xero.reading import read_list, read_one
from connector.sandbox.xero.refusals import Invalid, Malformed, not_found, validation_failed
from connector.sandbox.xero.reports import trial_balance_report
from connector.sandbox.xero.resources import RESOURCES, Resource, options_of, refused_element

_KEY_LIFE = timedelta(minutes=6)
_KEY_LIMIT = 128
_BATCH_LIMIT = 50
_APP_MINUTE = 10_000


class Gateway:
    """Answers the calls under /api.xro/2.0; every answer carries the limits that are left."""

    def __init__(self, organisation: Organisation, desk: OAuthDesk) -> None:
        self._organisation = organisation
        self._desk = desk
        self._by_minute = Throttle(timedelta(minutes=1), organisation.clock)
        self._by_day = Throttle(timedelta(days=1), organisation.clock)

    def answer(self, call: Call) -> Answer:
        """The answer to one accounting call."""
        answer = self._door(call) or self._remembered(call)
        return replace(answer, headers={**answer.headers, **self._limits(), "Xero-Correlation-Id": str(uuid.uuid4())})

    def connections(self, call: Call) -> Answer:
        """GET /connections: the one organisation consent was given for."""
        standing = self._desk.standing(call.headers.get("authorization", ""))
        if standing != "good":
            return _unauthorised(standing)
        connection: Body = {
            "id": str(uuid.uuid5(uuid.UUID(TENANT), "connection")),
            "tenantId": TENANT,
            "tenantType": "ORGANISATION",
            "tenantName": self._organisation.name,
            "createdDateUtc": "2026-01-01T08:00:00.0000000",
            "updatedDateUtc": "2026-01-01T08:00:00.0000000",
        }
        return Answer(body=[connection])

    def _door(self, call: Call) -> Answer | None:
        standing = self._desk.standing(call.headers.get("authorization", ""))
        if standing != "good":
            return _unauthorised(standing)
        if call.headers.get("xero-tenant-id") != TENANT:
            problem: Body = {"Title": "Forbidden", "Status": 403, "Detail": "AuthenticationUnsuccessful"}
            return Answer(status=403, body={**problem, "Instance": str(uuid.uuid4())})
        settings = self._organisation.settings
        if not self._by_minute.lets_through(TENANT, settings.count("calls_per_minute")):
            return _too_many("minute", self._by_minute.seconds_to_wait(TENANT))
        if not self._by_day.lets_through(TENANT, settings.count("calls_per_day")):
            return _too_many("day", self._by_day.seconds_to_wait(TENANT))
        return None

    def _limits(self) -> dict[str, str]:
        settings = self._organisation.settings
        minute = (settings.count("calls_per_minute") or _APP_MINUTE) - self._by_minute.count(TENANT)
        day = (settings.count("calls_per_day") or _APP_MINUTE) - self._by_day.count(TENANT)
        return {
            "X-MinLimit-Remaining": str(minute),
            "X-DayLimit-Remaining": str(day),
            "X-AppMinLimit-Remaining": str(_APP_MINUTE - self._by_minute.count(TENANT)),
        }

    def _remembered(self, call: Call) -> Answer:
        """The answer of six minutes ago or less to the same key, or a new one, committed together with its key."""
        key = call.headers.get("idempotency-key", "")
        if not key or call.method not in ("PUT", "POST"):
            return self._guarded(call)
        if len(key) > _KEY_LIMIT:
            return Malformed(f"The idempotency key must be {_KEY_LIMIT} characters or fewer").answer
        shelf, now = self._organisation.shelf, self._organisation.clock()
        said = f"{call.method} {call.path.lower()} {sorted(call.query.items())}".encode() + call.content
        digest = hashlib.sha256(said).hexdigest()
        kept = shelf.get("key", key)
        if kept and now - datetime.fromisoformat(text(kept, "at")) < _KEY_LIFE:
            if kept["digest"] != digest:
                return Malformed("The idempotency key was used before with another request", kind="Idempotency").answer
            return Answer(status=200 if kept["ok"] else 400, body=kept["answer"])
        with shelf.transaction():
            answer = self._guarded(call)
            if answer.status in (200, 400):
                written = decode(encode(answer.body))
                body: Body = {"digest": digest, "at": now.isoformat(), "ok": answer.status == 200, "answer": written}
                shelf.put("key", key, body)
        return answer

    def _guarded(self, call: Call) -> Answer:
        try:
            with self._organisation.shelf.transaction():
                return self._act(call)
        except Malformed as malformed:
            return malformed.answer
        except NotJson as error:
            return Malformed(str(error), number=17, kind="JsonParseException").answer
        except _Refused as refused:
            return validation_failed(refused.elements)

    def _act(self, call: Call) -> Answer:
        name, _, rest = call.path_values["path"].lower().strip("/").partition("/")
        if (name, rest, call.method) == ("organisation", "", "GET"):
            return self._enveloped({"Organisations": [organisation_body(self._organisation)]})
        if (name, rest, call.method) == ("organisation", "actions", "GET"):
            return self._enveloped(actions_body(self._organisation))
        if (name, rest, call.method) == ("reports", "trialbalance", "GET"):
            return self._enveloped(trial_balance_report(self._organisation))
        resource = RESOURCES.get(name)
        if resource is None:
            return not_found()
        id_, _, part = rest.partition("/")
        kept = resource.find(self._organisation, {resource.id_field: _as_written(call, id_)}) if id_ else None
        if id_ and kept is None:
            return not_found()
        if part:
            return self._part(call, resource, part, kept or {})
        if call.method == "GET":
            return self._read(call, resource, kept)
        return self._write(call, resource, kept)

    def _part(self, call: Call, resource: Resource, part: str, kept: Body) -> Answer:
        if part.startswith("attachments") and "HasAttachments" in kept:
            return self._attachments(call, text(kept, resource.id_field))
        if resource.kind != "TrackingCategories" or part != "options" or call.method != "PUT":
            return not_found()
        return self._write(call, options_of(kept), None)

    def _attachments(self, call: Call, document_id: str) -> Answer:
        name = "/".join(call.path_values["path"].strip("/").split("/")[3:])
        if call.method == "GET" and not name:
            return self._enveloped({"Attachments": attached(self._organisation, document_id)})
        if call.method == "GET" or not name:
            return not_found()
        try:
            return self._enveloped({"Attachments": [attach(self._organisation, document_id, name, call.content)]})
        except Invalid as invalid:
            return Malformed(str(invalid), number=10, kind="ValidationException").answer

    def _read(self, call: Call, resource: Resource, kept: Body | None) -> Answer:
        if kept is not None:
            return self._enveloped({resource.kind: [read_one(self._organisation, resource, kept)]})
        return self._enveloped(read_list(self._organisation, resource, call))

    def _write(self, call: Call, resource: Resource, kept: Body | None) -> Answer:
        act = self._creating(resource) if call.method == "PUT" else self._saving(resource, kept)
        if act is None:
            return not_found()
        written, refused = self._each(resource, _elements(resource, call.json()), act)
        answers_each = _wants_each(call) and not resource.one_a_call
        if refused and not answers_each:
            raise _Refused(refused)
        return self._enveloped({resource.kind: written})

    def _creating(self, resource: Resource) -> Callable[[Body], Body] | None:
        create = resource.create
        return None if create is None else lambda sent: create(self._organisation, sent)

    def _saving(self, resource: Resource, kept: Body | None) -> Callable[[Body], Body] | None:
        """POST: what is already there under this id, number or name is overwritten, anything else is created."""
        create, update = resource.create, resource.update
        if create is None or update is None:
            return None

        def save(sent: Body) -> Body:
            before = kept or resource.find(self._organisation, sent)
            return create(self._organisation, sent) if before is None else update(self._organisation, before, sent)

        return save

    def _each(
        self, resource: Resource, elements: list[Body], act: Callable[[Body], Body]
    ) -> tuple[list[Body], list[Body]]:
        """Every element's answer in the order sent, and again those that were refused."""
        answers: list[Body] = []
        refused: list[Body] = []
        for sent in elements:
            try:
                with self._organisation.shelf.transaction():
                    kept = act(sent)
                answers.append({**read_one(self._organisation, resource, kept), "StatusAttributeString": "OK"})
            except Invalid as invalid:
                element = refused_element(resource, invalid, sent)
                answers.append(element)
                refused.append(element)
        return answers, refused

    def _enveloped(self, content: Body) -> Answer:
        envelope: Body = {
            "Id": str(uuid.uuid4()),
            "Status": "OK",
            "ProviderName": "Connector",
            "DateTimeUTC": wire_instant(self._organisation.clock()).replace("+0000", ""),
        }
        return Answer(body={**envelope, **content})


class _Refused(Exception):
    """Some elements were refused and the caller did not ask for errors one by one: nothing is kept."""

    def __init__(self, elements: list[Body]) -> None:
        super().__init__(f"{len(elements)} refused")
        self.elements = elements


def _elements(resource: Resource, sent: Body) -> list[Body]:
    elements = children(sent, resource.kind) if resource.kind in sent else [sent]
    if not elements:
        raise Malformed(f"{resource.kind} is empty")
    if resource.one_a_call:
        return elements[:1]
    if len(elements) > _BATCH_LIMIT:
        raise Malformed(f"{_BATCH_LIMIT} {resource.kind} a call at most")
    return elements


def _wants_each(call: Call) -> bool:
    query = {name.lower(): value.lower() for name, value in call.query.items()}
    return query.get("summarizeerrors") == "false"


def _as_written(call: Call, id_: str) -> str:
    """The id with the letters of the call; ids are lower case, numbers and codes may not be."""
    return call.path_values["path"].strip("/").split("/")[1] if id_ else ""


def _unauthorised(standing: str) -> Answer:
    detail = "TokenExpired: token expired" if standing == "expired" else "AuthenticationUnsuccessful"
    body: Body = {"Title": "Unauthorized", "Status": 401, "Detail": detail, "Instance": str(uuid.uuid4())}
    return Answer(status=401, body=body)


def _too_many(problem: str, seconds: int) -> Answer:
    return Answer(status=429, headers={"X-Rate-Limit-Problem": problem, "Retry-After": str(seconds)})
