"""QuickBooks Online: journal entries, and by choice invoices, receipts, deposits, transfers and bills."""
