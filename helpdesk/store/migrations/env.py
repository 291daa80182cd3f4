"""Alembic runs this for every command: it migrates within the transaction that `store.migrate` holds open."""

from __future__ import annotations

from alembic import context

from helpdesk.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
