"""The door of the accounting calls: token, limits, request ids, and which rule answers which path."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from connector.sandbox.body import Body, NotJson, decode, encode, text
from connector.sandbox.calls import Answer, Call
from connector.sandbox.oauth import OAuthDesk
from connector.sandbox.quickbooks.attachables import uploaded
from connector.sandbox.quickbooks.capture import captured
from connector.sandbox.quickbooks.company import REALM, Company
from connector.sandbox.quickbooks.forms import FORMS, form_kind, with_balance
from connector.sandbox.quickbooks.journals import create_journal, delete_journal, update_journal
from connector.sandbox.quickbooks.lists import account_answer, save_account, save_item, save_person, save_place
from connector.sandbox.quickbooks.payments import BILL_PAYMENT, PAYMENT
from connector.sandbox.quickbooks.profile import company_info, preferences
from connector.sandbox.quickbooks.query import parse_query, run_query
from connector.sandbox.quickbooks.refusals import Refused, Wrong, gone
from connector.sandbox.quickbooks.transfers import create_transfer, delete_transfer, update_transfer
from connector.sandbox.quickbooks.written import Kind, create, delete, update, void
from connector.sandbox.throttle import Throttle

_REQUEST_ID_LIMIT = 50
_FORMS = {name: form_kind(name) for name in FORMS} | {kind.name: kind for kind in (PAYMENT, BILL_PAYMENT)}
_OPEN_ITEMS = frozenset({"Invoice", "CreditMemo", "Bill"})
_KINDS = (
    "Account", "JournalEntry", "Transfer", "Department", "Class", "TaxCode", "TaxRate", "Customer", "Vendor", "Item",
    "Attachable", "CompanyInfo", "Preferences", *_FORMS,
)  # fmt: skip
_KIND_OF = {kind.lower(): kind for kind in _KINDS}

_Write = Callable[[Company, Body], Body]

_TRANSACTIONS: Mapping[str, tuple[_Write, _Write, _Write]] = {
    "JournalEntry": (create_journal, update_journal, delete_journal),
    "Transfer": (create_transfer, update_transfer, delete_transfer),
}


class Gateway:
    """Answers the calls under /v3/company; every answer carries its own intuit_tid."""

    def __init__(self, company: Company, desk: OAuthDesk) -> None:
        self._company = company
        self._desk = desk
        self._by_second = Throttle(timedelta(seconds=1), company.clock)
        self._by_minute = Throttle(timedelta(minutes=1), company.clock)

    def answer(self, call: Call) -> Answer:
        """The answer to one accounting call."""
        answer = self._door(call) or self._decide(call)
        return replace(answer, headers={**answer.headers, "intuit_tid": f"1-{uuid.uuid4()}"})

    def _door(self, call: Call) -> Answer | None:
        standing = self._desk.standing(call.headers.get("authorization", ""))
        if standing != "good":
            return _closed(call, 401, "3200", f"Token {standing}: AuthenticationFailed", "AUTHENTICATION")
        if call.path_values["realm"] != REALM:
            return _closed(call, 403, "3100", "ApplicationAuthorizationFailed", "AuthorizationFault")
        settings = self._company.settings
        if not self._by_second.lets_through(REALM, settings.count("calls_per_second")):
            return Answer(status=429)
        if not self._by_minute.lets_through(REALM, settings.count("calls_per_minute")):
            return Answer(status=429)
        return None

    def _decide(self, call: Call) -> Answer:
        request_id = call.query.get("requestid", "") if call.method == "POST" else ""
        if len(request_id) > _REQUEST_ID_LIMIT:
            return self._refusal(Refused(Wrong(code="2130", message="Invalid requestid", detail="requestid too long")))
        kept = self._company.shelf.get("request", request_id) if request_id else None
        if kept is not None:
            return Answer(status=200 if kept["ok"] else 400, body=kept["answer"])
        try:
            with self._company.shelf.transaction():
                answer = Answer(body={**self._act(call), "time": self._time()})
                self._remember(request_id, answer)
        except Refused as refused:
            answer = self._refusal(refused)
            self._remember(request_id, answer)
        except NotJson as error:
            wrong = Wrong(code="2010", message="Request has invalid or unsupported property", detail=str(error))
            return self._refusal(Refused(wrong))
        return answer

    def _remember(self, request_id: str, answer: Answer) -> None:
        if request_id:
            kept: Body = {"ok": answer.status == 200, "answer": decode(encode(answer.body))}
            self._company.shelf.put("request", request_id, kept)

    def _refusal(self, refused: Refused) -> Answer:
        return Answer(status=400, body=refused.body(self._company.now()))

    def _time(self) -> str:
        return self._company.now().isoformat(timespec="milliseconds")

    def _act(self, call: Call) -> Body:
        resource = call.path_values["resource"].lower()
        if resource == "query":
            statement = call.content.decode() if call.method == "POST" else call.query.get("query", "")
            query = parse_query(statement, _KINDS)
            return {"QueryResponse": run_query(query, self._bodies(query.kind))}
        if resource == "cdc" and call.method == "GET":
            return captured(self._company, call.query, frozenset(_TRANSACTIONS) | frozenset(_FORMS), self._bodies)
        if resource == "upload" and call.method == "POST":
            return uploaded(self._company, call)
        kind = _KIND_OF.get(resource)
        if kind is None:
            raise Refused(_unsupported(call))
        if call.method == "GET":
            return {kind: self._read(kind, call.path_values.get("id", ""))}
        return {kind: self._write(call, kind)}

    def _read(self, kind: str, id: str) -> Body:  # noqa: A002
        for body in self._bodies(kind) if kind in ("CompanyInfo", "Preferences") else ():
            return body
        kept = self._company.shelf.get(kind, id)
        if kept is None:
            raise Refused(gone(f"{kind} {id}"))
        return self._as_read(kind, kept)

    def _bodies(self, kind: str) -> list[Body]:
        if kind == "CompanyInfo":
            return [company_info(self._company)]
        if kind == "Preferences":
            return [preferences(self._company)]
        return [self._as_read(kind, body) for body in self._company.shelf.all(kind)]

    def _as_read(self, kind: str, body: Body) -> Body:
        if kind == "Account":
            return account_answer(self._company, body)
        return with_balance(self._company, body, kind) if kind in _OPEN_ITEMS else body

    def _write(self, call: Call, kind: str) -> Body:
        sent = call.json()
        if kind in _TRANSACTIONS:
            create, update, delete = _TRANSACTIONS[kind]
            if call.query.get("operation") == "delete":
                return delete(self._company, sent)
            return (update if text(sent, "Id") else create)(self._company, sent)
        if kind in _FORMS:
            return self._as_read(kind, _write_form(self._company, _FORMS[kind], sent, call.query))
        if kind == "Account":
            return save_account(self._company, sent)
        if kind in ("Customer", "Vendor"):
            return save_person(self._company, kind, sent)
        if kind in ("Department", "Class"):
            return save_place(self._company, kind, sent)
        if kind == "Item":
            return save_item(self._company, sent)
        raise Refused(_unsupported(call))


def _write_form(company: Company, kind: Kind, sent: Body, query: Mapping[str, str]) -> Body:
    """An invoice is voided by an operation of its own; the others by an update that includes it."""
    if query.get("operation") == "delete":
        return delete(company, kind, sent)
    if query.get("include") == "void" or (query.get("operation") == "void" and kind.name == "Invoice"):
        return void(company, kind, sent)
    return (update if text(sent, "Id") else create)(company, kind, sent)


def _unsupported(call: Call) -> Wrong:
    return Wrong(code="500", message="Unsupported Operation", detail=f"Operation {call.path} is not supported.")


def _closed(call: Call, status: int, code: str, message: str, type_: str) -> Answer:
    """The answer of the outer door, which speaks lower-case JSON, or XML to whoever did not ask for JSON."""
    if "json" not in call.headers.get("accept", ""):
        xml = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            '<IntuitResponse xmlns="http://schema.intuit.com/finance/v3">'
            f'<Fault type="{type_}"><Error code="{code}"><Message>{message}</Message></Error></Fault></IntuitResponse>'
        )
        return Answer(status=status, body=xml.encode(), headers={"content-type": "application/xml"})
    error: Body = {"message": message, "detail": message, "code": code, "element": None}
    return Answer(status=status, body={"fault": {"error": [error], "type": type_}, "warnings": None})
