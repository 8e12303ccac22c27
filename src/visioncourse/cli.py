"""The ``visioncourse`` command. What costs time to import is imported where it is used."""

from __future__ import annotations

import argparse
import errno
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

BAD_INPUT = 2
# What the package raises for bad input; each carries one sentence.
ERRORS = (ValueError, TypeError, LookupError, OSError, ImportError, RuntimeError)


class Parser(argparse.ArgumentParser):
    """A parser that answers a mistake with one sentence."""

    def error(self, message: str) -> NoReturn:
        """Leave with the sentence and exit code 2."""
        self.exit(BAD_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")


def positive(text: str) -> int:
    """Return a whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def make_parser() -> Parser:
    """Return the parser of the whole command."""
    parser = Parser(prog="visioncourse", description="Lessons on image recognition: list, run, fetch data.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="list|run|data")
    listing = commands.add_parser("list", help="the lessons, what each asks and how long it takes")
    add_run(commands.add_parser("run", help="execute lessons and report on their claims"))
    add_data(commands.add_parser("data", help="data sets: list, fetch, verify"))
    listing.add_argument("--lessons", metavar="DIR", type=Path, help="folder of the lessons (else: notebooks/)")
    listing.set_defaults(action=list_lessons)
    return parser


def add_run(run: argparse.ArgumentParser) -> None:
    """Describe ``visioncourse run``."""
    run.add_argument("lesson", nargs="*", help="01, pixels or 01_pixels; all lessons if none is named")
    run.add_argument(
        "-p",
        nargs=2,
        action="append",
        default=[],
        dest="given",
        metavar=("NAME", "VALUE"),
        help="set a parameter, in every lesson that has it; may be repeated",
    )
    run.add_argument("--profile", choices=("smoke", "default"), default="default", help="smoke: small and quick")
    run.add_argument("--seeds", type=positive, metavar="N", help="run seeds 0 to N-1 and gather each claim")
    run.add_argument("--jobs", type=positive, default=1, metavar="N", help="lessons at a time (default 1)")
    run.add_argument("--resume", action="store_true", help="skip what the run in --out, or the latest, finished")
    run.add_argument("--out", type=Path, metavar="DIR", help="folder for the results (default runs/<UTC time>)")
    run.add_argument("--html", action="store_true", help="export each executed notebook as a page too")
    run.add_argument("--lessons", metavar="DIR", type=Path, help="folder of the lessons (else: notebooks/)")
    run.set_defaults(action=run_lessons)


def add_data(data: argparse.ArgumentParser) -> None:
    """Describe ``visioncourse data``."""
    actions = data.add_subparsers(dest="verb", required=True, metavar="list|fetch|verify")
    listing = actions.add_parser("list", help="all data sets")
    fetching = actions.add_parser("fetch", help="download a data set")
    verifying = actions.add_parser("verify", help="compare downloaded files with their checksums")
    fetching.add_argument("name", help="name of a data set")
    verifying.add_argument("name", nargs="?", help="name of a data set; all downloaded ones if none is named")
    for parser, action in ((listing, list_data), (fetching, fetch_data), (verifying, verify_data)):
        parser.add_argument("--root", type=Path, help="data folder (default: VISIONCOURSE_DATA, else data/)")
        parser.set_defaults(action=action)


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out the command and return its exit code.

    Args:
        argv: the arguments, without the program's name; None takes those of the process.

    Returns:
        0: done. 1: a lesson erred, a claim failed or a file is damaged. 2: bad input. 130: Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a console that lacks a sign shows "?" instead of stopping
            stream.reconfigure(errors="replace")
    try:
        args = make_parser().parse_args(argv)
        return int(args.action(args))
    except SystemExit as end:  # from argparse, which has said why
        return int(end.code or 0)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, such as head, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ERRORS as error:
        print(f"visioncourse: {sentence(error)}", file=sys.stderr)
        return BAD_INPUT


def sentence(error: BaseException) -> str:
    """Return what an exception says in one line; a KeyError's own text would be quoted."""
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        text = f"the disk is full: {error.filename or 'nothing more can be written'}"
    elif isinstance(error, OSError) and error.strerror:
        text = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    else:
        text = str(error.args[0]) if isinstance(error, LookupError) and error.args else str(error)
    return " ".join(text.split()) or type(error).__name__


def say(line: str) -> None:
    """Print a line at once, also into a pipe or a log."""
    print(line, flush=True)


def lessons_folder(args: argparse.Namespace) -> Path:
    """Return the folder of the lessons: ``--lessons``, else the one of the course around us."""
    from visioncourse.running.lessons import find_folder

    return Path(args.lessons) if args.lessons else find_folder(Path.cwd())


def list_lessons(args: argparse.Namespace) -> int:
    """Print the lessons."""
    from visioncourse.running.lessons import find_lessons

    for lesson in find_lessons(lessons_folder(args)):
        minutes = "time not stated" if lesson.minutes is None else f"{lesson.minutes} min"
        say(f"{lesson.number:02d}  {lesson.title}  ({lesson.name})")
        say(f"    {lesson.question or 'question not stated'}")
        say(f"    {minutes}, {count(lesson.claims, 'claim')}, {count(lesson.exercises, 'exercise')}")
    return 0


def count(number: int, thing: str) -> str:
    """Return ``1 claim`` or ``2 claims``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def run_lessons(args: argparse.Namespace) -> int:
    """Execute lessons."""
    from visioncourse.running.session import Order, run
    from visioncourse.versions import check_versions

    check_versions()
    order = Order(
        folder=lessons_folder(args),
        words=tuple(args.lesson),
        given=tuple((name, value) for name, value in args.given),
        profile=args.profile,
        seeds=args.seeds,
        at_once=args.jobs,
        resume=args.resume,
        out=args.out,
        html=args.html,
    )
    return run(order, say, lambda out: resume_command(args, out))


def resume_command(args: argparse.Namespace, out: Path) -> str:
    """Return the command that takes up this run again, as one types it here."""
    from visioncourse.running.session import shown

    words = [*program(), "run", *args.lesson]
    for name, value in args.given:
        words += ["-p", name, value]
    words += ["--profile", args.profile] if args.profile != "default" else []
    words += ["--seeds", str(args.seeds)] if args.seeds else []
    words += ["--jobs", str(args.jobs)] if args.jobs > 1 else []
    words += ["--html"] if args.html else []
    words += ["--lessons", str(args.lessons)] if args.lessons else []
    words += ["--resume", "--out", shown(out)]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def program() -> list[str]:
    """Return how this command was started: by its own name or through Python."""
    if Path(sys.argv[0]).name != "__main__.py":
        return ["visioncourse"]
    # Not resolved: in a virtual environment the link itself is the interpreter to name.
    python, here = Path(sys.executable), Path.cwd()
    return [str(python.relative_to(here) if python.is_relative_to(here) else python), "-m", "visioncourse"]


def list_data(args: argparse.Namespace) -> int:
    """Print the data sets."""
    from visioncourse.running.datasets import catalogue_lines

    for line in catalogue_lines():
        say(line)
    return 0


def fetch_data(args: argparse.Namespace) -> int:
    """Download one data set."""
    from visioncourse.data import downloads

    say(f"{args.name} is in {downloads.fetch(args.name, args.root, progress=sys.stderr.isatty())}")
    return 0


def verify_data(args: argparse.Namespace) -> int:
    """Compare data sets with their checksums; 1 if one of them is damaged."""
    from visioncourse.running.datasets import problems_of

    problems = problems_of(args.name, args.root)
    for name, found in problems.items():
        for line in found or [f"{name}: in order"]:
            say(line)
    return int(any(problems.values()))
