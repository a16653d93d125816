"""The web endpoints: consent pages, webhooks, health and metrics."""
