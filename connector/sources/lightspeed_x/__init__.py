"""Lightspeed Retail X-Series (formerly Vend)."""
