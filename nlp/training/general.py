"""Public texts beside our own messages: what keeps the embedding general, and more that is out of scope.

Only sets whose licence allows it, only their training parts, and of Banking77 and CLINC150 no label of their own tasks.
"""

import csv
import json
import random
from pathlib import Path

from nlp.model_text import prepare

LICENCES = [
    "texts that keep the embedding general: Banking77 (PolyAI), training part, CC BY 4.0, labels not used",
    "the same, and negatives of `other`: CLINC150 (Larson et al. 2019), training part, CC BY 3.0",
]

#: What no company that serves customers would be asked as such; what a bank or a traveller asks might be ours.
# fmt: off
_OFF_TOPIC = (
    "are_you_a_bot", "calculator", "change_accent", "change_ai_name", "change_user_name", "change_volume",
    "calories", "cook_time", "date", "definition", "directions", "distance", "do_you_have_pets", "flip_coin",
    "fun_fact", "gas", "how_old_are_you", "ingredient_substitution", "ingredients_list", "meaning_of_life",
    "meal_suggestion", "measurement_conversion", "mpg", "next_song", "nutrition_info", "oil_change_how",
    "play_music", "recipe", "reminder", "roll_dice", "shopping_list", "smart_home", "spelling", "tell_joke",
    "time", "timer", "timezone", "tire_pressure", "todo_list", "traffic", "translate", "weather",
    "what_are_your_hobbies", "what_is_your_name", "what_song", "where_are_you_from", "whisper_mode",
    "who_do_you_work_for", "who_made_you", "alarm", "calendar", "text_common", "make_call",
)
# fmt: on


class NoPublicDataError(Exception):
    """The folder with the public sets is not there."""


def texts(folder: Path, count: int, seed: int) -> list[str]:
    """So many texts of Banking77 and CLINC150, prepared, without repetitions."""
    with _existing(folder / "banking77/train.csv").open(encoding="utf-8", newline="") as rows:
        found = [row["text"] for row in csv.DictReader(rows)]
    found += [text for text, _ in _clinc(folder)["train"]]
    distinct = sorted({prepare(text) for text in found})
    return random.Random(seed).sample(distinct, min(count, len(distinct)))  # noqa: S311


def out_of_scope(folder: Path, each: int, seed: int) -> list[str]:
    """Texts of CLINC150 that are `other` to us: its own out-of-scope ones, and so many of each off-topic intent."""
    splits = _clinc(folder)
    found = [text for text, _ in splits["oos_train"]]
    chance = random.Random(seed)  # noqa: S311
    for intent in _OFF_TOPIC:
        found += chance.sample([text for text, label in splits["train"] if label == intent], each)
    return sorted({prepare(text) for text in found})


def _clinc(folder: Path) -> dict[str, list[tuple[str, str]]]:
    splits: dict[str, list[tuple[str, str]]] = json.loads(_existing(folder / "clinc150/data_full.json").read_text())
    return splits


def _existing(path: Path) -> Path:
    if not path.exists():
        message = f"{path} is not there: name the folder of the public sets by --public."
        raise NoPublicDataError(message)
    return path
