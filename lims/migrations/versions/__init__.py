"""Versions in order; a version is never changed after it has been released."""
