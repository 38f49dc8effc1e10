"""Keep of each plugin what it ran with, what it cost and how often it failed lately."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns and the table."""
    for column in (
        sa.Column("version", sa.String(length=50), nullable=False, server_default=""),
        sa.Column("code", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("settings_version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("plugin", column)
    op.add_column(
        "site_state", sa.Column("safe", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "site_state", sa.Column("reloads", sa.Integer(), nullable=False, server_default="0")
    )
    op.create_table(
        "plugin_cost",
        sa.Column("plugin", sa.String(length=50), nullable=False),
        sa.Column("hook", sa.String(length=80), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("statements", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("overruns", sa.Integer(), nullable=False),
        sa.Column("slowest", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "hook", "hour", name=op.f("pk_plugin_cost")),
    )
    op.create_index("ix_plugin_cost_hour", "plugin_cost", ["hour"], unique=False)
