"""What Lambda, API Gateway and CloudWatch here rely on inside moto. moto is pinned exactly: when
the pin moves, this says what to look at."""

import inspect
import re
from importlib.metadata import requires, version

import pytest
from moto.apigateway.models import APIGatewayBackend, RestAPI, Stage, UsagePlan
from moto.awslambda.models import LambdaAlias, LambdaBackend, LambdaFunction, LambdaStorage
from moto.awslambda.policy import Policy
from moto.awslambda.responses import LambdaResponse
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.cloudwatch.models import (
    Alarm,
    CloudWatchBackend,
    MetricAggregatedDatum,
    MetricDatum,
    Statistics,
)
from moto.core.base_backend import BackendDict
from moto.core.config import default_user_config
from moto.events.models import EventBus, EventsBackend, Rule
from moto.iam.models import IAMBackend
from moto.kms.models import Key, KmsBackend
from moto.logs.models import LogGroup, LogsBackend
from moto.logs.responses import LogsResponse
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import FakeBucket, FakeKey, S3Backend
from moto.s3.responses import S3Response
from moto.sns.models import SNSBackend

from infra.local.strict import SERVICES
from tests.infra.local.support import ROOT

LOCAL = ROOT / "infra" / "local"
WHERE = "moto changed {}: look at infra/local/moto_*.py and infra/local/strict/"
IMPORT = re.compile(r"^\s*(from|import) moto\b", re.MULTILINE)
ALIAS = ["name", "function_name", "function_version", "description", "routing_config"]
KEY_ACTIONS = [
    *("disable_key", "enable_key", "cancel_key_deletion", "schedule_key_deletion"),
    *("sign", "get_public_key", "enable_key_rotation"),
]
CALLS = [
    (
        APIGatewayBackend.create_deployment,
        ["function_id", "name", "description", "stage_variables"],
    ),
    (APIGatewayBackend.create_usage_plan, ["payload"]),
    (UsagePlan.apply_patch_operations, ["patch_operations"]),
    (LogsBackend.put_retention_policy, ["log_group_name", "retention_in_days"]),
    (RestAPI.create_deployment, ["name", "description", "stage_variables"]),
    (LambdaBackend.create_function, ["spec"]),
    (LambdaBackend.publish_version, ["function_name", "description"]),
    (LambdaFunction.update_configuration, ["config_updates"]),
    (LambdaFunction.update_function_code, ["updated_spec"]),
    (LambdaFunction._set_function_code, ["updated_spec"]),
    (LambdaResponse.publish_version, []),
    (LambdaResponse.update_alias, []),
    (LambdaBackend.create_alias, ALIAS),
    (LambdaBackend.update_alias, ALIAS),
    (LambdaBackend.delete_function, ["function_name", "qualifier"]),
    (LambdaBackend.list_aliases, ["function_name"]),
    (LambdaAlias.to_json, []),
    (LambdaAlias.update, []),
    *((getattr(KmsBackend, name), ["key_id"]) for name in KEY_ACTIONS),
    (KmsBackend.verify, ["key_id", "message", "signature", "signing_algorithm"]),
    (KmsBackend.describe_key, ["key_id"]),
    (CloudWatchBackend.get_metric_statistics, ["dimensions"]),
    (
        CloudWatchBackend.put_metric_alarm,
        [
            *("name", "statistic", "metric_data_queries", "rule", "period", "treat_missing_data"),
            *("evaluation_periods", "datapoints_to_alarm"),
        ],
    ),
    (EventsBackend.put_rule, ["name", "event_pattern", "scheduled_expression"]),
    (EventsBackend.put_targets, ["name", "event_bus_arn", "targets"]),
    (LambdaFunction.get_configuration, ["on_create"]),
    (Statistics.__init__, ["stats", "dt"]),
    (Statistics.get_statistics_for_type, ["stat"]),
    (CloudWatchBackend.put_metric_data, ["namespace", "metric_data"]),
    (CloudWatchBackend.set_alarm_state, ["alarm_name", "reason", "reason_data", "state_value"]),
    (S3Response._get_checksum, ["response_headers"]),
    (S3Response._get_key, []),
    (S3Response.put_object, []),
    (S3Response.get_object, []),
    (FakeBucket.get_permission, ["action", "resource"]),
    (S3Backend.get_object, ["bucket_name", "key_name"]),
    (KmsBackend.get_key_id, ["key_id"]),
    (KmsBackend.get_key_id_from_alias, ["alias_name"]),
    (Stage.apply_operations, ["patch_operations"]),
    (LogsBackend.ensure_log_group, ["log_group_name"]),
    (LogsBackend.ensure_log_stream, ["log_group_name", "log_stream_name"]),
    (IAMBackend._init_aws_policies, []),
    (DomainDispatcherApplication.__init__, ["create_app"]),
    (create_backend_app, ["service"]),
    (BackendDict.reset, []),
]
FIELDS = [
    (LambdaSimpleBackend, "_lambdas"),
    (LambdaStorage, "_functions _aliases _arns"),
    (
        LambdaFunction,
        "code_bytes code_sha_256 environment_vars memory_size timeout handler run_time layers "
        "package_type reserved_concurrency architectures code_or_config_updated ephemeral_storage "
        "kms_key_arn tracing_config policy version",
    ),
    (Policy, "statements"),
    (FakeBucket, "encryption policy"),
    (FakeKey, "encryption kms_key_id"),
    (Key, "key_state key_spec arn"),
    (LogsBackend, "groups"),
    (LogGroup, "kms_key_id"),
    (LambdaAlias, "function_version routing_config revision_id"),
    (APIGatewayBackend, "apis keys usage_plans usage_plan_keys"),
    (RestAPI, "stages api_key_source"),
    (Stage, "deployment_id variables method_settings access_log_settings"),
    (UsagePlan, "api_stages throttle quota"),
    (CloudWatchBackend, "alarms metric_data"),
    (EventsBackend, "event_buses"),
    (EventBus, "rules"),
    (Rule, "scheduled_expression state targets"),
    (MetricDatum, "value"),
    (MetricAggregatedDatum, "max"),
    (
        Alarm,
        "alarm_arn name namespace metric_name dimensions statistic extended_statistic period unit "
        "state_value threshold metric_data_queries treat_missing_data actions_enabled "
        "alarm_actions ok_actions insufficient_data_actions datapoints_to_alarm "
        "evaluation_periods comparison_operator description state_reason state_updated_timestamp",
    ),
]


def test_moto_is_the_pinned_one():
    pinned = next(line for line in requires("lambent") or [] if line.startswith("moto"))
    assert pinned.endswith(f"=={version('moto')}")


@pytest.mark.parametrize(("method", "parameters"), CALLS)
def test_methods_take_what_they_are_given(method, parameters):
    taken = list(inspect.signature(method).parameters)
    missing = [name for name in parameters if name not in taken]
    assert not missing, WHERE.format(f"{method.__qualname__}: no {missing}")


@pytest.mark.parametrize(("owner", "names"), FIELDS)
def test_objects_keep_what_is_read_from_them(owner, names):
    sources = "".join(inspect.getsource(base) for base in owner.__mro__[:-1])
    missing = [name for name in names.split() if f"self.{name}" not in sources]
    assert not missing, WHERE.format(f"{owner.__name__}: no {missing}")


def test_published_versions_share_the_policy_of_latest():
    """Where permissions are read: moto copies a function shallowly to publish it."""
    assert "copy.copy(" in inspect.getsource(LambdaStorage.publish_version), WHERE.format("it")


def test_log_groups_still_cannot_change_their_key_in_moto():
    """When they can, that part of strict/cloudwatch.py can go."""
    ours = "infra.local.strict.cloudwatch"
    for name in ("associate_kms_key", "disassociate_kms_key"):
        method = getattr(LogsResponse, name, None)
        assert method is None or method.__module__ == ours


def test_only_moto_modules_read_moto_and_only_strict_changes_it():
    touching = [path for path in LOCAL.rglob("*.py") if IMPORT.search(path.read_text())]
    assert touching
    strays = [p for p in touching if p.parent != LOCAL / "strict" and not p.match("moto_*.py")]
    assert not strays
    assert {path.stem for path in (LOCAL / "strict").glob("[a-z]*.py")} == {
        module.__name__.rpartition(".")[2] for module in SERVICES
    }


def test_lambda_has_a_mode_without_docker():
    assert "use_docker" in default_user_config["lambda"], WHERE.format("its configuration")


def test_sns_publishes_in_process():
    assert {"message", "arn", "subject"} <= set(inspect.signature(SNSBackend.publish).parameters)
