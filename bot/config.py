"""Settings from the environment: frozen, checked once, and loud when they cannot be used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.errors import SettingsError

_SECRETS = (
    "MASTER_KEY",
    "TELEGRAM_TOKEN",
    "TELEGRAM_WEBHOOK_SECRET",
    "LLM_API_KEY",
    "RASA_TOKEN",
    "DATABASE_URL",
    "SMTP_URL",
    "PAGER_SECRET",
)


class Settings(BaseSettings):
    """Every setting as ``ANKANG_<NAME>`` or a line of ``.env``; secrets also as ``…_FILE``."""

    model_config = SettingsConfigDict(
        env_prefix="ANKANG_", env_file=".env", frozen=True, extra="ignore"
    )

    data: Path = Path("data")  #: folder of the embedded database, Chroma and the master key
    database_url: str = ""  #: empty: SQLite in ``data``; else postgresql+psycopg://…
    chroma_url: str = ""  #: empty: embedded in ``data``; else http://host:port
    embedding_model: str = ""  #: empty: the bundled encoder; else a hub name or a folder
    knowledge_reranker: str = ""  #: empty: none; else a cross-encoder's folder or hub name
    screen_model: str = ""  #: empty: the classifier that came with it; else a folder of weights
    master_key: SecretStr = SecretStr("")  #: 64 hex digits; empty: made in ``data``, mode 0600
    host: str = "127.0.0.1"
    port: int = Field(default=8700, ge=1, le=65535)
    public_url: str = ""  #: how people reach the console, where a proxy stands before it
    demo: bool = True  #: the demo patient's chat and sign-in, only ever on loopback
    clinic_name: str = "Ankang demo clinic"
    team_phone: str = ""  #: the care team's line, shown where a message says {TEAM}
    telegram_token: SecretStr = SecretStr("")
    telegram_api_base_url: str = ""
    telegram_webhook_url: str = ""  #: empty: polling
    telegram_webhook_secret: SecretStr = SecretStr("")
    support_model: str = ""  #: empty: the encoder; else a folder, a model of entailment
    llm: str = ""  #: "openai:NAME", "ollama:NAME", "huggingface:FOLDER" …; empty: none
    llm_base_url: str = ""
    llm_api_key: SecretStr = SecretStr("")
    llm_timeout: float = Field(default=20.0, gt=0, le=300)  #: seconds
    llm_notes: int = Field(default=1500, ge=200, le=20_000)  #: tokens of notes about the patient
    rasa_host: str = "127.0.0.1"
    rasa_port: int = Field(default=5055, ge=1, le=65535)
    rasa_token: SecretStr = SecretStr("")
    smtp_url: SecretStr = SecretStr("")  #: smtp://user:password@host:587 or smtps://…; empty: none
    smtp_from: str = ""  #: the address that pages by e-mail come from
    pager_url: str = ""  #: a webhook that calls whoever is on duty; empty: none
    pager_secret: SecretStr = SecretStr("")  #: signs what is posted there
    heartbeat_url: str = ""  #: called by GET every minute, only while the watch finds nothing
    canary: int = Field(default=0, ge=0, le=1440)  #: minutes between two synthetic emergencies
    workers: int = Field(default=24, ge=1, le=500)  #: turns answered at once in one process
    retention: str = ""  #: a clinic's own retention.toml; empty: the draft of the house
    similar_cases: bool = False  #: keep finished matters as cases in codes, of those who agree
    checkin_time: str = "09:00"  #: local time of the daily check-in until the patient says another

    @field_validator("checkin_time")
    @classmethod
    def _is_a_clock_time(cls, value: str) -> str:
        hour, _, minute = value.partition(":")
        if not (hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
            raise ValueError("give a time such as 09:00")
        return f"{int(hour):02d}:{int(minute):02d}"

    @field_validator("heartbeat_url")
    @classmethod
    def _is_a_web_address(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("give https://…")
        return value

    @field_validator("master_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and (len(text) != 64 or set(text.lower()) - set("0123456789abcdef")):
            raise ValueError("give 64 hexadecimal digits (32 bytes)")
        return value

    @property
    def store_url(self) -> str:
        """The SQLAlchemy URL of the database."""
        return self.database_url or f"sqlite:///{(self.data / 'ankang.db').resolve()}"

    @property
    def console_url(self) -> str:
        """Where people find the console."""
        return self.public_url or f"http://{self.host}:{self.port}"


def load(**overrides: Any) -> Settings:
    """Read the settings once. Raises SettingsError naming every setting that cannot be used."""
    for name in _SECRETS:
        path = os.environ.get(f"ANKANG_{name}_FILE")
        if path and name.lower() not in overrides:
            try:
                overrides[name.lower()] = Path(path).read_text("utf-8").strip()
            except OSError as error:
                raise SettingsError(f"ANKANG_{name}_FILE: {path} cannot be read") from error
    try:
        return Settings(**overrides)
    except ValidationError as error:
        told = "; ".join(
            f"ANKANG_{'_'.join(str(part) for part in e['loc']).upper()}: {e['msg']}"
            for e in error.errors()
        )
        raise SettingsError(told) from None
