"""Ties what was sold, what was paid out and what the bank shows: decides, and does nothing."""
