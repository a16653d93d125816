"""Tracking categories and their options, and the choice a line makes among them."""

from connector.sandbox.body import Body, children, text
from connector.sandbox.xero.organisation import Organisation
from connector.sandbox.xero.refusals import Invalid

_KIND = "TrackingCategories"
_MOST_CATEGORIES = 2


def tracked(organisation: Organisation, choices: list[Body]) -> list[Body]:
    """The choices with names and ids filled in. Raises Invalid for an unknown category or option."""
    if len(choices) > _MOST_CATEGORIES:
        raise Invalid("A line can carry two tracking categories at most.")
    return [_found(organisation, choice) for choice in choices]


def create_category(organisation: Organisation, sent: Body) -> Body:
    """A new category; an organisation has two active ones at most."""
    existing = organisation.shelf.all(_KIND)
    name = text(sent, "Name")
    if not name or any(_same(text(category, "Name"), name) for category in existing):
        raise Invalid("A tracking category needs a name of its own.")
    if len(existing) >= _MOST_CATEGORIES:
        raise Invalid("An organisation can have two active tracking categories at most.")
    id_ = organisation.new_id(_KIND)
    body: Body = {"Name": name, "Status": "ACTIVE", "TrackingCategoryID": id_, "Options": []}
    organisation.shelf.put(_KIND, id_, body)
    return body


def create_option(organisation: Organisation, category: Body, sent: Body) -> Body:
    """A new option of the category."""
    name = text(sent, "Name")
    options = children(category, "Options")
    if not name or any(_same(text(option, "Name"), name) for option in options):
        raise Invalid("A tracking option needs a name of its own.")
    option: Body = {"TrackingOptionID": organisation.new_id("TrackingOptions"), "Name": name, "Status": "ACTIVE"}
    organisation.shelf.put(_KIND, text(category, "TrackingCategoryID"), {**category, "Options": [*options, option]})
    return option


def _found(organisation: Organisation, choice: Body) -> Body:
    for category in organisation.shelf.all(_KIND):
        if not _is_meant(category, choice, "TrackingCategoryID", "Name"):
            continue
        for option in children(category, "Options"):
            if _is_meant(option, {**choice, "Name": choice.get("Option")}, "TrackingOptionID", "Name"):
                return {
                    "TrackingCategoryID": category["TrackingCategoryID"],
                    "TrackingOptionID": option["TrackingOptionID"],
                    "Name": category["Name"],
                    "Option": option["Name"],
                }
    raise Invalid(f"The tracking option '{text(choice, 'Name')}: {text(choice, 'Option')}' does not exist.")


def _is_meant(kept: Body, choice: Body, id_field: str, name_field: str) -> bool:
    if text(choice, id_field):
        return kept[id_field] == choice[id_field]
    return _same(text(kept, name_field), text(choice, name_field))


def _same(left: str, right: str) -> bool:
    return left.lower() == right.lower()
