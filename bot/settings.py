"""The settings: read once from the environment and `.env`, then handed to whoever needs them."""

import os
import re
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "GUANXI_"
#: Names of ours that are no settings: the tests read them.
_OTHERS = ("GUANXI_TEST_",)


class LogStyle(StrEnum):
    """For a person or for a machine."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """The least weighty events that are logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class SettingsRefused(ValueError):
    """Settings that cannot be used; the text has one variable a line, never its value."""


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError
    return text.rstrip("/")


def _origin(text: str) -> str:
    address = _address(text)
    if urlsplit(address).path:
        raise ValueError
    return address


def _database_url(secret: SecretStr) -> SecretStr:
    scheme, separator, rest = secret.get_secret_value().partition("://")
    # Many hosts say postgres://, which SQLAlchemy no longer knows.
    known = {"postgres": "postgresql", "postgresql": "postgresql", "postgresql+asyncpg": "postgresql"}
    if scheme == "sqlite" and rest.startswith("/") and rest.strip("/") not in ("", ":memory:"):
        return secret
    if not separator or scheme not in known or not urlsplit(f"//{rest}").path.strip("/"):
        raise ValueError
    return SecretStr(f"{known[scheme]}://{rest}")


def _shaped(pattern: str) -> AfterValidator:
    def check(secret: SecretStr) -> SecretStr:
        if not re.fullmatch(pattern, secret.get_secret_value()):
            raise ValueError
        return secret

    return AfterValidator(check)


def _listed(value: Any) -> Any:
    return [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value


HttpAddress = Annotated[str, AfterValidator(_address)]
Origin = Annotated[str, AfterValidator(_origin)]
Budget = Annotated[int, Field(ge=0, le=100_000)]


class Settings(BaseSettings):
    """What the environment says, `GUANXI_` before each name; a field's description answers a mistake in it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    config: Path = Field(default=Path("desk.yaml"), description="the path of the company's file")
    database_url: Annotated[SecretStr, AfterValidator(_database_url)] = Field(
        default=SecretStr("sqlite:///data/guanxi.db"),
        description="sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME",
    )
    files: Path = Field(default=Path("data/files"), description="the path of a folder for uploads")
    http_host: str = Field(default="127.0.0.1", description="an address of this machine to listen on")
    http_port: int = Field(default=8080, ge=0, le=65535, description="a port from 1 to 65535, or 0 for any free one")
    public_url: HttpAddress | None = Field(default=None, description="an address like https://desk.example.com")
    behind_proxy: bool = Field(default=False, description="true where one trusted proxy stands in front, else false")
    widget_origins: Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(), description="sites like https://shop.example.com, with commas between them"
    )
    api_token: Annotated[SecretStr, _shaped(r"[!-~]{20,}")] | None = Field(
        default=None, description="20 characters or more, without spaces; openssl rand -hex 32 makes one"
    )
    telegram_token: Annotated[SecretStr, _shaped(r"\d+:[A-Za-z0-9_-]+")] | None = Field(
        default=None, description="a token like 123456:ABC-DEF, from @BotFather"
    )
    telegram_api_url: HttpAddress = Field(
        default="https://api.telegram.org", description="the address of a Bot API server, like http://127.0.0.1:8081"
    )
    telegram_secret: Annotated[SecretStr, _shaped(r"[A-Za-z0-9_-]{1,256}")] | None = Field(
        default=None, description="1 to 256 of A-Z, a-z, 0-9, _ and -"
    )
    telegram_chat_per_second: Budget = Field(default=1, description="messages a second to one chat, 0 for no limit")
    telegram_group_per_minute: Budget = Field(default=20, description="messages a minute to one group, 0 for no limit")
    telegram_bot_per_second: Budget = Field(default=30, description="messages a second in all, 0 for no limit")
    lease_seconds: int = Field(default=30, ge=1, le=3600, description="seconds from 1 to 3600")
    round_lanes: int = Field(default=64, ge=1, le=1000, description="a number from 1 to 1000")
    senders: int = Field(default=64, ge=1, le=1000, description="a number from 1 to 1000")
    nlp_model: str | None = Field(default=None, description="keywords, or a model's folder or its id on the hub")
    nlp_labels: Path | None = Field(default=None, description="the path of a JSON file of what a model's labels mean")
    log: LogStyle = Field(default=LogStyle.TEXT, description="text or json")
    log_level: LogLevel = Field(default=LogLevel.INFO, description="debug, info, warning or error")

    def sqlite_file(self) -> Path | None:
        """Where the embedded database is kept; None on PostgreSQL."""
        url = self.database_url.get_secret_value().partition("?")[0]
        return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None

    def secrets(self) -> tuple[str, ...]:
        """What must never be shown, the database's password included."""
        own = (self.api_token, self.telegram_token, self.telegram_secret)
        password = urlsplit(self.database_url.get_secret_value()).password or ""
        values = [each.get_secret_value() for each in own if each is not None] + [password, unquote(password)]
        return tuple(dict.fromkeys(value for value in values if value))


def read_settings() -> Settings:
    """The settings: the environment's, else those of `.env` in the working folder.

    Raises SettingsRefused with one line for every variable that is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        names = dict.fromkeys(str(mistake["loc"][0]) for mistake in error.errors(include_input=False))
        raise SettingsRefused("\n".join(map(_complaint, names))) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsRefused(".env: cannot be read; expected lines like GUANXI_HTTP_PORT=8080") from error


def variable(field: str) -> str:
    """The environment's name of a setting."""
    return f"{PREFIX}{field}".upper()


def unknown_variables() -> list[str]:
    """A remark on each name, in the environment or `.env`, that begins like a setting of ours and is none."""
    known = [variable(field) for field in Settings.model_fields]
    names = os.environ.keys() | dotenv_values(".env").keys()
    strange = [name for name in names if name.startswith(PREFIX) and name not in known]
    return [f"{name}: unknown{_near(name, known)}" for name in sorted(strange) if not name.startswith(_OTHERS)]


def _near(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f", did you mean {near[0]}?" if near else ""


def _complaint(field: str) -> str:
    return f"{variable(field)}: expected {Settings.model_fields[field].description}"
