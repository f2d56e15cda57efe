"""What a service is run with: IAM roles, log groups, alarms, dashboards, topics, rules that call
functions on a schedule."""

from dataclasses import replace
from typing import Any

from infra.local.cloudformation.engine import TAGS, policy_text, tagging
from infra.local.cloudformation.resource_type import (
    Resource,
    ResourceType,
    Setting,
    answer,
    formatted,
)


def _set_policies(resource: Resource, client: Any) -> None:
    """Exactly the managed and inline policies that the template names."""
    role = {"RoleName": resource.physical_id}
    managed = resource.get("ManagedPolicyArns", [])
    inline = {item["PolicyName"]: item["PolicyDocument"] for item in resource.get("Policies", [])}
    for found in client.list_attached_role_policies(**role)["AttachedPolicies"]:
        if found["PolicyArn"] not in managed:
            client.detach_role_policy(**role, PolicyArn=found["PolicyArn"])
    for arn in managed:
        client.attach_role_policy(**role, PolicyArn=arn)
    for name in set(client.list_role_policies(**role)["PolicyNames"]) - inline.keys():
        client.delete_role_policy(**role, PolicyName=name)
    for name, document in inline.items():
        client.put_role_policy(**role, PolicyName=name, PolicyDocument=policy_text(document))


def _drop_policies(resource: Resource, client: Any) -> None:
    _set_policies(replace(resource, properties={}), client)


POLICIES = Setting(_set_policies, _set_policies)

ROLE = ResourceType(
    name="AWS::IAM::Role",
    properties="AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path "
    "PermissionsBoundary Policies RoleName Tags",
    members={"Policies": "PolicyDocument PolicyName"},
    immutable="Path PermissionsBoundary",
    defaults={"Description": "", "MaxSessionDuration": 3600},
    name_property="RoleName",
    longest_name=64,
    arguments={"PolicyDocument": "AssumeRolePolicyDocument"},
    create="create_role",
    update=("update_assume_role_policy", "update_role"),
    settings={"ManagedPolicyArns": POLICIES, "Policies": POLICIES, "Tags": tagging("role")},
    delete=(_drop_policies, "delete_role"),
    attributes={"Arn": answer("Role.Arn"), "RoleId": answer("Role.RoleId")},
)

LOG_GROUP_ARN = "arn:aws:logs:{region}:{account}:log-group:{id}"

LOG_GROUP = ResourceType(
    name="AWS::Logs::LogGroup",
    properties="KmsKeyId LogGroupName RetentionInDays Tags",
    name_property="LogGroupName",
    longest_name=512,
    arguments={"resourceArn": formatted(LOG_GROUP_ARN)},
    create="create_log_group",
    settings={
        "KmsKeyId": Setting("associate_kms_key", "disassociate_kms_key", at_creation=False),
        "RetentionInDays": Setting("put_retention_policy", "delete_retention_policy"),
        "Tags": TAGS,
    },
    delete=("delete_log_group",),
    attributes={"Arn": formatted(LOG_GROUP_ARN + ":*")},
)

ALARM_ARN = formatted("arn:aws:cloudwatch:{region}:{account}:alarm:{id}")

ALARM = ResourceType(
    name="AWS::CloudWatch::Alarm",
    properties="ActionsEnabled AlarmActions AlarmDescription AlarmName ComparisonOperator "
    "DatapointsToAlarm Dimensions EvaluationPeriods ExtendedStatistic InsufficientDataActions "
    "MetricName Metrics Namespace OKActions Period Statistic Tags Threshold TreatMissingData Unit",
    members={"Metrics": "Expression Id Label MetricStat Period ReturnData"},
    defaults={"ActionsEnabled": True},
    name_property="AlarmName",
    longest_name=255,
    arguments={"AlarmNames": lambda resource: [resource.physical_id], "ResourceARN": ALARM_ARN},
    create="put_metric_alarm",
    update=("put_metric_alarm",),
    settings={"Tags": TAGS},
    delete=("delete_alarms",),
    attributes={"Arn": ALARM_ARN},
)

DASHBOARD = ResourceType(
    name="AWS::CloudWatch::Dashboard",
    properties="DashboardBody DashboardName",
    name_property="DashboardName",
    longest_name=255,
    arguments={"DashboardNames": lambda resource: [resource.physical_id]},
    create="put_dashboard",
    update=("put_dashboard",),
    delete=("delete_dashboards",),
)


def _set_targets(resource: Resource, client: Any) -> None:
    """Exactly those that the template names."""
    rule, wanted = resource.physical_id, resource.get("Targets") or []
    found = client.list_targets_by_rule(Rule=rule)["Targets"]
    gone = {target["Id"] for target in found} - {target["Id"] for target in wanted}
    if gone:
        client.remove_targets(Rule=rule, Ids=sorted(gone))
    if wanted:
        client.put_targets(Rule=rule, Targets=wanted)


def _drop_targets(resource: Resource, client: Any) -> None:
    _set_targets(replace(resource, properties={}), client)


RULE = ResourceType(
    name="AWS::Events::Rule",
    properties="Description Name ScheduleExpression State Targets",
    members={"Targets": "Arn Id Input"},
    defaults={"State": "ENABLED"},
    name_property="Name",
    longest_name=64,
    create="put_rule",
    update=("put_rule",),
    settings={"Targets": Setting(_set_targets, _drop_targets)},
    delete=(_drop_targets, "delete_rule"),
    attributes={"Arn": formatted("arn:aws:events:{region}:{account}:rule/{id}")},
)

OPERATIONS = (ROLE, LOG_GROUP, ALARM, DASHBOARD, RULE)
