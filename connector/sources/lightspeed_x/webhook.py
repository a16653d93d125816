"""X-Series webhooks → hints; pure. A form whose field `payload` is JSON, signed over the whole body with the
application's secret: `X-Signature: signature=HEX,algorithm=HMAC-SHA256`."""

from __future__ import annotations

from urllib.parse import parse_qsl

from connector.domain.webhook import Delivery, Hint, Webhook, is_signed, named_by_content

SIGNATURE = "x-signature"
ALGORITHM = "HMAC-SHA256"
MOST_FIELDS = 20
STREAMS = {
    "sale.update": ("sales",),
    "register_closure.create": ("sessions",),
    "register_closure.update": ("sessions",),
    "product.update": ("products",),
    "outlet.update": ("outlets",),
}


def hints(delivery: Delivery) -> tuple[Hint, ...] | None:
    """The news in a delivery; None where Lightspeed did not sign it. Which shop it is about is not always told: such a
    delivery says nothing."""
    parts = (part.strip().partition("=") for part in delivery.headers.get(SIGNATURE, "").split(","))
    told = {name: value for name, _, value in parts}
    is_ours = is_signed(delivery, told.get("signature", "").lower(), as_="hex")
    if not is_ours or told.get("algorithm", ALGORITHM).upper() != ALGORITHM:
        return None
    try:
        fields = dict(parse_qsl(delivery.body.decode(), max_num_fields=MOST_FIELDS))
    except ValueError:
        return ()
    shop, kind = fields.get("domain_prefix", ""), fields.get("type", "")
    if not shop or kind not in STREAMS:
        return ()
    return (Hint(account=shop, streams=STREAMS[kind], event_id=named_by_content(delivery.body)),)


WEBHOOK = Webhook(hints=hints, signs_with_client_secret=True)
