"""Alembic's environment: runs on the connection that lims.migrations.run hands over, in one transaction."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True, target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
