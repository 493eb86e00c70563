"""Delivery of events: channels, connections and the bus between processes. It knows no database model."""
