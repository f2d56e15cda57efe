"""Text of others, made safe for a terminal."""


def printable(text: str) -> str:
    """Control characters, newlines among them, written as their escapes."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def printable_lines(text: str) -> str:
    """The same, line by line."""
    return "\n".join(map(printable, text.split("\n")))
