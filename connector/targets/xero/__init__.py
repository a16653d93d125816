"""Xero as a target."""
