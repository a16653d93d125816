"""Loyverse's records → facts; pure. Start in record.py."""
