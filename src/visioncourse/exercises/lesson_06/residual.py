"""Exercise 06.1: a residual block."""

from __future__ import annotations

import torch

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_06 import blocks
from visioncourse.exercises.lesson_06.blocks import along, by_branch, by_shortcut, joined, residual_block, summed

ROW = torch.tensor([[1.0, -2.0, 0.25, 3.0]])
MAPS = torch.tensor([0.5, -1, 2, -3, 1, 4, -0.5, 0, -2, 3, 1.5, -4, 2.5, -1.5, 0.25, 1]).reshape(2, 2, 2, 2)

RESIDUAL = Exercise(
    id="06.1",
    title="A residual block",
    reference=residual_block,
    cases=[
        (ROW, blocks.one_minus_twice, None),
        (ROW, blocks.one_minus_twice, blocks.half_and_one),
        (MAPS, blocks.one_minus_twice, None),
        (MAPS, blocks.two_less, blocks.thrice),
    ],
    mistakes=[
        Mistake(
            "relu before the sum",
            joined(lambda change, kept: torch.relu(change) + kept),
            "You cut the branch off at zero, and then add. Such a branch can only ever add something to x, and never "
            "take anything away. First the sum, then relu.",
        ),
        Mistake(
            "relu on the shortcut",
            joined(lambda change, kept: change + torch.relu(kept)),
            "You cut off what comes along the shortcut, and not the sum. The shortcut passes x on as it is; relu comes "
            "when both have been added.",
        ),
        Mistake(
            "relu on shortcut and sum",
            joined(lambda change, kept: torch.relu(change + torch.relu(kept))),
            "The relu behind the sum is right, and there is one too many before it: you cut off what comes along the "
            "shortcut as well. The shortcut passes it on as it is.",
        ),
        Mistake(
            "x cut off first",
            blocks.CUT_FIRST[0],
            "x is cut off before it is used, on one path or on both, and what lies below zero in it is lost. Both "
            "paths take x as it comes in; relu stands behind their sum, and nowhere else.",
            also=blocks.CUT_FIRST[1:],
        ),
        Mistake(
            "relu on each",
            joined(lambda change, kept: torch.relu(change) + torch.relu(kept)),
            "You cut off branch and shortcut, each by itself. Then nothing can cancel: 3 on one path and −2 on the "
            "other give 3, where they should give 1. Add first.",
        ),
        Mistake(
            "relu twice",
            joined(lambda change, kept: torch.relu(torch.relu(change) + kept)),
            "One relu too many: you cut the branch's result off at zero, and the sum once more. What the branch wants "
            "to take away from x is lost. Only the sum is cut off.",
        ),
        Mistake(
            "no relu",
            joined(lambda change, kept: change + kept),
            "The sum is right, and its negative numbers are still there: relu comes last.",
        ),
        Mistake(
            "relu before the branch",
            summed(lambda x, branch, projection: branch(torch.relu(x)), by_shortcut),
            "You cut x off before the branch sees it. That is where pre-activation blocks have a relu, inside their "
            "branch; here the branch gets x as it is, and relu comes after the sum.",
            also=[lambda x, branch, projection: branch(torch.relu(x)) + along(x, projection)],
        ),
        Mistake(
            "no shortcut",
            joined(lambda change, kept: torch.relu(change)),
            "What came in is missing: you return the branch alone, as a plain network does. Add the shortcut before "
            "relu.",
            also=[lambda x, branch, projection: branch(x)],
        ),
        Mistake(
            "no shortcut without a projection",
            lambda x, branch, projection: torch.relu(branch(x) if projection is None else branch(x) + projection(x)),
            "Where `projection` is None you add nothing. None means that nothing has to be adapted: x itself is the "
            "shortcut then.",
        ),
        Mistake(
            "no branch",
            joined(lambda change, kept: torch.relu(kept)),
            "Only the shortcut arrives at the end. The branch's result, `branch(x)`, is to be added to it.",
        ),
        Mistake(
            "None called",
            summed(by_branch, lambda x, branch, projection: projection(x)),
            "Your function stops where `projection` is None: there is nothing to call then, and nothing to adapt. Ask "
            "first: `if projection is None`, the shortcut is x.",
        ),
        Mistake(
            "branch's result projected",
            summed(lambda x, branch, projection: along(branch(x), projection), lambda x, branch, projection: x),
            "You project the branch's result. But the branch gives the new shape already; it is x that does not fit, "
            "and that the projection is for.",
            also=[summed(lambda x, branch, projection: along(branch(x), projection), by_shortcut)],
        ),
        Mistake(
            "sum projected",
            blocks.projected_last,
            "You add x to the branch, and project the sum. But where a projection is needed, the two cannot be added "
            "yet: project x, then add.",
        ),
        Mistake(
            "branch behind the projection",
            blocks.projected_first,
            "Your branch gets the projection of x, not x. Both paths begin at the same place: give the shortcut a "
            "name of its own, so that x stays what came in.",
        ),
        Mistake(
            "projection ignored",
            summed(by_branch, lambda x, branch, projection: x),
            "You add x even where there is a projection. It is there because the branch may change the shape of x; "
            "the shortcut is `projection(x)` then.",
        ),
        Mistake(
            "projection only where shapes differ",
            summed(by_branch, blocks.only_if_needed),
            "You use the projection only where the shapes differ. Whoever hands one over wants it used: the one "
            "question is whether it is None.",
        ),
        Mistake(
            "x besides its projection",
            summed(by_branch, lambda x, branch, projection: x if projection is None else x + projection(x)),
            "You add x and its projection besides. The projection takes the place of x on the shortcut: one or the "
            "other.",
        ),
        Mistake(
            "concatenated",
            joined(lambda change, kept: torch.relu(torch.cat([change, kept], dim=1))),
            "You laid the two side by side, which is what a dense block does, and the channels grow. A residual block "
            "adds number to number, and the shape stays that of the branch.",
            also=[
                joined(lambda change, kept: torch.cat([change, kept], dim=1)),
                joined(lambda change, kept: torch.relu(torch.cat([kept, change], dim=1))),
                joined(lambda change, kept: torch.cat([kept, change], dim=1)),
            ],
        ),
        Mistake(
            "multiplied",
            joined(lambda change, kept: torch.relu(change * kept)),
            "You multiply branch and shortcut. A branch that gives zeros would wipe x out; added, it leaves x as it "
            "is, and that is the point.",
        ),
        Mistake(
            "subtracted",
            joined(lambda change, kept: torch.relu(change - kept)),
            "There is a minus between your branch and your shortcut. The branch learns what to change, of either sign: "
            "add it.",
            also=[joined(lambda change, kept: torch.relu(kept - change))],
        ),
        Mistake(
            "averaged",
            joined(lambda change, kept: torch.relu((change + kept) / 2)),
            "You took the mean of branch and shortcut. After ten such blocks a thousandth of x would be left; the sum "
            "passes x on in full.",
        ),
        Mistake(
            "branch applied twice",
            summed(lambda x, branch, projection: branch(branch(x)), by_shortcut),
            "What the branch gives goes through the branch once more. Once is enough: `branch` holds all the layers of "
            "this block.",
        ),
        Mistake(
            "branch added twice",
            joined(lambda change, kept: torch.relu(2 * change + kept)),
            "The branch's result is in your sum twice. Once, and x along the shortcut once.",
        ),
        Mistake(
            "added to itself",
            blocks.branch_first,
            "x is gone when you add. Does a line say `x = branch(x)`? After it the shortcut starts at the branch's end "
            "and adds the branch's result to itself. Give that result another name.",
            also=[summed(by_branch, by_branch)],
        ),
    ],
    hints=[
        "Two paths begin at x and meet in a sum. What runs along each of them?",
        "First the shortcut: x if `projection` is None, else `projection(x)`. Do not overwrite x: the branch needs it.",
        "`torch.relu(branch(x) + shortcut)`.",
    ],
    idea="The branch computes only what to change about x. One that gives zeros leaves the block at relu of its "
    "shortcut, so that more blocks need not do harm.",
)
