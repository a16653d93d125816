"""Paper: the dry run. Documents become a plain-text journal and tables that the books import."""
