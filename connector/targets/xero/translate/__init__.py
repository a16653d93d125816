"""Documents of the house as records of Xero; pure."""
