"""Exercise 07.5: four tasks, and which way of beginning suits each."""

from __future__ import annotations

from typing import Any

from visioncourse.exercises.compare import in_words, kind_of
from visioncourse.exercises.exercise import Exercise, Mistake

WORDS = ("frozen", "fine-tune", "scratch", "neither")

SCENARIOS: list[str] = [
    "Parcels. A camera above the conveyor belt reads single handwritten digits. There are five thousand of them, "
    "labelled, and a weekend to train. The backbone has learned from photographs of animals and cars, and the camera's "
    "chip has room for a network a tenth of its size. A linear layer on the bare pixels misreads one digit in ten, "
    "which is too many.",
    "Account books. A tablet has to learn each new clerk's handwriting from two examples of each digit, and at once: "
    "it has hardly the power to run the backbone once over those twenty pictures. The backbone has learned to read "
    "the handwritten digits of other people. A linear layer on the bare pixels misreads every third digit.",
    "Bottles. A fixed camera looks at one bottle after the other: is the cap on? There are a thousand labelled "
    "pictures, and one error in a hundred is allowed. A linear layer on the bare pixels makes one in a thousand. The "
    "backbone has learned from photographs.",
    "Animals. Photographs of five kinds, five hundred labelled ones of each. The backbone has learned from photographs "
    "of the same size, of other animals and of cars. A graphics card is free for the night, and every point of "
    "accuracy counts. A linear layer on the bare pixels misses nearly half.",
]


def choose() -> Any:
    """No room and other pictures; two labels; solved already; like pictures, and labels enough."""
    return ["scratch", "frozen", "neither", "fine-tune"]


RIGHT: list[str] = choose()

WRONG: list[dict[str, str]] = [
    {
        "frozen": "Parcels: features of photographs do not fit digits. In the lesson they lost to a network that "
        "began from nothing. And a frozen backbone has to run on the chip, where it has no room.",
        "fine-tune": "Parcels: who fine-tunes a backbone ends with a network of its size, and the chip has room "
        "for a tenth. What could it bring, from photographs of cars, that five thousand labelled digits do not teach?",
        "neither": "Parcels: the linear layer misreads one digit in ten, and that was too many. Something that "
        "sees more than single pixels is needed, and there is enough to train it with.",
    },
    {
        "fine-tune": "Account books: twenty pictures, and all weights of a network to fit to them. It would take many "
        "walks back through all layers, and the tablet can hardly walk forward once. Once is enough for one of the "
        "ways.",
        "scratch": "Account books: two examples of each digit. With so few labels the lesson's network from scratch "
        "fell far behind one that knew digits before it began.",
        "neither": "Account books: the linear layer misreads every third digit. There is something here that has seen "
        "handwritten digits before, and it is free to use.",
    },
    {
        "frozen": "Bottles: one error in a hundred is allowed, and what is there makes one in a thousand. Features "
        "of a backbone would cost a thousand times the work, to improve on something good enough.",
        "fine-tune": "Bottles: there is nothing left to gain by training a large network. Look at what is allowed, and "
        "at what the linear layer does.",
        "scratch": "Bottles: a deep network of your own would learn this, too. But what for? The linear layer does "
        "better than it has to.",
    },
    {
        "frozen": "Animals: the features nearly fit, and they were chosen for other animals. In the lesson frozen "
        "upper layers of the other classes lost points that came back once they were allowed to learn. Here are labels "
        "and time enough for that.",
        "scratch": "Animals: that throws away what fits. Photographs of other animals have taught the backbone "
        "edges, fur and legs already. With some hundreds of labels of each kind beginning there is still ahead.",
        "neither": "Animals: the linear layer misses nearly half. Photographs need features, and a backbone that "
        "has some is at hand.",
    },
]

USUAL: dict[str, tuple[list[str], str]] = {
    "frozen everywhere": (
        ["frozen"] * 4,
        "The same answer four times? Frozen features are cheap, and good where they fit and labels are few. Ask of "
        "each task: do the features fit? Are there labels to do better? Is there anything to gain?",
    ),
    "fine-tuned everywhere": (
        ["fine-tune"] * 4,
        "The same answer four times? Fine-tuning is a good habit where pictures are alike and there are some hundreds "
        "of labels. Ask of each task: has the backbone room, and do the features fit? Are there labels enough for all "
        "weights? Is there anything to gain?",
    ),
    "scratch everywhere": (
        ["scratch"] * 4,
        "The same answer four times? Then this lesson was in vain. Ask of each task how many labels there are, and "
        "whether the backbone has seen anything like it.",
    ),
    "neither everywhere": (
        ["neither"] * 4,
        "The same answer four times? A linear layer is enough in one of the tasks. In the others it says how many "
        "errors it makes.",
    ),
}


def measure_choices(answer: Any) -> str | None:
    """Return what is wrong with four choices, or None.

    Args:
        answer: four words, in the order of the tasks, in a list or tuple.
    """
    if not isinstance(answer, list | tuple):
        return f"Expected a list of four words, such as `['frozen', …]`; got {kind_of(answer)}."
    if len(answer) != len(RIGHT):
        return f"Expected four words, one for each task; got {len(answer)}."
    waiting = [str(number) for number, word in enumerate(answer, start=1) if word is ...]
    if waiting:
        return f"No choice yet for task {', '.join(waiting)}: each of the four gets one of the four words."
    words = [plain(word) for word in answer]
    if None in words:
        strange = in_words(answer[words.index(None)])
        return f"There is no choice {strange}: the four words are {', '.join(WORDS[:3])} and {WORDS[3]}."
    right = sum(one == other for one, other in zip(words, RIGHT, strict=True))
    count = f" ({right} of the 4 choices {'is' if right == 1 else 'are'} right.)"
    hints = [hint for usual, hint in USUAL.values() if words == usual]
    hints += [WRONG[task][word or ""] for task, word in enumerate(words) if word != RIGHT[task]]
    return hints[0] + count if hints else None


def plain(word: Any) -> str | None:
    """Return one of the four words, however it is written, or None.

    >>> plain("Fine tuned"), plain("from scratch"), plain("thaw")
    ('fine-tune', 'scratch', None)
    """
    letters = "".join(filter(str.isalpha, word.lower())) if isinstance(word, str) else ""
    forms = {"freeze": "frozen", "finetuned": "finetune", "finetuning": "finetune", "fromscratch": "scratch"}
    return {key.replace("-", ""): key for key in WORDS}.get(forms.get(letters, letters))


def wrong_choices() -> list[Mistake]:
    """Return a mistake for each wrong word in each task, and those who give one answer to all."""
    mistakes = [Mistake(name, words, hint) for name, (words, hint) in USUAL.items()]
    for task, hints in enumerate(WRONG):
        for word, hint in hints.items():
            name = f"{SCENARIOS[task].partition('.')[0].lower()}: {word}"
            mistakes.append(Mistake(name, [*RIGHT[:task], word, *RIGHT[task + 1 :]], hint))
    return mistakes


CHOICES = Exercise(
    id="07.5",
    title="Four tasks",
    reference=choose,
    mistakes=wrong_choices(),
    hints=[
        "Ask three things of each task. Has the backbone seen anything like these pictures? How many labels are there "
        "for how many weights? What can the machine do?",
        "Before anything else ask whether there is something to gain at all: each task says what a linear layer does "
        "on the bare pixels.",
        "Few labels and features that fit: keep them. Labels enough and features that nearly fit: let them learn. "
        "Labels enough and features that do not fit: begin anew.",
    ],
    idea="Few labels and features that fit: frozen. More labels, and features that nearly fit: fine-tune. "
    "Features of something else, and labels enough: scratch. And first of all try what costs nothing: it may do.",
    measure=measure_choices,
)
