"""Knowledge pages on disk: read whole, or refused with every mistake."""

from pathlib import Path

import pytest

from nlp.pages import Audience, PagesRefused, read_pages

HOURS = "---\ntitle: Hours\nquestions:\n- When are you open?\n- 2026\nlanguage: en\n---\nFrom **9** to 18.\n"


def _refused(folder: Path, content: str | bytes) -> list[tuple[int, str]]:
    (folder / "page.md").write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(PagesRefused) as refused:
        read_pages(folder)
    return [(mistake.line, mistake.problem) for mistake in refused.value.mistakes]


def test_a_page_is_read_from_any_depth(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "hours.en.md").write_text("\ufeff" + HOURS.replace("\n", "\r\n"), encoding="utf-8")
    [page] = read_pages(tmp_path)
    assert (page.name, page.title, page.questions) == ("shop/hours.en", "Hours", ("When are you open?", "2026"))
    assert (page.language, page.audience, page.answer) == ("en", Audience.CUSTOMERS, "From 9 to 18.")


def test_all_mistakes_of_all_pages_are_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\ntitle: ''\nquestions: [{a: b}]\nlanguage: fr\naudience: all\ncolour: red\n---\n", encoding="utf-8"
    )
    (tmp_path / "b.md").write_text("no front matter", encoding="utf-8")
    with pytest.raises(PagesRefused) as refused:
        read_pages(tmp_path)
    assert str(refused.value).replace(str(tmp_path), "").splitlines() == [
        "/a.md:6: colour: unknown key, expected one of title, questions, language, audience",
        "/a.md:4: language: expected zh or en",
        "/a.md:5: audience: expected customers or agents",
        "/a.md:2: title: expected a text",
        "/a.md:3: questions: expected a text",
        "/a.md:8: the page has no text below its front matter",
        "/b.md:1: expected a front matter between two lines of ---",
    ]


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        ("", 1, "expected a front matter"),
        ("---\ntitle: x\n", 1, "not closed"),
        ("---\ntitle: [x\n---\ntext", 2, "no YAML"),
        ("---\ntitle: x\x00\n---\ntext", 2, "no YAML"),
        ("---\n- x\n---\ntext", 2, "expected the keys"),
        ("---\n---\ntext", 2, "expected the keys"),
        (b"---\ntitle: \xff\n---\ntext", 2, "UTF-8"),
        ("---\ntitle: x\nlanguage: en\nquestions: one\n---\ntext", 4, "expected a list"),
        ("---\ntitle: x\n---\ntext", 1, "language: expected zh or en"),
    ],
)
def test_each_mistake_has_its_line(tmp_path: Path, content: str | bytes, line: int, problem: str) -> None:
    [(found, told)] = _refused(tmp_path, content)
    assert found == line
    assert problem in told


def test_a_missing_folder_is_a_mistake_and_an_empty_one_is_not(tmp_path: Path) -> None:
    assert read_pages(tmp_path) == ()
    with pytest.raises(PagesRefused, match="no such folder"):
        read_pages(tmp_path / "knowledge")
