"""Binary media types: which bodies travel as base64."""

from collections.abc import Sequence


def is_binary(content_type: str, binary_media_types: Sequence[str]) -> bool:
    """Whether a Content-Type, or the first type of an Accept header, is one of those listed.

    A listed type may end in `/*`; parameters such as charset do not count.
    """
    sent = content_type.split(",")[0].split(";")[0].strip().lower()
    return any(_matches(sent, listed.replace("~1", "/").lower()) for listed in binary_media_types)


def _matches(sent: str, listed: str) -> bool:
    if listed == "*/*" or sent == listed:
        return True
    return listed.endswith("/*") and sent.startswith(listed[:-1])
