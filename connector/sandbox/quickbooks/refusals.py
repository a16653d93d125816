"""How QuickBooks says no: one fault with one error for each thing that is wrong."""

from dataclasses import dataclass
from datetime import datetime

from connector.sandbox.body import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """One error of a fault; `code` is text on the wire, `element` names the field where QuickBooks does."""

    code: str
    message: str
    detail: str
    element: str = ""


class Refused(Exception):
    """The books refuse the call, for one or several reasons; nothing was written."""

    def __init__(self, *wrongs: Wrong) -> None:
        super().__init__("; ".join(wrong.detail for wrong in wrongs))
        self.wrongs = wrongs

    def body(self, at: datetime) -> Body:
        """The fault as it goes out with HTTP 400."""
        errors: list[Body] = [
            {"Message": wrong.message, "Detail": wrong.detail, "code": wrong.code, "element": wrong.element}
            for wrong in self.wrongs
        ]
        return {"Fault": {"Error": errors, "type": "ValidationFault"}, "time": at.isoformat(timespec="milliseconds")}


def missing(field: str) -> Wrong:
    """A required value was not sent."""
    return Wrong(
        code="2020",
        message="Required param missing, need to supply the required value for the API",
        detail=f"Required parameter {field} is missing in the request",
        element=field,
    )


def too_long(field: str, limit: int) -> Wrong:
    """A text does not fit."""
    return Wrong(
        code="2050",
        message="Invalid String Length",
        detail=f"Invalid String Length. Max length for {field} is {limit}",
        element=field,
    )


def not_a_number(field: str) -> Wrong:
    """An amount is not a JSON number with at most two decimals."""
    return Wrong(code="2080", message="Invalid Number", detail=f"Invalid Number format for {field}", element=field)


def bad_reference(kind: str, id: str, field: str) -> Wrong:  # noqa: A002
    """A reference leads nowhere."""
    return Wrong(
        code="2500",
        message="Invalid Reference Id",
        detail=f"Invalid Reference Id : {kind} element id {id} not found",
        element=field,
    )


def gone(what: str) -> Wrong:
    """The object is deleted, unknown or inactive."""
    return Wrong(
        code="610",
        message="Object Not Found",
        detail=f"Object Not Found : Something you're trying to use has been made inactive. Check {what}.",
    )


def rule(detail: str) -> Wrong:
    """A business rule is broken."""
    return Wrong(
        code="6000", message="A business validation error has occurred while processing your request", detail=detail
    )


def stale(token: str) -> Wrong:
    """Somebody changed the object after the caller read it."""
    return Wrong(
        code="5010",
        message="Stale Object Error",
        detail=f"Stale Object Error : You and another user were working on the same thing. SyncToken sent: {token}",
    )


def bad_query(detail: str, code: str = "4000") -> Wrong:
    """The query does not parse (4000) or asks for what cannot be asked (4001)."""
    message = "Error parsing query" if code == "4000" else "Invalid query"
    return Wrong(code=code, message=message, detail=f"QueryValidationError: {detail}")
