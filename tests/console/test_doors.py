"""Passwords, the pauses after wrong ones, and where a login may lead: rules without a database."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from console.entrance import safe_target
from console.languages import FOLDER, load_catalogue
from console.lockout import locked_for
from console.passwords import DUMMY_HASH, hash_password, make_password, verify_password


def test_a_password_is_kept_as_argon2id() -> None:
    kept = hash_password("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert verify_password(kept, "correct horse battery")
    assert not verify_password(kept, "correct horse batterY")
    assert not verify_password("no hash at all", "correct horse battery")
    assert not verify_password(kept, "x" * 100_000)


@pytest.mark.parametrize("password", ["short", "", "x" * 1001])
def test_a_password_of_the_wrong_length_is_refused(password: str) -> None:
    with pytest.raises(ValueError, match="10 to 1000"):
        hash_password(password)


def test_an_unknown_user_costs_as_much_as_a_known_one() -> None:
    assert not PasswordHasher().check_needs_rehash(DUMMY_HASH)


def test_made_passwords_differ_and_can_be_read_aloud() -> None:
    made = {make_password() for _ in range(100)}
    assert len(made) == 100
    assert all(set(each) <= set("abcdefghijkmnpqrstuvwxyz23456789-") and len(each) == 23 for each in made)


@pytest.mark.parametrize(
    ("subject", "count", "seconds"),
    [
        ("login:lin", 4, 0),
        ("login:lin", 5, 30),
        ("login:lin", 6, 60),
        ("login:lin", 8, 240),
        ("login:lin", 50, 3600),
        ("everywhere:lin", 99, 0),
        ("everywhere:lin", 100, 30),
        ("everywhere:lin", 5000, 60),
        ("address:10.0.0.1", 19, 0),
        ("address:10.0.0.1", 20, 30),
        ("address:10.0.0.1", 21, 60),
    ],
)
def test_the_pause_doubles_up_to_an_hour(subject: str, count: int, seconds: int) -> None:
    assert locked_for(subject, count) == timedelta(seconds=seconds)


@pytest.mark.parametrize("target", ["/console", "/console/tickets/7?queue=mine", "/console?q=%E7%8E%8B"])
def test_a_login_leads_on_within_the_house(target: str) -> None:
    assert safe_target(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "", "https://evil.example/console", "//evil.example", "/\\evil.example", "/consolex", "/console/\r\nX: y",
        "javascript:alert(1)", "/console/login?next=/console", "/chat",
    ],
)  # fmt: skip
def test_a_login_never_leads_out_of_the_house(target: str) -> None:
    assert safe_target(target) == ""


def test_every_language_has_every_text_with_the_same_figures() -> None:
    texts = load_catalogue("en").texts
    assert set(texts) >= {"zh", "en"}
    figures = {
        language: {key: {part.partition("}")[0] for part in text.split("{")[1:]} for key, text in of.items()}
        for language, of in texts.items()
    }
    for language in texts:
        assert figures[language] == figures["en"], language


def test_adding_a_language_is_adding_a_file(tmp_path: object) -> None:
    assert load_catalogue("fr").default == "en"
    assert {path.suffix for path in FOLDER.iterdir()} == {".toml"}
