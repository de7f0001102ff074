"""What was computed from files that seldom change, kept in a file by its content."""

import logging
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

log = logging.getLogger(__name__)

Arrays = Mapping[str, npt.NDArray[Any]]
_KEY = "key"


def kept_arrays(cache: Path, key: str) -> dict[str, npt.NDArray[Any]] | None:
    """What was kept of this content; None where nothing was, or nothing that can be read."""
    try:
        with np.load(BytesIO(cache.read_bytes()), allow_pickle=False) as kept:
            return {name: kept[name] for name in kept.files} if str(kept[_KEY]) == key else None
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def keep_arrays(cache: Path, key: str, arrays: Arrays) -> None:
    """Keep them in the place of what was there; where that cannot be, the next start computes them again."""
    draft = cache.with_name(f".{cache.name}.draft.npz")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.savez(draft, key=np.array(key), **arrays)  # type: ignore[arg-type]  # no array is called allow_pickle
        draft.replace(cache)
    except OSError:
        log.warning("what was computed for the tagger cannot be kept", extra={"file": str(cache)})
