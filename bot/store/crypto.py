"""Keys at rest: AES-256-GCM, one key a patient, each wrapped by the master key."""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import stat
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from copy import copy
from pathlib import Path
from threading import Lock

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, Engine, Row, bindparam, select

from bot.domain.errors import KeyMissing, SettingsError
from bot.store.among import among
from bot.store.tables import patient_key

_CACHED = 20_000
_WRAPPED = select(patient_key.c.wrapped).where(patient_key.c.patient_id == bindparam("patient"))
# On PostgreSQL the row of the key is what a writer and an erasure wait for; SQLite has one writer.
_IN_USE = _WRAPPED.with_for_update(read=True, key_share=True)
_TO_DESTROY = _WRAPPED.with_for_update()


def master_key(given: str, folder: Path) -> bytes:
    """32 bytes: the setting, or the one kept in ``folder``, made there once with mode 0600.

    Raises SettingsError when the kept key can be read by others or is not a key.
    """
    if given:
        return bytes.fromhex(given)
    path = folder / "master.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process of this start was first
            return master_key(given, folder)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(f"{path} can be read by others: chmod 600 {path}")
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except ValueError as error:
        raise SettingsError(f"{path} is not a key") from error
    if len(key) != 32:
        raise SettingsError(f"{path} is not a key of 32 bytes")
    return key


def signing_seed(master: bytes) -> bytes:
    """32 bytes that make the key with which this clinic signs its models."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"ankang/models/1").derive(
        master
    )


class KeyVault:
    """Seals and opens words under a patient's key; "" is the house's own key."""

    def __init__(self, master: bytes, engine: Engine) -> None:
        derive = HKDF(algorithm=hashes.SHA256(), length=96, salt=None, info=b"ankang/keys/1")
        material = derive.derive(master)
        self._wrap = AESGCM(material[:32])
        self._house = AESGCM(material[32:64])
        self._mark = material[64:]
        self._engine = engine
        self._keys: OrderedDict[str, AESGCM] = OrderedDict()
        self._lock = Lock()
        self._writing: Connection | None = None
        self._in_use: dict[str, AESGCM] = {}  #: there until this transaction ends

    def within(self, connection: Connection) -> KeyVault:
        """This vault inside a writing transaction: it seals for nobody whose key is destroyed.

        Another process may have erased somebody whose key is still in our memory. An erasure
        waits for every transaction that has sealed for this person, and takes what it wrote.
        """
        inside = copy(self)  # the same keys in memory
        inside._writing, inside._in_use = connection, {}
        return inside

    def hold(self, patient_id: str, connection: Connection) -> None:
        """Before an erasure: wait until nobody writes for this person, and let nobody begin."""
        connection.execute(_TO_DESTROY, {"patient": patient_id})

    def make_key(self, patient_id: str, connection: Connection) -> None:
        """Make and wrap a new key in the caller's transaction."""
        key = AESGCM.generate_key(256)
        wrapped = _encrypt(self._wrap, key, patient_id)
        connection.execute(patient_key.insert().values(patient_id=patient_id, wrapped=wrapped))
        self._keep(patient_id, AESGCM(key))

    def warm(self, patient_ids: Iterable[str], connection: Connection) -> frozenset[str]:
        """Fetch many keys with one query; returns whose words cannot be opened."""
        wanted = set(patient_ids)
        with self._lock:
            known = self._in_use if self._writing is not None else self._keys
            missing = [owner for owner in wanted if owner not in known]
        if not missing:
            return frozenset()
        query = select(patient_key.c.patient_id, patient_key.c.wrapped).where(
            among(connection, patient_key.c.patient_id, missing)
        )
        if self._writing is not None:
            query = query.with_for_update(read=True, key_share=True)
        lost = set(missing)
        for owner, wrapped in connection.execute(query):
            try:
                key = self._unwrapped(owner, wrapped)
            except KeyMissing:
                continue
            lost.discard(owner)
            if self._writing is not None:
                self._in_use[owner] = key
        for owner in lost:
            self.drop(owner)
        return frozenset(lost)

    def given(self, rows: Iterable[Row[str, str]]) -> set[str]:
        """Whose keys these rows (patient, wrapped) of the transaction are; it has locked them."""
        whose = set()
        for owner, wrapped in rows:
            if owner in whose:
                continue
            whose.add(owner)
            try:
                self._in_use[owner] = self._unwrapped(owner, wrapped)
            except KeyMissing:
                continue  # whoever opens or seals hears of it
        return whose

    def seen(self, patient_id: str, wrapped: str | None) -> None:
        """A key's row was read together with others of this transaction: it need not be again.

        On SQLite, where a writing transaction is the only one: nobody erases beside it. On
        PostgreSQL a key is sealed with only once its row is held, which a join does not do.
        """
        writing = self._writing
        if wrapped is not None and writing is not None and writing.dialect.name == "sqlite":
            with suppress(KeyMissing):  # whoever seals or opens for this person hears of it
                self._in_use[patient_id] = self._unwrapped(patient_id, wrapped)

    def drop(self, patient_id: str) -> None:
        """Forget the key held in memory, after the row is gone."""
        with self._lock:
            self._keys.pop(patient_id, None)
            self._in_use.pop(patient_id, None)

    def mark(self, text: str) -> str:
        """24 characters that are the same for the same words and say nothing about them."""
        return hmac.digest(self._mark, text.encode(), "sha256").hex()[:24]

    def pseudonym(self, patient_id: str, what: str, connection: Connection) -> str:
        """32 characters that only this patient's key makes, the same for the same ``what``.

        Once the key is destroyed, nobody can say whose they were. Raises KeyMissing.
        """
        wrapped = connection.scalar(_WRAPPED, {"patient": patient_id})
        key = self._opened(patient_id, wrapped)
        return hmac.digest(key, f"ankang/pseudonym/1/{what}".encode(), "sha256").hex()[:32]

    def seal(self, patient_id: str, text: str) -> str:
        """Encrypt ``text``; sealed for one patient it opens for no other. Raises KeyMissing."""
        return _encrypt(self._key_to_seal(patient_id), text.encode(), patient_id)

    def open(self, patient_id: str, sealed: str) -> str:
        """Decrypt ``sealed``. Raises KeyMissing."""
        return self.open_bytes(patient_id, sealed).decode()

    def seal_bytes(self, patient_id: str, content: bytes) -> bytes:
        """Encrypt a file. Raises KeyMissing."""
        nonce = secrets.token_bytes(12)
        return nonce + self._key_to_seal(patient_id).encrypt(nonce, content, patient_id.encode())

    def open_bytes(self, patient_id: str, sealed: str | bytes) -> bytes:
        """Decrypt a file or a text. Raises KeyMissing."""
        try:
            return _decrypt(self._key(patient_id), sealed, patient_id)
        except InvalidTag as error:
            raise KeyMissing(f"patient {patient_id or '(house)'}: sealed by another key") from error

    def _key_to_seal(self, patient_id: str) -> AESGCM:
        if patient_id and self._writing is not None and patient_id not in self._in_use:
            wrapped = self._writing.scalar(_IN_USE, {"patient": patient_id})
            if wrapped is None:
                self.drop(patient_id)
            key = self._unwrapped(patient_id, wrapped)
            self._in_use[patient_id] = key
            return key
        return self._key(patient_id)

    def _key(self, patient_id: str) -> AESGCM:
        if not patient_id:
            return self._house
        if known := self._in_use.get(patient_id) or self._known(patient_id):
            return known
        with self._engine.connect() as connection:
            wrapped = connection.scalar(_WRAPPED, {"patient": patient_id})
        return self._unwrapped(patient_id, wrapped)

    def _known(self, patient_id: str) -> AESGCM | None:
        with self._lock:
            if known := self._keys.get(patient_id):
                self._keys.move_to_end(patient_id)
            return known

    def _unwrapped(self, patient_id: str, wrapped: str | None) -> AESGCM:
        """The key of a row, from memory where it is there. Raises KeyMissing without a row."""
        if wrapped is not None and (known := self._known(patient_id)):
            return known
        key = AESGCM(self._opened(patient_id, wrapped))
        self._keep(patient_id, key)
        return key

    def _opened(self, patient_id: str, wrapped: str | None) -> bytes:
        if wrapped is None:
            raise KeyMissing(f"patient {patient_id}: no key")
        try:
            return _decrypt(self._wrap, wrapped, patient_id)
        except InvalidTag as error:
            raise KeyMissing(f"patient {patient_id}: wrapped by another master key") from error

    def _keep(self, patient_id: str, key: AESGCM) -> None:
        with self._lock:
            self._keys[patient_id] = key
            while len(self._keys) > _CACHED:
                self._keys.popitem(last=False)


def _encrypt(key: AESGCM, content: bytes, owner: str) -> str:
    nonce = os.urandom(12)
    return base64.b64encode(nonce + key.encrypt(nonce, content, owner.encode())).decode("ascii")


def _decrypt(key: AESGCM, sealed: str | bytes, owner: str) -> bytes:
    raw = base64.b64decode(sealed) if isinstance(sealed, str) else sealed
    return key.decrypt(raw[:12], raw[12:], owner.encode())
