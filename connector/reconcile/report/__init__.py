"""The reconciliation report of a period, as values: figures that are sums of rows, and nothing else."""
