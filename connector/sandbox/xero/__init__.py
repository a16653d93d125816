"""The Xero stand-in; `app` is the way in."""
