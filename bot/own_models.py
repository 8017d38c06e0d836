"""The risk models of this clinic: their registry, and how far people differ from theirs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bot.config import Settings
from bot.store.crypto import master_key, signing_seed
from bot.work.risk_watch import Asked

if TYPE_CHECKING:
    from risk.learn.registry import Registry


def open_registry(settings: Settings) -> tuple[Registry, bytes]:
    """The clinic's own models, and the seed of the key that signs them.

    Raises FolderError, SettingsError.
    """
    from risk.learn import registry

    seed = signing_seed(master_key(settings.master_key.get_secret_value(), settings.data))
    return registry.opened(settings.data / "models", seed), seed


def own_models(settings: Settings, since: datetime) -> list[Asked]:
    """How far whom each active model was asked about differ from whom it learned from."""
    from risk.learn import folder, requests

    known, _ = open_registry(settings)
    found = []
    for entry in known.entries:
        if entry.state == "active":
            said = folder.described(known.folder(entry))
            if said["kind"] == "learned":
                rows, columns = requests.drifted(known, entry, said["population"], since)
                found.append(Asked(model=entry.name, rows=rows, columns=columns))
    return found
