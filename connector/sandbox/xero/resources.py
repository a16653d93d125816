"""What the accounting API offers: each resource with its names, its rules and how it is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connector.sandbox.body import Body, text
from connector.sandbox.xero import accounts, bank, contacts, invoices, journals, payments, tracking
from connector.sandbox.xero.organisation import NO_ID, Organisation
from connector.sandbox.xero.refusals import Invalid

Create = Callable[[Organisation, Body], Body]
Update = Callable[[Organisation, Body, Body], Body]
Find = Callable[[Organisation, Body], Body | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource. `create` or `update` is None where it cannot be done here.

    `find` answers the kept one that a POST means; `one_a_call`: further elements are dropped in silence;
    `lines_field` is left empty in lists that are read without paging; `untold_field` is kept and never answered;
    `hides_deleted`: lists leave deleted ones out unless they are asked for.
    """

    kind: str
    id_field: str
    create: Create | None = None
    update: Update | None = None
    find: Find
    number_field: str = ""
    one_a_call: bool = False
    lines_field: str = ""
    untold_field: str = ""
    hides_deleted: bool = False


def _by_id(kind: str, id_field: str) -> Find:
    return lambda organisation, sent: organisation.shelf.get(kind, text(sent, id_field))


def _by_id_or_number(family: invoices.Family) -> Find:
    def find(organisation: Organisation, sent: Body) -> Body | None:
        key = text(sent, family.id_field) or text(sent, family.number_field)
        return invoices.find_document(organisation, family, key)

    return find


def _sales_documents(family: invoices.Family) -> Resource:
    return Resource(
        kind=family.kind,
        id_field=family.id_field,
        create=lambda organisation, sent: invoices.create_document(organisation, family, sent),
        update=lambda organisation, before, sent: invoices.update_document(organisation, family, before, sent),
        find=_by_id_or_number(family),
        number_field=family.number_field,
        lines_field="LineItems",
    )


def _add_currency(organisation: Organisation, sent: Body) -> Body:
    code = text(sent, "Code")
    if len(code) != 3 or not code.isupper():
        raise Invalid("Code must be a currency of three letters")
    body: Body = {"Code": code, "Description": text(sent, "Description") or code}
    organisation.shelf.put("Currencies", code, body)
    return body


_ALL = (
    _sales_documents(invoices.INVOICES),
    _sales_documents(invoices.CREDIT_NOTES),
    Resource(
        kind="Payments",
        id_field="PaymentID",
        create=payments.create_payment,
        update=payments.delete_payment,
        find=_by_id("Payments", "PaymentID"),
    ),
    Resource(
        kind=journals.KIND,
        id_field="ManualJournalID",
        create=journals.create_journal,
        update=journals.update_journal,
        find=_by_id(journals.KIND, "ManualJournalID"),
        lines_field="JournalLines",
    ),
    Resource(
        kind=bank.TRANSACTIONS,
        id_field="BankTransactionID",
        create=bank.create_transaction,
        update=bank.update_transaction,
        find=_by_id(bank.TRANSACTIONS, "BankTransactionID"),
        lines_field="LineItems",
    ),
    Resource(
        kind=bank.TRANSFERS,
        id_field="BankTransferID",
        create=bank.create_transfer,
        update=bank.delete_transfer,
        find=_by_id(bank.TRANSFERS, "BankTransferID"),
        untold_field="UpdatedDateUTC",
        hides_deleted=True,
    ),
    Resource(
        kind="Contacts",
        id_field="ContactID",
        create=contacts.create_contact,
        update=contacts.update_contact,
        find=contacts.find_contact,
    ),
    Resource(
        kind="Accounts",
        id_field="AccountID",
        create=accounts.create_account,
        update=accounts.update_account,
        find=_by_id("Accounts", "AccountID"),
        one_a_call=True,
    ),
    Resource(kind="TaxRates", id_field="TaxType", find=_by_id("TaxRates", "TaxType")),
    Resource(
        kind="TrackingCategories",
        id_field="TrackingCategoryID",
        create=tracking.create_category,
        find=_by_id("TrackingCategories", "TrackingCategoryID"),
        one_a_call=True,
    ),
    Resource(
        kind="Currencies", id_field="Code", create=_add_currency, find=_by_id("Currencies", "Code"), one_a_call=True
    ),
)
RESOURCES: Mapping[str, Resource] = {resource.kind.lower(): resource for resource in _ALL}


def options_of(category: Body) -> Resource:
    """The options of one tracking category, as a resource to create in."""
    return Resource(
        kind="Options",
        id_field="TrackingOptionID",
        create=lambda organisation, sent: tracking.create_option(organisation, category, sent),
        find=lambda organisation, sent: None,
        one_a_call=True,
    )


def refused_element(resource: Resource, invalid: Invalid, sent: Body) -> Body:
    """The element of a document that was refused: as sent, with an empty id and the reasons."""
    return invalid.element({**sent, resource.id_field: sent.get(resource.id_field) or NO_ID})
