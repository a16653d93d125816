"""Evidence as a sentence that a bookkeeper reads."""

from __future__ import annotations

from collections.abc import Mapping

from connector.reconcile.matching.values import Evidence, Proposal

_SAID: Mapping[str, str] = {
    "id": "{value} is {detail}",
    "batch": "batch {value} is {detail}",
    "known_batch": "batch {value} of the source holds {detail}",
    "reference": "{value} is {detail}",
    "channel": "the channel is {value}",
    "name": "{value} is {detail}",
    "run": "a run of {value} entries from {detail}",
    "held_back": "{value} ({detail}) is held back",
    "released": "{value} ({detail}) was held back before",
    "fee": "less the fee of {value}, {detail}",
    "within_band": "the model says {value}, {detail}",
    "coded": "{value} goes to {detail}",
    "picked": "{value} chose it",
    "exchanged": "{value} exchanged into {detail}",
    "implied_rate": "the implied rate is {value}, {detail}",
    "exchange_difference": "the exchange difference is {value} {detail}",
    "written_off": "the difference of {value} goes {detail}",
    "unique": "nothing else fits either side",
    "rivals": "{value} explanations fit",
    "explanations": "{value} sets fit {detail}",
    "story": "the next best story of the stretch costs {value} more",
    "near": "{value} is near: {detail}",
    "named": "it names {value}: {detail}",
}


def sentence(proposal: Proposal) -> str:
    """All of a proposal's evidence, such as "PO1234 is in the bank text; the amount is exact; 2 days later"."""
    return "; ".join(said(each) for each in proposal.evidence)


def said(evidence: Evidence) -> str:
    if evidence.fact == "amount":
        return "the amount is exact" + (f" ({evidence.detail})" if evidence.detail else "")
    if evidence.fact == "lag_days":
        days = {"0": "on the same day", "1": "1 day later"}.get(evidence.value, f"{evidence.value} days later")
        return days + (f" ({evidence.detail})" if evidence.detail else "")
    return _SAID[evidence.fact].format(value=evidence.value, detail=evidence.detail)
