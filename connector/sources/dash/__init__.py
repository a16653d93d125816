"""Dash: summaries of a location's trading days, under a contract that this project defines."""
