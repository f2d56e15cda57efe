"""What Lambda, API Gateway and CloudWatch here rely on inside moto. moto is pinned exactly: when
the pin moves, this says what to look at."""

import inspect
from importlib.metadata import requires, version

import pytest
from moto.apigateway.models import APIGatewayBackend, RestAPI, Stage, UsagePlan
from moto.awslambda.models import LambdaAlias, LambdaBackend, LambdaFunction, LambdaStorage
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.cloudwatch.models import Alarm, CloudWatchBackend, MetricAggregatedDatum, MetricDatum
from moto.core.base_backend import BackendDict
from moto.core.config import default_user_config
from moto.iam.models import IAMBackend
from moto.logs.models import LogsBackend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sns.models import SNSBackend

WHERE = "moto changed {}: look at infra/local/moto_*.py, logs.py and metrics.py"
CALLS = [
    (
        APIGatewayBackend.create_deployment,
        ["function_id", "name", "description", "stage_variables"],
    ),
    (RestAPI.create_deployment, ["name", "description", "stage_variables"]),
    (LambdaBackend.create_function, ["spec"]),
    (LambdaBackend.update_function_configuration, ["function_name", "qualifier", "body"]),
    (LambdaFunction.get_configuration, ["on_create"]),
    (CloudWatchBackend.put_metric_data, ["namespace", "metric_data"]),
    (CloudWatchBackend.set_alarm_state, ["alarm_name", "reason", "reason_data", "state_value"]),
    (LogsBackend.ensure_log_group, ["log_group_name"]),
    (LogsBackend.ensure_log_stream, ["log_group_name", "log_stream_name"]),
    (IAMBackend._init_aws_policies, []),
    (DomainDispatcherApplication.__init__, ["create_app"]),
    (create_backend_app, ["service"]),
    (BackendDict.reset, []),
]
FIELDS = [
    (LambdaSimpleBackend, "_lambdas"),
    (LambdaStorage, "_functions _aliases"),
    (
        LambdaFunction,
        "code_bytes code_sha_256 environment_vars memory_size timeout handler run_time layers "
        "package_type reserved_concurrency",
    ),
    (LambdaAlias, "function_version routing_config"),
    (APIGatewayBackend, "apis keys usage_plans usage_plan_keys"),
    (RestAPI, "stages gateway_responses binaryMediaTypes api_key_source"),
    (Stage, "deployment_id variables method_settings access_log_settings"),
    (UsagePlan, "api_stages throttle quota"),
    (CloudWatchBackend, "alarms metric_data"),
    (MetricDatum, "value"),
    (MetricAggregatedDatum, "min max sum sample_count"),
    (
        Alarm,
        "alarm_arn name dimensions statistic extended_statistic period unit state_value threshold "
        "metric_data_queries treat_missing_data actions_enabled alarm_actions ok_actions "
        "insufficient_data_actions datapoints_to_alarm evaluation_periods comparison_operator",
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


def test_lambda_has_a_mode_without_docker():
    assert "use_docker" in default_user_config["lambda"], WHERE.format("its configuration")


def test_sns_publishes_in_process():
    assert {"message", "arn", "subject"} <= set(inspect.signature(SNSBackend.publish).parameters)
