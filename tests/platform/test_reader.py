"""The connections that read: what a plugin does to one is not met by the next request."""

import pytest
from sqlalchemy import text

from blog.db import Database


@pytest.mark.postgres
def test_what_was_set_is_undone_when_a_connection_is_given_back(postgres_url: str) -> None:
    database = Database(postgres_url)
    shown = []
    for _ in range(8):  # often enough for the driver to prepare what it sends
        with database.reader.connect() as connection:
            shown.append(connection.scalar(text("SHOW search_path")))
            shown.append(connection.scalar(text("SHOW default_transaction_read_only")))
            connection.execute(text("SET search_path = nowhere"))
            connection.execute(text("SET default_transaction_read_only = off"))
    database.dispose()

    assert set(shown) == {shown[0], "on"}
