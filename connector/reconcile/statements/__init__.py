"""Bank files as statements: bytes in, values out, whatever the bank writes."""
