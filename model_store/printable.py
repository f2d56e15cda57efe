"""Text of others, made safe for a terminal."""


def printable(text: str) -> str:
    """Control characters, newlines among them, written as their escapes."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def printable_lines(text: str) -> str:
    """The same, but lines stay lines and tabs stay tabs."""
    return "".join(char if char in "\n\t" else printable(char) for char in text)
