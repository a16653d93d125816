"""Loyverse: a till without fees or payouts. Start in source.py."""
