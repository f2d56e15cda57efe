"""Why the registry refused, each told as where, what, and the next step."""

from model_store.artifact.reference import ModelReference
from model_store.errors import RegistryError


class VersionConflict(RegistryError):
    """Other bytes are already published under this version (fault row 35)."""

    def __init__(self, reference: ModelReference, published: str, offered: str) -> None:
        super().__init__(
            str(reference),
            f"is already published with other content (digest {published[:12]}…, "
            f"this artifact has {offered[:12]}…)",
            "A published version never changes: package the model under a new version",
        )


class NotPublished(RegistryError):
    """No manifest: never published, or published only half."""

    def __init__(self, reference: ModelReference | str) -> None:
        super().__init__(
            str(reference),
            "is not published",
            "See what is with `lambent models`, or publish it: lambent publish ARTIFACT_DIR",
        )


class RegistryDamaged(RegistryError):
    """What is stored is not what was published."""


class RegistryDenied(RegistryError):
    """S3 or KMS says that these credentials may not."""


class RegistryUnavailable(RegistryError):
    """S3 does not answer, or answers that it is in trouble."""


class ListRefused(RegistryError):
    """A popular list that no model could answer from."""
