"""Text before it is a template."""

from __future__ import annotations


def remove_leading_empty_space(multiline_str: str) -> str:
    """Takes off the empty lines at the top and the indentation that all other lines share."""
    lines = multiline_str.splitlines()
    while lines and not lines[0].strip():
        lines.pop(0)
    # A tab in an indentation counts as that one character and two spaces beside, as
    # azure-ai-inference counts tabs anywhere in a line.
    widths = [
        len(line) - len(line.lstrip()) + 2 * line.lstrip().count("\t")
        for line in lines
        if line.strip()
    ]
    indent = min(widths, default=0)
    return "\n".join(line[indent:] for line in lines)
