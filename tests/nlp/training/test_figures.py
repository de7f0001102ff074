"""The figures by which a model is judged, on cases small enough to reckon by hand."""

import numpy as np
import pytest

from nlp.training.figures import area_under, calibration_error, confusion, f1, macro_f1


def test_f1_of_two_right_one_wrong_one_missed() -> None:
    found = np.array([True, True, True, False, False])
    wanted = np.array([True, True, False, True, False])
    assert f1(found, wanted) == pytest.approx(4 / 6)


def test_f1_of_nothing_is_nothing() -> None:
    assert f1(np.zeros(3, dtype=bool), np.zeros(3, dtype=bool)) == 0


def test_macro_f1_counts_every_wanted_label_alike() -> None:
    wanted = np.array([0, 0, 0, 1])
    assert macro_f1(np.array([0, 0, 0, 0]), wanted) == pytest.approx((6 / 7 + 0) / 2)
    assert macro_f1(wanted, wanted) == 1


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    confidence = np.array([0.9, 0.9, 0.9, 0.9], dtype=np.float32)
    assert calibration_error(confidence, np.array([True, True, True, False])) == pytest.approx(0.15, abs=1e-6)


def test_full_confidence_falls_into_the_last_bin() -> None:
    assert calibration_error(np.ones(2, dtype=np.float32), np.array([True, True])) == 0


def test_confusion_has_a_row_for_what_was_wanted() -> None:
    table = confusion(np.array([1, 1, 0]), np.array([0, 1, 0]), 2)
    assert table.tolist() == [[1, 1], [0, 1]]


def test_the_area_under_the_curve() -> None:
    positive = np.array([True, True, False, False])
    assert area_under(np.array([4.0, 3.0, 2.0, 1.0], dtype=np.float32), positive) == 1
    assert area_under(np.array([1.0, 2.0, 3.0, 4.0], dtype=np.float32), positive) == 0
