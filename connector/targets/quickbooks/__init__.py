"""QuickBooks Online: one journal entry (or transfer) for each document."""
