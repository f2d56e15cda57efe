"""Why the pinned artifact could not be loaded. For logs: keys and ARNs are named here."""

from functions.inference.errors import ServingError


class LoadError(ServingError):
    """Base. `tries`: how often a read that ends like this is begun. `public`: safe for callers."""

    tries = 1
    public = "the model cannot be loaded"


class StoreUnavailable(LoadError):
    """S3 answers 5xx, or does not answer (fault rows 1 and 2)."""

    tries = 3
    public = "the model store does not answer"


class BodyTruncated(LoadError):
    """The body ended before its declared length (fault row 4)."""

    tries = 2
    public = "the model store does not answer"


class LoadTimedOut(LoadError):
    """The whole load, all attempts together, took longer than it may (fault row 3)."""

    public = "the model store answers too slowly"


class ObjectMissing(LoadError):
    """404 (fault row 7)."""

    public = "the model is not in the model store"


class AccessRefused(LoadError):
    """403 (fault row 8)."""

    public = "the function may not read the model"


class KeyUnusable(LoadError):
    """The KMS key is disabled, deleted or denied (fault row 9)."""

    public = "the model cannot be decrypted"


class StoreRefused(LoadError):
    """Any other answer of S3."""

    public = "the model store refuses the request"


class ArtifactCorrupt(LoadError):
    """Not the bytes that were pinned (fault rows 5 and 6). Never loaded."""

    public = "the model in the model store is not the one that was deployed"


class ArtifactUnusable(LoadError):
    """The pinned bytes themselves cannot be served: malformed, too new, refused by the runtime.

    Trying again reads the same bytes, so it is not tried again (fault rows 10 and 11).
    """

    public = "the model cannot be served by this version of the function"
