"""One framed line in a notebook, plain text elsewhere, with machine-readable facts in the output's metadata."""

from __future__ import annotations

from html import escape
from typing import Any

COLOURS = {"good": "#009E73", "bad": "#D55E00", "open": "#707070", "ask": "#0072B2"}  # Okabe and Ito (2008)


def box(kind: str, title: str, lines: list[str], facts: dict[str, Any] | None = None) -> None:
    """Show a title and some lines of text.

    Args:
        kind: "good", "bad", "open" or "ask"; a colour that only repeats what the words say.
        title: first words, in bold.
        lines: the text; each on a line of its own.
        facts: stored as ``output.metadata["visioncourse"]``, where reports and tests read them.
    """
    from IPython.display import publish_display_data

    body = "<br>".join(escape(line).replace("\n", "<br>").replace("  ", "&nbsp; ") for line in lines)
    frame = f"border-left:4px solid {COLOURS[kind]}; padding:0.3em 0.8em; margin:0.2em 0"
    publish_display_data(
        {
            "text/plain": "\n".join([f"{title} {lines[0] if lines else ''}".rstrip(), *lines[1:]]),
            "text/html": f'<div style="{frame}"><b>{escape(title)}</b> {body}</div>',
        },
        {"visioncourse": facts} if facts else {},
    )
