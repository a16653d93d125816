"""The signed pack of a period: one file that proves itself, without a database and without us."""
