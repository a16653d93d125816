"""Lightspeed Retail (R-Series): sales, payments, register counts, fees and day reports. Start in source.py."""
