"""Contacts: customers and suppliers, each with a name of its own."""

from connector.sandbox.body import Body, child, text
from connector.sandbox.xero.organisation import Organisation
from connector.sandbox.xero.refusals import Invalid

_KIND = "Contacts"
_NAME_LIMIT = 255


def create_contact(organisation: Organisation, sent: Body) -> Body:
    """A new contact. Raises Invalid when the name is missing, too long or taken."""
    name = text(sent, "Name").strip()
    if not name or len(name) > _NAME_LIMIT:
        raise Invalid(f"The contact name must be given and be {_NAME_LIMIT} characters or fewer.")
    if organisation.shelf.marked(_KIND, name.lower()):
        raise Invalid(
            f"The contact name {name} is already assigned to another contact."
            " The contact name must be unique across all active contacts."
        )
    return _keep(organisation, {**sent, "Name": name, "ContactID": organisation.new_id(_KIND)})


def update_contact(organisation: Organisation, before: Body, sent: Body) -> Body:
    """The contact with the fields that were sent."""
    return _keep(organisation, {**before, **sent, "ContactID": before["ContactID"]})


def find_contact(organisation: Organisation, sent: Body) -> Body | None:
    """The contact meant by ContactID or Name."""
    if text(sent, "ContactID"):
        return organisation.shelf.get(_KIND, text(sent, "ContactID"))
    return next(iter(organisation.shelf.marked(_KIND, text(sent, "Name").strip().lower())), None)


def contact_of(organisation: Organisation, sent: Body) -> Body:
    """The contact of a document in short form; a new name makes a new contact, as in Xero. Raises Invalid."""
    wish = child(sent, "Contact")
    if not text(wish, "ContactID") and not text(wish, "Name"):
        raise Invalid("A Contact must be specified for this type of transaction")
    contact = find_contact(organisation, wish)
    if contact is None and text(wish, "ContactID"):
        raise Invalid("The contact with the specified contact details could not be found")
    kept = contact or create_contact(organisation, wish)
    return {"ContactID": kept["ContactID"], "Name": kept["Name"]}


def _keep(organisation: Organisation, contact: Body) -> Body:
    body: Body = {"ContactStatus": "ACTIVE", "IsSupplier": False, "IsCustomer": False, **contact}
    return organisation.keep(_KIND, "ContactID", body, mark=text(contact, "Name").lower())
