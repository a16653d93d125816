"""The QuickBooks Online stand-in; `app` is the way in."""
