"""Settings: read once, all mistakes at once, and no secret shown."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import LogStyle, Settings, SettingsRefused, read_settings, unknown_variables, variable


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty working folder and an environment without settings of ours."""
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)


def test_without_settings_the_defaults_serve_on_this_machine_alone() -> None:
    settings = read_settings()
    assert (settings.http_host, settings.http_port, settings.config) == ("127.0.0.1", 8080, Path("desk.yaml"))
    assert settings.database_url.get_secret_value() == "sqlite:///data/guanxi.db"
    assert settings.telegram_token is None
    assert settings.secrets() == ()


def test_the_environment_comes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("GUANXI_HTTP_PORT=9000\nGUANXI_LOG=json\nPOSTGRES_PASSWORD=x\n", encoding="utf-8")
    monkeypatch.setenv("GUANXI_HTTP_PORT", "9001")
    settings = read_settings()
    assert (settings.http_port, settings.log) == (9001, LogStyle.JSON)


def test_an_empty_variable_is_as_if_it_were_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.setenv(variable(field), "")
    assert read_settings() == Settings.model_construct()


WRONG = {
    "database_url": "mysql://someone:hunter2@host/name",
    "http_port": "80800",
    "public_url": "desk.example.com",
    "behind_proxy": "perhaps",
    "widget_origins": "https://shop.example.com, https://shop.example.com/page",
    "api_token": "hunter2",
    "telegram_token": "hunter2",
    "telegram_api_url": "ftp://api.telegram.org",
    "telegram_secret": "hunter2 with spaces",
    "telegram_chat_per_second": "-1",
    "lease_seconds": "0",
    "log": "xml",
    "log_level": "loud",
}


def test_all_mistakes_at_once_each_on_a_line_and_none_of_the_values(monkeypatch: pytest.MonkeyPatch) -> None:
    for field, value in WRONG.items():
        monkeypatch.setenv(variable(field), value)
    with pytest.raises(SettingsRefused) as refused:
        read_settings()
    lines = str(refused.value).splitlines()
    assert sorted(line.partition(": expected ")[0] for line in lines) == sorted(map(variable, WRONG))
    assert all(line.partition(": expected ")[2] for line in lines)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("postgres://u:p@h/desk", "postgresql://u:p@h/desk"),
        ("postgresql+asyncpg://u:p@h:5/desk?ssl=require", "postgresql://u:p@h:5/desk?ssl=require"),
        ("sqlite:////srv/guanxi.db", "sqlite:////srv/guanxi.db"),
    ],
)
def test_database_urls_that_are_known(monkeypatch: pytest.MonkeyPatch, given: str, kept: str) -> None:
    monkeypatch.setenv("GUANXI_DATABASE_URL", given)
    assert read_settings().database_url.get_secret_value() == kept


@pytest.mark.parametrize(
    "given", ["sqlite://", "sqlite:///:memory:", "guanxi.db", "postgresql://u:p@h", "postgresql:/x"]
)
def test_database_urls_that_are_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("GUANXI_DATABASE_URL", given)
    with pytest.raises(SettingsRefused, match="GUANXI_DATABASE_URL: expected sqlite:///PATH or postgresql://"):
        read_settings()


def test_addresses_lose_their_last_slash_and_sites_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_PUBLIC_URL", "https://desk.example.com/")
    monkeypatch.setenv("GUANXI_WIDGET_ORIGINS", "https://a.example, https://b.example:8443/,")
    settings = read_settings()
    assert settings.public_url == "https://desk.example.com"
    assert settings.widget_origins == ("https://a.example", "https://b.example:8443")


def test_secrets_are_known_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_DATABASE_URL", "postgresql://desk:p%40ss-word@host/name")
    monkeypatch.setenv("GUANXI_TELEGRAM_TOKEN", "123456:token-of-the-bot")
    monkeypatch.setenv("GUANXI_TELEGRAM_SECRET", "secret-of-the-webhook")
    monkeypatch.setenv("GUANXI_API_TOKEN", "token-of-the-api-of-the-tests")
    settings = read_settings()
    assert set(settings.secrets()) == {
        "p%40ss-word",
        "p@ss-word",
        "123456:token-of-the-bot",
        "secret-of-the-webhook",
        "token-of-the-api-of-the-tests",
    }
    assert not [secret for secret in settings.secrets() if secret in repr(settings) + str(settings)]


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read_settings().http_port = 1


def test_a_misspelled_name_is_remarked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_TELEGRAM_TOKN", "1:x")
    monkeypatch.setenv("GUANXI_TEST_POSTGRES", "postgresql://")
    Path(".env").write_text("GUANXI_HTTP_PROT=1\n", encoding="utf-8")
    assert unknown_variables() == [
        "GUANXI_HTTP_PROT: unknown, did you mean GUANXI_HTTP_PORT?",
        "GUANXI_TELEGRAM_TOKN: unknown, did you mean GUANXI_TELEGRAM_TOKEN?",
    ]


def test_a_file_that_is_no_text_is_one_line() -> None:
    Path(".env").write_bytes(b"GUANXI_LOG=\xff\xfe\n")
    with pytest.raises(SettingsRefused, match=r"^\.env: cannot be read"):
        read_settings()
