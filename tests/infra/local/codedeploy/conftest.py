"""An embedded AWS whose time passes by hand, and a function in it with an alias to be shifted."""

import json
import time
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from infra.local.server import EmbeddedAws

STYLE = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
ALWAYS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]


@dataclass
class ManualClock:
    # CloudWatch Logs drops what is far from real time.
    now: float = field(default_factory=time.time)

    def __call__(self):
        return self.now


@dataclass
class Shifting:
    """The alias live of a function with the versions 1 and 2, and a deployment group for it."""

    aws: EmbeddedAws
    clock: ManualClock
    cloud: object
    function: str
    application: str = field(default_factory=lambda: f"app-{uuid4().hex[:8]}")

    def group(self, name="group", *, alarms=(), rolls_back_on=ALWAYS, **settings):
        self.codedeploy.create_deployment_group(
            **{
                "applicationName": self.application,
                "deploymentGroupName": name,
                "deploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
                "serviceRoleArn": self.cloud.role,
                "deploymentStyle": STYLE,
                "alarmConfiguration": {
                    "enabled": bool(alarms),
                    "alarms": [{"name": alarm} for alarm in alarms],
                },
                "autoRollbackConfiguration": {
                    "enabled": bool(rolls_back_on),
                    "events": list(rolls_back_on),
                },
                **settings,
            }
        )

    def revision(self, *, alias="live", current="1", target="2", hooks=None):
        """A RevisionLocation."""
        properties = {
            "Name": self.function,
            "Alias": alias,
            "CurrentVersion": current,
            "TargetVersion": target,
        }
        resource = {"Type": "AWS::Lambda::Function", "Properties": properties}
        spec = {"version": 0.0, "Resources": [{"F": resource}], "Hooks": [hooks] if hooks else []}
        return {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(spec)}}

    def start(self, config=None, *, group="group", **revision):
        """A deployment of version 2; gives its id."""
        named = {"deploymentConfigName": f"CodeDeployDefault.Lambda{config}"} if config else {}
        return self.codedeploy.create_deployment(
            applicationName=self.application,
            deploymentGroupName=group,
            revision=self.revision(**revision),
            **named,
        )["deploymentId"]

    def after(self, minutes=0):
        """Let time pass."""
        self.clock.now += 60 * minutes
        self.aws.tick()

    def info(self, deployment):
        return self.codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"]

    def target(self, deployment):
        (name,) = self.codedeploy.list_deployment_targets(deploymentId=deployment)["targetIds"]
        found = self.codedeploy.get_deployment_target(deploymentId=deployment, targetId=name)
        return found["deploymentTarget"]["lambdaTarget"]

    def events(self, deployment):
        events = self.target(deployment)["lifecycleEvents"]
        return {event["lifecycleEventName"]: event["status"] for event in events}

    @property
    def codedeploy(self):
        return self.cloud("codedeploy")

    @property
    def alias(self):
        """(version, weights of others)"""
        found = self.cloud("lambda").get_alias(FunctionName=self.function, Name="live")
        weights = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        return found["FunctionVersion"], weights

    def move(self, version):
        """As an operator does by hand."""
        self.cloud("lambda").update_alias(
            FunctionName=self.function,
            Name="live",
            FunctionVersion=version,
            RoutingConfig={"AdditionalVersionWeights": {}},
        )

    def alarm(self, state):
        """An alarm in this state."""
        name = f"alarm-{uuid4().hex[:8]}"
        self.cloud("cloudwatch").put_metric_alarm(
            AlarmName=name,
            Namespace="Test",
            MetricName=name,
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore",
        )
        self.light(name, state)
        return name

    def light(self, alarm, state="ALARM"):
        self.cloud("cloudwatch").set_alarm_state(
            AlarmName=alarm, StateValue=state, StateReason="test"
        )


@pytest.fixture(scope="module")
def manual_clock():
    return ManualClock()


@pytest.fixture(scope="module")
def stepped_cloud(manual_clock, tmp_path_factory, connect):
    folder = tmp_path_factory.mktemp("code")
    with EmbeddedAws(clock=manual_clock, background=False, code_cache=folder) as aws:
        yield connect(aws)


@pytest.fixture
def shifting(stepped_cloud, manual_clock):
    lambdas, function = stepped_cloud("lambda"), stepped_cloud.function()
    for number in ("1", "2", "3"):
        lambdas.update_function_configuration(FunctionName=function, Description=number)
        assert lambdas.publish_version(FunctionName=function)["Version"] == number
    lambdas.create_alias(FunctionName=function, Name="live", FunctionVersion="1")
    found = Shifting(stepped_cloud.aws, manual_clock, stepped_cloud, function)
    found.codedeploy.create_application(applicationName=found.application, computePlatform="Lambda")
    return found
