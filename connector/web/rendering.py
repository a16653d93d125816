"""Pages from templates: everything that is not markup is escaped, and what a template lacks is an error."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response

from connector.web.asked import Asked, Office, html


def render(office: Office, asked: Asked, template: str, *, status: int = 200, **values: object) -> Response:
    """A page of this session; its forms carry the session's token."""
    token = office.signer.form_token(asked.session)
    return html(_environment().get_template(template).render(form_token=token, **values), status)


def sorry(office: Office, asked: Asked, message: str, status: int = 400) -> Response:
    """One sentence that says what is wrong, and a way back."""
    return render(office, asked, "sorry.html", status=status, message=message)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("connector.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
