"""The database's history, one module a version, run by Alembic from inside the package."""

from .run import current, heads, knows, upgrade

__all__ = ["current", "heads", "knows", "upgrade"]
