"""A daily summary → its fact; pure."""
