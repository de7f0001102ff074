"""The Dockerfile, its ignore file, compose.yaml and the project file speak of the same packages and version."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.structure.limits import PACKAGES

ROOT = Path(__file__).parents[2]


def lines(name: str) -> list[str]:
    return (ROOT / name).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_reaches_the_image(package: str) -> None:
    assert f"COPY {package} {package}" in lines("Dockerfile")
    assert f"!{package}" in lines(".dockerignore")


def test_every_package_reaches_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["setuptools"]["packages"]["find"]["include"] == [f"{package}*" for package in PACKAGES]


def test_the_image_runs_as_an_ordinary_user() -> None:
    users = [line.removeprefix("USER ") for line in lines("Dockerfile") if line.startswith("USER ")]
    assert users == ["10001:10001"]


def test_compose_names_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert composed["services"]["guanxi"]["image"] == f"guanxi:{project['project']['version']}"


def test_compose_carries_no_secret() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    values = re.findall(r"(?m)^ +\w*(?:PASSWORD|TOKEN|SECRET)\w*:(.*)$", text)
    assert values
    assert [value for value in values if value.strip() and not value.strip().startswith("${")] == []
