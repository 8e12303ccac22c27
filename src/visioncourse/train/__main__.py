"""``python -m visioncourse.train``: train by a recipe, in one process or, under ``torchrun``, in many."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

import torch

from visioncourse.device import choose_device
from visioncourse.distributed import joined, own_device
from visioncourse.train.job import Job
from visioncourse.train.recipe import Recipe, read_recipe, recipe_names

LOST = "a process of the team was lost"


def parser() -> argparse.ArgumentParser:
    """Return what the command line understands."""
    known = ", ".join(recipe_names())
    words = argparse.ArgumentParser("python -m visioncourse.train", description=__doc__, allow_abbrev=False)
    words.add_argument("--recipe", help=f"name of a shipped recipe ({known}) or path of a TOML file")
    words.add_argument("--model", help="name of a network; else the recipe's")
    words.add_argument("--data", help="name of a data set, or folder:PATH; else the recipe's")
    words.add_argument("--epochs", type=int, help="else the recipe's")
    words.add_argument("--batch-size", type=int, help="images a step, in all processes together; else the recipe's")
    words.add_argument("--lr", type=float, help="peak learning rate; else the recipe's")
    words.add_argument("--norm", help="norm of the network: batch, group or none; else the recipe's")
    words.add_argument("--few", type=int, metavar="N", help="train on N images of each class only")
    words.add_argument("--classes", help="train on these classes only: numbers, with commas between")
    words.add_argument("--ghost-batches", type=int, metavar="N", help="batch norm takes statistics from N parts apart")
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--precision", default="auto", help="auto, float32 or bfloat16")
    words.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    words.add_argument("--root", type=Path, help="folder of downloaded data sets")
    words.add_argument("--out", type=Path, default=Path("runs/train"), help="folder for weights, state and figures")
    words.add_argument("--resume", action="store_true", help="go on with the run that OUT holds")
    words.add_argument("--log-steps", action="store_true", help="write the loss of every step into OUT/steps.json")
    return words


def chosen_recipe(args: argparse.Namespace) -> Recipe:
    """Return the recipe, with what the command line says in place of what it says."""
    recipe = read_recipe(args.recipe) if args.recipe else Recipe()
    if args.norm:
        recipe = recipe.changed(options={**(recipe.options or {}), "norm": args.norm})
    return recipe.changed(model=args.model, data=args.data, epochs=args.epochs, batch_size=args.batch_size, lr=args.lr)


def on_stop(number: int, frame: FrameType | None) -> None:
    """End when ``torchrun`` stops this process, which it does when another one was lost."""
    raise SystemExit(f"stopped: {LOST}, or somebody ended the job")


def lost(problem: BaseException) -> bool:
    """Say whether an error comes from a process that is no longer there."""
    words = str(problem).lower()
    signs = ("connection closed", "connection reset", "broken pipe", "peer", "gloo", "nccl", "timed out")
    return isinstance(problem, SystemExit) or any(sign in words for sign in signs)


def say(words: str) -> None:
    """Print a line at once, so that a log shows it while the run goes on."""
    print(words, flush=True)


def silent(words: str) -> None:
    """Print nothing, as all processes but one do."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    args = parser().parse_args(arguments)
    many = int(os.environ.get("WORLD_SIZE", "1")) > 1
    if many:
        signal.signal(signal.SIGTERM, on_stop)
    try:
        device = own_device(choose_device(args.device))
        with joined(device) as team:
            Job(args, chosen_recipe(args), team, device, say if team.leads else silent).run()
    except (ValueError, OSError, TypeError, ImportError) as problem:
        print(f"visioncourse.train: {problem}", file=sys.stderr)
        return 2
    except (RuntimeError, SystemExit) as problem:
        if not (many and lost(problem)):
            raise
        reason = (str(problem).splitlines() or [""])[0]
        print(
            f"visioncourse.train: {LOST} ({reason}). Finished epochs are kept in {str(args.out)!r}: "
            "the same command with --resume goes on from there.",
            file=sys.stderr, flush=True,
        )  # fmt: skip
        os._exit(1)  # the group cannot be left in order any more, and waiting for it would hang
    return 0


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "0")) or torch.get_num_threads())
    raise SystemExit(main())
