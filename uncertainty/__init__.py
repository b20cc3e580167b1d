"""Measurement uncertainty of the GUM family: pure numbers, no database, no web, no instrument."""
