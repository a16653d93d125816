"""The seller whose reports and transactions the stand-in shows: what lies on its shelf, and one change of it."""

import base64
import gzip
from collections.abc import Callable
from datetime import datetime, timedelta

from connector.sandbox.amazon_chain import AMERICAN, CANADIAN, DELIVERED_TWICE, NEXT, Plan
from connector.sandbox.amazon_deferrals import CANARY, MARKETPLACE_IDS, deferrals
from connector.sandbox.body import Body, children, text
from connector.sandbox.shelf import Shelf

CANARIES = (CANARY,)
"""Texts that no connector needs to keep."""

SETTLEMENT_TYPE = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
_MADE_AFTER = timedelta(hours=3)
_AGAIN_AFTER = timedelta(days=3)
_STALE = timedelta(days=31)


def fill(shelf: Shelf) -> None:
    """Three months of two marketplaces on an empty shelf; one that was filled before is left as it is."""
    if shelf.all("amazon-report"):
        return
    plans = sorted((*AMERICAN, *CANADIAN), key=lambda plan: plan.ends)
    with shelf.transaction():
        for plan in plans:
            report(shelf, plan, plan.ends + _MADE_AFTER)
        again = next(plan for plan in plans if plan.settlement_id == DELIVERED_TWICE)
        places = tuple(MARKETPLACE_IDS.values())
        report(shelf, again, again.ends + _MADE_AFTER + _AGAIN_AFTER, places=places, is_packed=False)
        _strangers(shelf, plans[-1].ends)
        for deferral in deferrals():
            shelf.put("amazon-transaction", f"D-{deferral.name}", deferral.body)


def bring_up_to_date(shelf: Shelf, now: datetime) -> None:
    """Amazon lists reports for 90 days only. Where the newest is over a month old, all were made so many days later,
    and all transactions posted, that the seller still sells today. What the settlements hold stays as it is."""
    reports = shelf.all("amazon-report")
    newest = max((datetime.fromisoformat(text(each, "createdTime")) for each in reports), default=now)
    if now - newest < _STALE:
        return
    later = timedelta(days=(now - newest).days - 1)
    with shelf.transaction():
        for each in reports:
            shelf.put("amazon-report", text(each, "reportId"), each | _later(each, "createdTime", later))
        for each in shelf.all("amazon-transaction"):
            contexts = [context | _later(context, "maturityDate", later) for context in children(each, "contexts")]
            moved = each | _later(each, "postedDate", later) | {"contexts": contexts}
            shelf.put("amazon-transaction", text(each, "transactionId"), moved)


def _later(body: Body, name: str, by: timedelta) -> Body:
    return {name: (datetime.fromisoformat(text(body, name)) + by).isoformat()}


def change(shelf: Shelf) -> None:
    """The next settlement of Amazon.com arrives, and the oldest transaction that was held back is released."""
    newest = max(datetime.fromisoformat(text(each, "createdTime")) for each in shelf.all("amazon-report"))
    report(shelf, NEXT, newest + timedelta(hours=1))
    held = [each for each in shelf.all("amazon-transaction") if text(each, "transactionStatus") == "DEFERRED"]
    oldest = min(held, key=lambda each: text(each, "postedDate"))
    shelf.put("amazon-transaction", text(oldest, "transactionId"), oldest | {"transactionStatus": "DEFERRED_RELEASED"})


def plain(plan: Plan) -> bytes:
    """A report as North America writes it."""
    return plan.content


def report(
    shelf: Shelf,
    plan: Plan,
    made: datetime,
    *,
    places: tuple[str, ...] = (),
    is_packed: bool = True,
    write: Callable[[Plan], bytes] = plain,
) -> None:
    """Puts a settlement's report on the shelf, done, as Amazon makes it by itself."""
    number = shelf.next_number("amazon-report")
    name, content = f"5016902062{number:02}", write(plan)
    packed = gzip.compress(content, mtime=number) if is_packed else content  # two deliveries differ in their bytes
    kept: Body = {"content": base64.b64encode(packed).decode(), "packed": is_packed}
    shelf.put("amazon-document", f"amzn1.spdoc.1.4.na.{name}", kept)
    body: Body = {
        "reportId": name,
        "reportType": SETTLEMENT_TYPE,
        "processingStatus": "DONE",
        "createdTime": made.isoformat(),
        "dataStartTime": plan.starts.isoformat(),
        "dataEndTime": plan.ends.isoformat(),
        "marketplaceIds": list(places) or [MARKETPLACE_IDS[plan.marketplace]],
        "reportDocumentId": f"amzn1.spdoc.1.4.na.{name}",
        "settlement": plan.settlement_id,
    }
    shelf.put("amazon-report", name, body)


def _strangers(shelf: Shelf, made: datetime) -> None:
    """Reports that a listing of settlements must leave out: another type, and one that is not done."""
    for name, kind, status in (
        ("70000000001", "GET_MERCHANT_LISTINGS_ALL_DATA", "DONE"),
        ("70000000002", SETTLEMENT_TYPE, "IN_QUEUE"),
    ):
        body: Body = {
            "reportId": name,
            "reportType": kind,
            "processingStatus": status,
            "createdTime": made.isoformat(),
            "marketplaceIds": list(MARKETPLACE_IDS.values()),
        }
        shelf.put("amazon-report", name, body)
