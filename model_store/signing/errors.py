"""Why a published version is not believed."""

from model_store.artifact.reference import ModelReference
from model_store.errors import LambentError


class SignatureRefused(LambentError):
    """The signature is missing, or is not what the trusted key signed (fault row 12)."""


class NotSigned(SignatureRefused):
    """No signature by this key."""

    def __init__(self, reference: ModelReference, key: str) -> None:
        super().__init__(
            str(reference),
            f"is not signed by {key}",
            f"Look at it, `lambent verify {reference}`; if you vouch for it: "
            f"lambent sign {reference}",
        )


class SignatureInvalid(SignatureRefused):
    """A signature is there, and does not vouch for what is published."""

    def __init__(self, reference: ModelReference, key: str, why: str) -> None:
        super().__init__(
            str(reference),
            f"its signature by {key} is refused: {why}",
            "Find out who wrote it: publishing never does that; then publish the model "
            "under a new version",
        )
