"""How good a model is, in figures: F1, calibration, refusal; plain arithmetic over arrays."""

import numpy as np
import numpy.typing as npt

from nlp.encoder import Floats
from nlp.training.scores import Labels

BINS = 15


def f1(found: npt.NDArray[np.bool_], wanted: npt.NDArray[np.bool_]) -> float:
    right = int((found & wanted).sum())
    return 2 * right / max(1, int(found.sum()) + int(wanted.sum()))


def macro_f1(found: Labels, wanted: Labels) -> float:
    """The mean over the labels that are wanted anywhere."""
    return float(np.mean([f1(found == label, wanted == label) for label in np.unique(wanted)]))


def calibration_error(confidence: Floats, right: npt.NDArray[np.bool_]) -> float:
    """ECE: how far confidence and accuracy lie apart, over bins of equal width."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(float(confidence[bins == at].sum()) - int(right[bins == at].sum())) for at in np.unique(bins)]
    return sum(gaps) / len(right)


def confusion(found: Labels, wanted: Labels, labels: int) -> npt.NDArray[np.int64]:
    """Rows are what was wanted, columns what was found."""
    table = np.zeros((labels, labels), dtype=np.int64)
    np.add.at(table, (wanted, found), 1)
    return table


def area_under(scores: Floats, positive: npt.NDArray[np.bool_]) -> float:
    """AUROC of scores that should be higher where `positive`."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(scores, kind="stable")] = np.arange(1, len(scores) + 1)
    many = int(positive.sum())
    return float((ranks[positive].sum() - many * (many + 1) / 2) / max(1, many * (len(scores) - many)))
