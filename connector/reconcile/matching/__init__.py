"""Bank lines to ledger entries: the evidence ladder."""
