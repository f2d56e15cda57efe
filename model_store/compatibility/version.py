"""What the two numbers of a contract's version promise."""

from model_store.contract import Contract


def number(contract: Contract) -> tuple[int, int]:
    """(major, minor)."""
    first, second = contract.version.split(".")
    return int(first), int(second)


def next_major(contract: Contract) -> str:
    return f"{number(contract)[0] + 1}.0"


def next_minor(contract: Contract) -> str:
    first, second = number(contract)
    return f"{first}.{second + 1}"
