"""A clearing balance as the sum of named open items."""
