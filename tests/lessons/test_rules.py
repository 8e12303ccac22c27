"""The static rules on every real lesson, and on notebooks that break one rule each."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import broken
import lesson_files
import lesson_rules
import pytest
from rules import RULES, Lesson
from rules.claims import agrees
from rules.copies import normalised, package_functions
from rules.lesson import Cell
from rules.parameters import fits

LESSONS = lesson_files.find_lessons()
HERE = lesson_files.NOTEBOOKS / "01_toy.ipynb"  # where the fixtures pretend to lie
FIXTURES = sorted(broken.FOLDER.glob("*.ipynb"))


@pytest.mark.parametrize("path", LESSONS or [None], ids=lambda path: path.stem if path else "none")
def test_lesson_keeps_every_rule(path: Path | None) -> None:
    if path is None:
        pytest.skip("no lesson is written yet")
    problems = lesson_rules.check_notebook(lesson_files.read(path), path)
    assert not problems, "\n" + "\n".join(map(str, problems))


def fired(notebook: dict[str, Any]) -> set[str]:
    return {problem.rule for problem in lesson_rules.check_notebook(notebook, HERE)}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixture_breaks_its_rule_and_no_other(path: Path) -> None:
    expected = set() if path.stem == "good" else {path.stem}
    assert fired(lesson_files.read(path)) == expected


def test_every_rule_has_a_fixture() -> None:
    assert {path.stem for path in FIXTURES} == set(RULES) - {"oversize"} | {"good"}


def test_fixtures_are_as_the_program_makes_them() -> None:
    for name, content in broken.build().items():
        stored = (broken.FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
        assert stored == content, f"{name}: run python tests/lessons/broken.py"


def test_oversize() -> None:  # not a file: a megabyte in the repository to test a rule against megabytes
    notebook = broken.finished(broken.good())
    notebook["cells"][broken.FIGURE]["outputs"][0]["data"]["image/png"] = "A" * 1_000_000
    assert fired(notebook) == {"oversize"}


def test_rules_take_milliseconds() -> None:
    lesson = Lesson(lesson_files.read(broken.FOLDER / "good.ipynb"), HERE)
    package_functions()  # read once for all lessons
    for name, rule in RULES.items():
        start = time.perf_counter()
        list(rule(lesson))
        assert time.perf_counter() - start < 0.1, name


def test_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bad, shout = tmp_path / "no.ipynb", broken.FOLDER / "exclamation.ipynb"
    bad.write_text("{")
    assert lesson_rules.main([str(shout), str(bad), str(tmp_path / "absent.ipynb")]) == 1
    out = capsys.readouterr().out
    assert "exclamation.ipynb: cell 15: shouts:" in out and "[exclamation]" in out
    assert "no.ipynb: no.ipynb is not a Jupyter notebook" in out
    assert "absent.ipynb" in out


def changed(change: Any) -> set[str]:
    notebook = broken.good()
    change(notebook)
    return fired(broken.finished(notebook))


@pytest.mark.parametrize(
    ("words", "fires"),
    [
        ("≈ 97.3 %", False),
        ("≈97.3", False),
        ("≈ \u22120.3 and ≈ -2.5e-05", False),
        ("≈   1,234.5", False),
        ("97", False),
        ("torch 2.15.0, [ 1 2]", False),
        ("exercise 01.2 and claim 01.3", False),
        ("mnist5k.test, layer1.0, x1.5", False),
        ("97.3 %", True),
        ("≈ 97.3 ± 0.4", True),
        ("\u22120.3", True),
        ("lr 1e-3", True),
        ("tensor([0.1000, 0.2000])", True),
        ("≈\n0.3", True),
    ],
)
def test_what_counts_as_a_bare_decimal(words: str, fires: bool) -> None:
    expected = {"missing-approximately"} if fires else set()
    assert changed(broken.showing(broken.TRAIN, broken.stream(words))) == expected


@pytest.mark.parametrize(
    ("source", "fires"),
    [
        ("fit(model, test)", True),
        ("fit(model, train, test)", True),
        ("fit(model, train, valid=load('digits', split='test'))", True),
        ("held = load('digits', 'test')\nfit(model, train, held)", True),
        ("accs = [accuracy(m, test) for m in models]\nbest = max(accs)", True),
        ("scores = score(models, test.images)\ni = scores.argmax()", True),
        ("i = np.argmax(score(models, test))", True),
        ("stopper = EarlyStopping(test)", True),
        ("if accuracy(model, test) > best_accuracy:\n    best_accuracy = 1", True),
        ("fit(model, train, valid)\naccuracy(model, test)", False),
        ("print(test.images.min(), test.images.max())", False),
        ("guess = model(test.images).argmax(1)", False),
        ("closest = torch.cdist(test.images, known).argmin(1)", False),
        ("guess = torch.argmax(model(test.images), dim=1)", False),
        ("best = max(accuracy(m, valid) for m in models)", False),
    ],
)
def test_what_counts_as_choosing_on_test_data(source: str, fires: bool) -> None:
    expected = {"test-selection"} if fires else set()
    assert changed(broken.setting(broken.ANSWER, source)) == expected


def test_ranking_test_data_can_be_declared_harmless() -> None:
    def change(notebook: dict[str, Any]) -> None:
        broken.CHANGES["test-selection"](notebook)
        broken.tagging("not-a-choice")(notebook)

    assert changed(change) == set()


@pytest.mark.parametrize(
    ("prose", "rule"),
    [
        ("In this section we will see.", "banned-word"),
        ("Let\u2019s go.", "banned-word"),
        ("A simplified model, `simply` quoted, is fine.", None),
        ("**Stop!**", "exclamation"),
        ("It is 5! and `x!` and $n!$ and ![a dot](nbval_sanitize.cfg).", None),
        ("Ticks ✓ ✗ → × ≈ are signs.", None),
        ("Look \u2705", "emoji"),
        ("[gone](pictures/none.png)", "broken-link"),
        ('<img src="none.png" alt="x">', "broken-link"),
        ("[top](#read-a-digit), [mail](mailto:a@example.org), `[x](y.z)`, $f[x](y)$", None),
        ("at /home/learner/x", "absolute-path"),
        (r"at C:\Users\me", "absolute-path"),
        (r"and/or, https://example.org/tmp/x, $f:\mathbb{R} \to X:\mathbb{R}$", None),
        ("It reads 97 % (claim 01.1).", None),
        ("It reads 96 % (claim 01.1).", "result-number"),
        ("It reads 97.3 %. (claim 01.1)", None),
        ("It reads 1 % (claim 01.1).", "result-number"),
        ("Of 1,000 digits it reads 97.31 percent; see claims 01.1 and 01.1.", None),
        ("As 02 shows (claim 02.9).", "cited-claim"),
    ],
)
def test_prose(prose: str, rule: str | None) -> None:
    assert changed(broken.adding(broken.END, f"\n\n{prose}")) == ({rule} if rule else set())


@pytest.mark.parametrize(
    ("number", "claim", "expected"),
    [
        ("2.5", {"value": 0.0312, "bound": {"at_least": 0.025}}, True),
        ("2.5", {"value": 3.12, "bound": {"at_least": 2.5}}, True),
        ("21", {"value": -21.4, "bound": {"at_most": -20}}, True),
        ("3", {"value": None, "bound": {"between": [1, 3]}}, True),
        ("1,200", {"value": 1200.2, "bound": {"at_least": 900}}, True),
        ("4", {"value": 3.12, "bound": {"at_least": 2.5}}, False),
        ("1", {"value": 0.97, "bound": {"at_least": 0.9}, "statement": "at least 90 %"}, False),
        ("0.8", {"value": 0.81, "bound": {"at_least": 0.5}, "statement": "at least 0.5 points"}, True),
    ],
)
def test_numbers_that_agree_with_a_claim(number: str, claim: dict[str, Any], expected: bool) -> None:
    assert agrees(number, claim) is expected


@pytest.mark.parametrize(
    ("value", "annotation", "expected"),
    [
        (3, "int", True),
        (3, "float", True),
        (True, "int", False),
        (True, "bool", True),
        (None, "int | None", True),
        ("a", "int | None", False),
        ([1], "list[int]", True),
        ([1], "tuple[int, ...]", True),
        ("cnn", "Literal['cnn', 'mlp']", True),
    ],
)
def test_types_of_parameters(value: object, annotation: str, expected: bool) -> None:
    assert fits(value, annotation) is expected


def test_copies_are_found_under_other_names_and_plainer_ones_are_not() -> None:
    def body(source: str) -> str:
        (function,) = Cell(0, 1, {"cell_type": "code", "source": source}).tree.body  # type: ignore[union-attr]
        return normalised(function)  # type: ignore[arg-type]

    original = (
        'def f(x: int) -> int:\n    """Doc."""\n    y: int = g(x)\n    for i in y:\n        y = y + i\n    return y'
    )
    copy = "def other(a):\n    b = g(a)\n    for k in b:\n        b = b + k\n    return b"
    assert body(original) == body(copy) != ""
    assert body(copy) != body(copy.replace("g(a)", "h(a)"))
    assert body(copy) != body(copy.replace("b + k", "k + b"))
    assert body("def short(x):\n    return x") == ""


def test_repeated_claims_and_ids_that_are_not_literal() -> None:
    again = "\nclaim('01.1', 'x {bound}', value=1, at_least=0)"
    assert changed(broken.adding(broken.RESULT, again)) == {"claim-ids"}
    assert changed(broken.setting(broken.ANSWER, "claim(name, 'x', value=1)")) == {"claim-ids"}
    assert changed(broken.setting(broken.CHECK, "check(name, my_function)")) == {"check-ids"}


@pytest.mark.parametrize(
    ("before", "source", "fires"),
    [
        ("predict('How many?', ['1', '2'])", "x = 1", False),
        ("y = 1", "check('01.1', y)\ncheck('01.2', y)", False),
        ("y = 1", "# solution('01.1')", False),
        ("y = 1", "# nothing", True),
        ("y = 1", "check('01.1', y)\nz = 2", True),
    ],
)
def test_which_cells_need_no_sentence(before: str, source: str, fires: bool) -> None:
    def change(notebook: dict[str, Any]) -> None:
        notebook["cells"] += [broken.text("So:"), broken.code(before), broken.code(source)]

    assert changed(change) == ({"unexplained-cell"} if fires else set())


@pytest.mark.parametrize("key", ["question", "minutes", "profiles"])
def test_missing_metadata(key: str) -> None:
    assert changed(lambda notebook: notebook["metadata"]["visioncourse"].pop(key)) == {"lesson-metadata"}


def test_smoke_parameter_that_does_not_exist() -> None:
    def change(notebook: dict[str, Any]) -> None:
        notebook["metadata"]["visioncourse"]["profiles"]["smoke"]["epochs"] = 1

    assert changed(change) == {"lesson-metadata"}


def test_a_notebook_without_cells_or_metadata_is_reported_not_crashed_on() -> None:
    empty = json.loads('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    assert {"title", "missing-parameters", "lesson-metadata", "seeded"} == fired(empty)
