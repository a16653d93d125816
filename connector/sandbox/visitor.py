"""The owner who agrees: visits a stand-in's consent page and presses Approve, as a person would in a browser."""

from urllib.request import urlopen

SECONDS = 30


def agree(consent_url: str) -> None:
    """Approves, and follows the way back to whoever asked. Only for stand-ins on this machine."""
    if not consent_url.startswith(("http://127.0.0.1:", "http://localhost:")):
        raise ValueError("only a stand-in on this machine is agreed to without a person")
    with urlopen(f"{consent_url}&approve=yes", timeout=SECONDS) as answer:  # noqa: S310 (the address was just checked)
        answer.read()
