"""Webhooks: a partner's endpoints, and the deliveries of events to them (contract §8)."""
