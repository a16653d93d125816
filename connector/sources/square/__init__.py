"""Square: sales, tenders, refunds and payouts of a till. Start in source.py."""
