"""The texts: every language says the same things with the same figures, or one error says where not."""

from pathlib import Path

import pytest

from bot.catalogue import CatalogueRefused, load_catalogue

ENGLISH = 'hello = "Hello {name}"\n[help]\nsaid = "Glad to help."\n'


def write(folder: Path, **files: str) -> Path:
    for language, text in files.items():
        (folder / f"{language}.toml").write_text(text, encoding="utf-8")
    return folder


def test_our_own_texts_are_the_same_in_every_language() -> None:
    catalogue = load_catalogue("zh")
    assert {"zh", "en"} <= catalogue.texts.keys()
    assert catalogue.default == "zh"


def test_a_language_is_added_by_adding_a_file(tmp_path: Path) -> None:
    german = 'hello = "Hallo {name}"\nhelp.said = "Gern."\n'
    catalogue = load_catalogue("fr", write(tmp_path, en=ENGLISH, de=german))
    assert catalogue.say("de-AT", "hello", name="Li") == "Hallo Li"
    assert catalogue.say("fr", "help.said") == "Glad to help."


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('hello = "Hallo {name}"\n', "de.toml: help.said: not there, en.toml has it"),
        (ENGLISH + 'more = "x"\n', "de.toml: help.more: unknown, en.toml does not have it"),
        (
            ENGLISH.replace("{name}", "{nme}"),
            "de.toml: hello: expected {name}, as in en.toml, not {nme}",
        ),
        (ENGLISH.replace("{name}", ""), "de.toml: hello: expected {name}, as in en.toml, not no figures"),
        (ENGLISH.replace("{name}", "{name"), "de.toml: hello: a brace stands alone"),
        ('hello = 1\nhelp.said = ""\n', "de.toml: hello: expected a text"),
        ("hello", "de.toml: not TOML: "),
    ],
)
def test_a_language_that_says_something_else_is_refused(tmp_path: Path, text: str, mistake: str) -> None:
    with pytest.raises(CatalogueRefused) as refused:
        load_catalogue("en", write(tmp_path, en=ENGLISH, de=text))
    assert str(refused.value).startswith(mistake)


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    with pytest.raises(CatalogueRefused) as refused:
        load_catalogue("en", write(tmp_path, en=ENGLISH, de='other = "x"', fr="help.said = ''"))
    assert len(str(refused.value).splitlines()) == 4


def test_without_english_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    with pytest.raises(CatalogueRefused, match=r"en\.toml: not there"):
        load_catalogue("de", write(tmp_path, de=ENGLISH))
