"""The standing cast: Alice is a patient, Bob a nurse, Charlie must see nothing."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from house import FakeClock, HouseUnderTest, make

from bot.config import Settings

pytest_plugins = ["browser_fixtures"]
os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.pop("COLUMNS", None)  # a console that is made at import would keep this width


@pytest.fixture(scope="session")
def encoder() -> Any:
    """The bundled encoder, loaded once."""
    from memory.embed import load

    return load("")


def open_with(encoder: Any, settings: Settings, vault: Any) -> Any:
    """Real embedded Chroma in the test's folder."""
    import memory

    return memory.open_embedded(settings.data / "memory", encoder=encoder, cipher=vault)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An embedded house in the test's own folder; the developer's environment does not leak in."""
    return Settings(_env_file=None, data=tmp_path / "data", clinic_name="Test clinic")  # type: ignore[call-arg]


@pytest.fixture
def house(settings: Settings, encoder: Any) -> Iterator[HouseUnderTest]:
    """An embedded house with Alice, Bob and Charlie."""
    settings.data.mkdir()
    under_test = make(settings, FakeClock(), partial(open_with, encoder))
    under_test.patient("alice")
    under_test.patient("charlie")
    under_test.nurse("bob")
    yield under_test
    under_test.house.memories.close()
    under_test.house.store.engine.dispose()


def postgres_url() -> str:
    """The PostgreSQL to test on: the setting, or one that answers on this machine."""
    if url := os.environ.get("ANKANG_TEST_DATABASE_URL"):
        return url
    try:
        socket.create_connection(("127.0.0.1", 5432), 1).close()
    except OSError:
        return ""
    return "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
