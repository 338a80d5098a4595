"""Convex's WebSocket sync protocol: subscriptions that are pushed, mutations that are answered in order."""
