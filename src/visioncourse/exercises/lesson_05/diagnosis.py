"""Exercise 05.5, six patients: the right cures, and what to say about wrong prescriptions."""

from __future__ import annotations

from numbers import Real
from typing import Any, NamedTuple

from visioncourse.exercises.compare import in_words, kind_of
from visioncourse.exercises.exercise import Exercise, Mistake

CURES = {"A": 2, "B": 5, "C": 1, "D": 6, "E": 4, "F": 3}
NUMBERS = range(1, 8)


class Confusion(NamedTuple):
    """Illnesses taken for others, and where to look once more."""

    name: str
    wrong: dict[str, int]
    hint: str


CONFUSIONS = [
    Confusion(
        "A and C swapped",
        {"A": 1, "C": 2},
        "You swapped the rates of A and C. One run goes the right way throughout and has not arrived; the other begins "
        "far above a guess's 2.3, then goes up and down, and gets nowhere. Which of them steps too far?",
    ),
    Confusion(
        "B and D swapped",
        {"B": 6, "D": 5},
        "You swapped the cures of B and D. Both learn in training and do worse in the exam. One of them reads most of "
        "the unseen digits; the other hardly more than by guessing, from the very first epoch.",
    ),
    Confusion(
        "C and F swapped",
        {"C": 3, "F": 1},
        "You swapped the cures of C and F. Steps that are too large do harm at once; what piles up needs time. Which "
        "of the two learns as fast as the healthy run at first?",
    ),
    Confusion(
        "A and E swapped",
        {"A": 4, "E": 2},
        "You swapped the cures of A and E. Both end with a loss near 1.5. But one of them reads nearly as many digits "
        "as the healthy run: it has learned, and something keeps its loss from showing it.",
    ),
    Confusion(
        "rate of A lowered",
        {"A": 1},
        "Too high a rate makes a loss jump or climb. The loss of A sinks at every epoch, only slowly: a lower rate "
        "would slow it down still more.",
    ),
    Confusion(
        "A taken for shares",
        {"A": 4},
        "You took A for softmax twice: its loss ends high, true. But with shares for logits the answers are good all "
        "the same, and A's accuracy lags as far behind as its loss.",
    ),
    Confusion(
        "A taken for wrong labels",
        {"A": 7},
        "You blame A's labels. With shuffled ones there would be nothing to understand, and the held-out loss would "
        "not sink. A's sinks at every epoch, only slowly.",
    ),
    Confusion(
        "B taken for memorising",
        {"B": 6},
        "You took B for memorising. A network that has learned its digits by heart still reads most of the others, and "
        "B hardly any. And from the first epoch on its training curve is the healthy one's: it saw all the digits.",
    ),
    Confusion(
        "B taken for wrong labels",
        {"B": 7},
        "You blame B's labels. Look at its training loss: it falls exactly as that of the healthy run. Shuffled labels "
        "would hold it up. B has learned well; what happens between learning and exam?",
    ),
    Confusion(
        "C taken for gradients kept",
        {"C": 3},
        "You took C for gradients that were never cleared. Those start small and pile up, so such a run learns well at "
        "first. C is worse than a guess in its first epoch.",
    ),
    Confusion(
        "rate of C raised",
        {"C": 2},
        "Too low a rate starts at the loss of a guess, ln 10 ≈ 2.3, and sinks from there. C begins far above it: its "
        "first steps made it worse than guessing.",
    ),
    Confusion(
        "C taken for wrong labels",
        {"C": 7},
        "You blame C's labels. Shuffled ones are learned by heart: the training loss would begin near a guess's 2.3 "
        "and sink steadily. C's begins far above that, and then goes up and down: it was thrown out.",
    ),
    Confusion(
        "D taken for the exam's mode",
        {"D": 5},
        "You sent D to its exam in train mode. In a batch of zeros alone almost nothing would be read right then; D "
        "reads most of its exam. Compare its two losses: how small does one become, and where does the other come to "
        "rest?",
    ),
    Confusion(
        "D taken for wrong labels",
        {"D": 7},
        "You blame D's labels. Wrong ones take long to learn, each by itself. D's training loss is below the healthy "
        "one's from the first epoch on: it has little to learn. Is it enough for an exam?",
    ),
    Confusion(
        "E taken for a low rate",
        {"E": 2},
        "You took E for a rate too low, because its loss stays high. But look at its accuracy: nearly the healthy "
        "one's. Which mistake keeps a loss from falling although the answers are right?",
    ),
    Confusion(
        "E taken for wrong labels",
        {"E": 7},
        "You blame E's labels. But it reads nearly as many unseen digits as the healthy run, so it was taught well. "
        "What keeps a loss from falling although the answers are right?",
    ),
    Confusion(
        "F taken for a high rate",
        {"F": 1},
        "You took F for a rate too high. Then the first epoch would be the worst, as in another patient. F learns as "
        "fast as the healthy run and gets worse later: something grows from step to step.",
    ),
    Confusion(
        "F taken for memorising",
        {"F": 6},
        "You took F for memorising, because its held-out loss rises. Who memorises has a training loss near zero. F's "
        "is above the healthy one's in the second half, and rises at last.",
    ),
]
LOOK = {
    "A": "Look again at A: loss and accuracy both go the right way to the end, and are far from arriving.",
    "B": "Look again at B: its training loss is the healthy one's to the last digit. So training is in order. And the "
    "exam?",
    "C": "Look again at C: in the first epoch its loss is far above that of a guess, ln 10 ≈ 2.3, and at the end it is "
    "hardly better than one.",
    "D": "Look again at D: its training loss goes to nearly zero at once, and the held-out loss comes to rest far "
    "above it, where it reads clearly fewer digits than the healthy run.",
    "E": "Look again at E: an accuracy as good as the healthy one's, and a loss that does not get below 1.5.",
    "F": "Look again at F: it learns well at first. Then the held-out loss climbs off the picture, and at last the "
    "training loss rises as well.",
}


def measure_cures(answer: Any) -> str | None:
    """Return what is wrong with a prescription, or None.

    Args:
        answer: a dictionary from each patient's letter to the number of a cure.
    """
    complaint = incomplete(answer)
    if complaint:
        return complaint
    right = sum(answer[letter] == cure for letter, cure in CURES.items())
    if right == len(CURES):
        return None
    count = f" ({right} of the {len(CURES)} prescriptions are right.)"
    for confusion in CONFUSIONS:
        if all(answer[letter] == cure for letter, cure in confusion.wrong.items()):
            return confusion.hint + count
    return next(hint for letter, hint in LOOK.items() if answer[letter] != CURES[letter]) + count


def incomplete(answer: Any) -> str | None:
    """Return a sentence where an answer is no full list of cures, else None."""
    if not isinstance(answer, dict):
        return f"Expected a dictionary such as `{{'A': 7, 'B': …}}`, got {kind_of(answer)}."
    strange = [in_words(letter) for letter in answer if letter not in CURES]
    if strange:
        return f"There is no patient {strange[0]}: they are called {listed(list(CURES))}."
    waiting = [letter for letter in CURES if answer.get(letter, ...) is ...]
    if waiting:
        return f"No cure yet for {listed(waiting)}: give each of them a number from 1 to 7."
    for letter in CURES:
        number = answer[letter]
        if isinstance(number, bool) or not isinstance(number, Real) or number not in NUMBERS:
            return f"Patient {letter} got {in_words(number)}; the cures are whole numbers from 1 to 7."
    return None


def listed(words: list[str]) -> str:
    """Join words with commas and a final "and".

    >>> listed(["A", "B", "C"])
    'A, B and C'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def wrong_cures() -> list[Mistake]:
    """Return a typical mistake for each confusion, and one more for each patient."""
    told = {
        letter: {c.wrong[letter] for c in CONFUSIONS if len(c.wrong) == 1 and letter in c.wrong} for letter in CURES
    }
    mistakes = [Mistake(c.name, CURES | c.wrong, c.hint) for c in CONFUSIONS]
    for letter, hint in LOOK.items():
        number = next(n for n in NUMBERS if n != CURES[letter] and n not in told[letter])
        mistakes.append(Mistake(f"{letter} otherwise", CURES | {letter: number}, hint))
    return mistakes


DIAGNOSIS = Exercise(
    id="05.5",
    title="Six patients",
    reference=CURES,
    mistakes=wrong_cures(),
    hints=[
        "Look at the blue curves first. Which patients learn in training as well as the healthy one does, or better? "
        "For those the trouble lies elsewhere.",
        "Two patients end with a loss near 1.5. Their accuracies tell them apart. Two end with by far the largest "
        "held-out losses; their training losses tell them apart.",
        "Cure 7 helps nobody here.",
    ],
    idea="The training loss tells whether it learns, the held-out loss whether it understands. Where loss and "
    "accuracy disagree, ask how sure the network is: E cannot be sure of anything, and F is far too sure.",
    measure=measure_cures,
)
