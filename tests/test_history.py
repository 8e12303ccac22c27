from __future__ import annotations

import json
import math

import pytest

from visioncourse.history import History


@pytest.fixture
def run() -> History:
    return History([1.5, 0.25], [0.5, 0.9375], [1.75, 0.5], [0.4, 1.0], [0.001, 1e-7], [0.1, 0.2], "bfloat16", "cpu")


def test_a_new_history_is_empty_and_its_own() -> None:
    one, other = History(), History()
    one.loss.append(1.0)
    assert (one.epochs, other.epochs, other.table()) == (1, 0, "")


def test_the_table_has_a_line_an_epoch(run: History) -> None:
    assert run.table() == (
        "epoch   1   loss ≈ 1.5000   train ≈  50.0%   valid ≈  40.0%\n"
        "epoch   2   loss ≈ 0.2500   train ≈  93.8%   valid ≈ 100.0%"
    )
    assert len({len(line) for line in run.table().splitlines()}) == 1


def test_every_measured_number_follows_the_sign(run: History) -> None:
    for line in run.table().splitlines():
        assert line.count("≈") == 3 == sum("." in word for word in line.split())


def test_without_held_out_images_there_is_no_such_column() -> None:
    assert History([0.5], [1.0], lr=[0.1], seconds=[1.0]).table() == "epoch   1   loss ≈ 0.5000   train ≈ 100.0%"


def test_accuracy_may_be_no_number() -> None:
    assert "nan" in History([0.5], [math.nan]).table()


def test_it_goes_through_json_and_back(run: History) -> None:
    assert History(**json.loads(json.dumps(run.as_dict()))) == run


def test_the_dictionary_is_a_copy(run: History) -> None:
    run.as_dict()["loss"].append(7.0)
    assert run.epochs == 2
