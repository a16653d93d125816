"""Paper at a glance: no consent, no address; documents are written to files (journal.py, tables.py)."""

from connector.targets.contract import Target

TARGET = Target(name="paper", title="Paper", batch=50, separate_refunds=False, out_of_scope="")
