"""AWS::CloudWatch: alarms and dashboards."""

from infra.local.cloudformation.provision.record import Call, ResourceType
from infra.local.cloudformation.provision.sources import (
    formatted,
    name_from,
    physical_id,
    same,
    tag_list,
)

ALARM_ARN = "arn:aws:cloudwatch:{region}:{account}:alarm:{id}"
ALARM_PROPERTIES = (
    "ActionsEnabled AlarmActions AlarmDescription ComparisonOperator DatapointsToAlarm "
    "Dimensions EvaluateLowSampleCountPercentile EvaluationPeriods ExtendedStatistic "
    "InsufficientDataActions MetricName Metrics Namespace OKActions Period Statistic Threshold "
    "ThresholdMetricId TreatMissingData Unit"
)
PUT_ALARM = Call(
    "put_metric_alarm",
    {
        **same(ALARM_PROPERTIES),
        "ActionsEnabled": lambda resource: resource.get("ActionsEnabled", True),
        "AlarmName": name_from("AlarmName"),
        "Tags": tag_list,
    },
)

ALARM = ResourceType(
    name="AWS::CloudWatch::Alarm",
    service="cloudwatch",
    properties=f"{ALARM_PROPERTIES} AlarmName Tags",
    immutable="AlarmName Tags",
    required="ComparisonOperator EvaluationPeriods",
    name_property="AlarmName",
    longest_name=255,
    physical_id=name_from("AlarmName"),
    create=(PUT_ALARM,),
    update=(PUT_ALARM,),
    delete=(Call("delete_alarms", {"AlarmNames": lambda resource: [resource.physical_id]}),),
    attributes={"Arn": formatted(ALARM_ARN)},
)

PUT_DASHBOARD = Call(
    "put_dashboard",
    {"DashboardName": name_from("DashboardName"), "DashboardBody": "DashboardBody"},
)

DASHBOARD = ResourceType(
    name="AWS::CloudWatch::Dashboard",
    service="cloudwatch",
    properties="DashboardBody DashboardName",
    immutable="DashboardName",
    required="DashboardBody",
    name_property="DashboardName",
    longest_name=255,
    physical_id=name_from("DashboardName"),
    create=(PUT_DASHBOARD,),
    update=(PUT_DASHBOARD,),
    delete=(
        Call("delete_dashboards", {"DashboardNames": lambda resource: [physical_id(resource)]}),
    ),
)

TYPES = (ALARM, DASHBOARD)
