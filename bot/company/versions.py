"""Short hashes of what a calendar or a policy says: a clock keeps the one it was computed with (S13)."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import Any


def version_of(value: object) -> str:
    """The same for the same contents, whatever the order of a mapping or a set, in every process."""
    return sha256(_canonical(value).encode()).hexdigest()[:12]


def _canonical(value: Any) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        parts = (f"{each.name}={_canonical(getattr(value, each.name))}" for each in fields(value) if each.compare)
        return f"{type(value).__name__}({','.join(parts)})"
    if isinstance(value, Mapping):
        return _braced(f"{_canonical(key)}:{_canonical(each)}" for key, each in value.items())
    if isinstance(value, Set):
        return _braced(map(_canonical, value))
    if isinstance(value, tuple | list):
        return f"[{','.join(map(_canonical, value))}]"
    return repr(value)


def _braced(parts: Iterable[str]) -> str:
    return f"{{{','.join(sorted(parts))}}}"
