"""Moving the alias `live`, so that two who move it at once cannot both win."""

from collections.abc import Mapping

from infra.aws import Aws, translated
from infra.errors import AwsFailed, Conflict, NotFound, Refused
from infra.release.deployed.live import ALIAS, read_live
from infra.release.stack.stacks import function_name

NO_WEIGHTS: Mapping[str, float] = {}


def point_alias(
    aws: Aws,
    model: str,
    version: str,
    *,
    revision: str,
    weights: Mapping[str, float] = NO_WEIGHTS,
) -> None:
    """Make `version` live, provided the alias is still at `revision`.

    `weights` replaces whatever weights there were: an update of the version alone would keep
    those of an earlier canary. Raises Conflict when somebody else moved the alias first,
    Refused for weights that cannot be, NotFound for a version that is gone.
    """
    check_weights(version, weights)
    function = function_name(model)
    try:
        with translated(f"alias {function}:{ALIAS}"):
            aws.lambda_.update_alias(
                FunctionName=function,
                Name=ALIAS,
                FunctionVersion=version,
                RoutingConfig={"AdditionalVersionWeights": dict(weights)},
                RevisionId=revision,
            )
    except AwsFailed as error:
        if error.code == "PreconditionFailedException":
            raise _lost(aws, model, version) from error
        raise


def check_weights(version: str, weights: Mapping[str, float]) -> None:
    """At most one version beside the main one, with a share from 0 to 1."""
    where = f"alias {ALIAS}"
    if len(weights) > 1:
        raise Refused(
            where, "can send traffic to two versions at most", "Finish the other shift first"
        )
    for other, share in weights.items():
        if other == version or not 0 <= share <= 1:
            raise Refused(
                where,
                f"cannot send a share of {share} to version {other} beside version {version}",
                "Give a share between 0 and 1 to another version",
            )


def _lost(aws: Aws, model: str, wanted: str) -> Conflict:
    now = read_live(aws, model)
    if now is None:
        raise NotFound(f"model {model}", "was destroyed meanwhile", f"See lambent status {model}")
    winner = now.version
    only = ", fallback only" if winner.is_fallback_only else ""
    so = "as you wanted" if winner.number == wanted else f"so version {wanted} was not made live"
    return Conflict(
        f"alias {function_name(model)}:{ALIAS}",
        f"somebody else moved it first: now live is version {winner.number} "
        f"({model}@{winner.model_version}{only}), {so}",
        f"Look at `lambent status {model}`, then decide again",
    )
