"""A house that is closed and opened again on the same data folder."""

from __future__ import annotations

import secrets
from functools import partial
from itertools import count

from conftest import open_with
from house import FakeClock, HouseUnderTest, make
from small_memory import Hashed

from bot.config import Settings
from bot.domain.message import PatientId

ALICE, CHARLIE = PatientId("alice"), PatientId("charlie")


def opened(settings: Settings) -> HouseUnderTest:
    under_test = make(settings, FakeClock(), partial(open_with, Hashed()))
    under_test.numbers = count(secrets.randbelow(10**9))  # a chat's updates never count from one
    return under_test


def closed(house: HouseUnderTest) -> None:
    house.house.memories.close()
    house.house.store.engine.dispose()
