"""The pages an owner sees when an application asks for consent, and the way back to the application."""

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from connector.sandbox.calls import Answer


def consent_page(company: str, wish: Mapping[str, str]) -> Answer:
    """The page that names the company; its form sends the same wish again with approve=yes or no."""
    hidden = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in wish.items())
    form = (
        f'<form method="post">{hidden}'
        '<button name="approve" value="yes">Approve</button> <button name="approve" value="no">Cancel</button></form>'
    )
    return page(200, f"Connect {company}", f"An application asks to read and write the records of {company}.", form)


def redirect(wish: Mapping[str, str], parameters: Mapping[str, str]) -> Answer:
    """Back to the redirect address with `parameters` and the state of the wish; without an address, a page."""
    uri = wish.get("redirect_uri", "")
    if not uri:
        return page(200, "Done", f"Your code: {parameters.get('code', 'none')}")
    state = {"state": wish["state"]} if "state" in wish else {}
    query = urlencode({**parameters, **state})
    return Answer(status=302, headers={"location": f"{uri}{'&' if '?' in uri else '?'}{query}"})


def page(status: int, title: str, sentence: str, form: str = "") -> Answer:
    """A plain page; `title` and `sentence` are text, `form` is markup."""
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><main><h1>{escape(title)}</h1><p>{escape(sentence)}</p>{form}</main></body></html>"
    )
    return Answer(status=status, body=html.encode(), headers={"content-type": "text/html; charset=utf-8"})
