"""Documents of the house as records of QuickBooks; pure."""
