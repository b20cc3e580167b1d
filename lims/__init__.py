"""The laboratory: rules, records, use cases."""

__version__ = "0.1.0"
