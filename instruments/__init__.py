"""Bytes to readings: links, drivers, the simulated bench, procedures and capture. Knows no database, no web."""
