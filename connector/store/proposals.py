"""Proposals as text: the decisions in the spelling of the account map, beside what else a fix does."""

from __future__ import annotations

import json

from connector.domain.finding import Proposal
from connector.domain.map_file import read_map
from connector.domain.map_writing import written_map


def written_proposal(proposal: Proposal | None) -> str:
    """Empty where nothing is proposed that can be applied by itself."""
    if proposal is None:
        return ""
    return json.dumps({"map": written_map(proposal.change), "opens": proposal.opens, "role": proposal.role})


def read_proposal(text: str) -> Proposal | None:
    if not text:
        return None
    body = json.loads(text)
    return Proposal(change=read_map(body["map"]), opens=body["opens"], role=body["role"])
