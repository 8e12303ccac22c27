"""``report.html``: the report as a page that needs no other file, readable without colours or a mouse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from visioncourse.running.claims import bound_text, held, number

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 2rem auto;
       max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { border-bottom: 1px solid #767676; padding: .3rem .8rem; text-align: left; vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
.bad { color: #a01500; font-weight: 600; } .good { color: #00573d; }
a { color: #00508a; } .scroll { overflow-x: auto; }
"""
STATES = {
    "running": "The run has not ended yet: this is what has been finished so far.",
    "interrupted": "The run was interrupted: this is what had been finished.",
    "finished": "The run has ended.",
}
STATUS = {"ok": ("✓", "ran", "good"), "error": ("✗", "error", "bad"), "skipped": ("–", "not run", "")}
TITLE = "Run of the lessons"


def render(document: Mapping[str, Any]) -> str:
    """Return the page for a report (the content of ``report.json``)."""
    entries = document["lessons"]
    body = "\n".join(
        [
            f"<h1>{TITLE}</h1>",
            f"<p>{escape(summary(document))}</p>",
            overview(entries),
            gathered(document["gathered"]),
            *(section(entry) for entry in entries if entry["status"] != "skipped"),
            machine(document),
        ]
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{TITLE}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def summary(document: Mapping[str, Any]) -> str:
    """Return what happened in a sentence or two."""
    entries = document["lessons"]
    ran = [entry for entry in entries if entry["status"] == "ok"]
    claims = [claim for entry in entries for claim in entry["claims"]]
    return (
        f"{STATES.get(document['state'], '')} {len(ran)} of {len(entries)} executions ran to the end; "
        f"{held(claims)} of {len(claims)} claims held. Profile {document['profile']}, begun {document['started']}."
    )


def table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table; the cells of ``rows`` are HTML, the first of each row names it."""
    top = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    lines = []
    for first, *rest in rows:
        cells = "".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in rest)
        lines.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{top}</tr></thead>\n<tbody>\n" + "\n".join(lines) + "\n</tbody></table></div>"
    )


def numeric(value: Any, form: str) -> str:
    """Return a cell with a number, or with a dash where there is none."""
    return f'<td class="n">{"–" if value is None else format(value, form)}</td>'


def verdict(claim: Mapping[str, Any]) -> str:
    """Return a claim's verdict, as a sign and in words."""
    good = claim["holds"] is True
    sign, words, kind = ("✓", "holds", "good") if good else ("✗", "does not hold", "bad")
    return f'<span class="{kind}">{sign} {words}</span>'


def overview(entries: Iterable[Mapping[str, Any]]) -> str:
    """Return the table of all executions."""
    rows = []
    for entry in entries:
        sign, words, kind = STATUS[entry["status"]]
        kept = " (kept from an earlier run)" if entry["kept"] else ""
        rows.append(
            [
                link(f"#{quote(entry['name'])}", entry["name"])
                if entry["status"] != "skipped"
                else escape(entry["name"]),
                f'<span class="{kind}">{sign} {words}</span>{kept}',
                numeric(entry["seconds"], ".1f"),
                numeric(entry["peak_mb"], ".0f"),
                f"{held(entry['claims'])} of {len(entry['claims'])}",
                files(entry),
            ]
        )
    heads = ("Lesson", "Status", "Seconds", "Peak memory (MB)", "Claims held", "Files")
    return table("All executions", heads, rows)


def link(target: str, text: str) -> str:
    """Return a link to a place in this page or to a file beside it."""
    return f'<a href="{escape(target)}">{escape(text)}</a>'


def files(entry: Mapping[str, Any]) -> str:
    """Return links to what an execution left."""
    made = [entry[kind] for kind in ("notebook", "html") if entry[kind]]
    return ", ".join(link(quote(name), name) for name in made) or "none"


def section(entry: Mapping[str, Any]) -> str:
    """Return the part of the page on one execution: parameters, error, claims."""
    settings = ", ".join(f"{name} = {value!r}" for name, value in entry["parameters"].items())
    parts = [f'<h2 id="{escape(entry["name"])}">{escape(entry["name"])}: {escape(entry["title"])}</h2>']
    parts.append(f"<p>Parameters: {escape(settings) or 'none'}.</p>")
    if not entry["default_run"]:
        parts.append("<p>This is not the run that the lesson's text describes: its claims are reported only.</p>")
    if entry["error"]:
        parts.append(f'<p class="bad">✗ Error: {escape(entry["error"]["sentence"])}</p>')
    rows = [
        [
            escape(claim["id"]),
            escape(str(claim["statement"])),
            numeric(None, "") if claim["value"] is None else f'<td class="n">{escape(number(claim["value"]))}</td>',
            escape(bound_text(claim["bound"])),
            escape(str(claim["kind"])),
            verdict(claim),
        ]
        for claim in entry["claims"]
    ]
    heads = ("Claim", "Statement", "Measured", "Bound", "Kind", "Verdict")
    return "\n".join([*parts, table(f"Claims of {entry['name']}", heads, rows) if rows else "<p>No claims.</p>"])


def gathered(claims: Iterable[Mapping[str, Any]]) -> str:
    """Return the table of the claims over all seeds; nothing where seeds were not asked for."""
    rows = [
        [
            escape(f"{claim['lesson']} {claim['id']}"),
            escape(str(claim["statement"])),
            f"{claim['held']} of {claim['runs']}",
            numeric(claim["mean"], ".4g"),
            numeric(claim["low"], ".4g"),
            numeric(claim["high"], ".4g"),
            numeric(claim["sd"], ".2g"),
            escape(bound_text(claim["bound"])),
            numeric(claim["margin"], ".1f"),
        ]
        for claim in claims
    ]
    heads = ("Claim", "Statement", "Held", "Mean", "95 % from", "to", "SD over seeds", "Bound", "Bound to mean, in SD")
    return table("Claims over all seeds", heads, rows) if rows else ""


def machine(document: Mapping[str, Any]) -> str:
    """Return what is known of the machine, and the command to take up the run again."""
    about = document["machine"]
    rows = [["Processor", escape(about["cpu"])]]
    rows += [["Cores", str(about["cores"])], ["Memory (GB)", str(about["memory_gb"])]]
    rows += [["System", escape(about["system"])]]
    rows += [[escape(name), escape(version)] for name, version in about["versions"].items()]
    again = f"<p>To run again what has not been finished: <code>{escape(document['resume_with'])}</code></p>"
    return table("Machine and versions", ("What", "Value"), rows) + "\n" + again
