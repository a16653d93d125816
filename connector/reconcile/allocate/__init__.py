"""Payments to the items of invoices, the oldest to the oldest."""
