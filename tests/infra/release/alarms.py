"""An alarm that stays in the state it was given."""

from typing import Literal

from infra.aws import Aws


def set_alarm(aws: Aws, name: str, state: Literal["ALARM", "OK"] = "ALARM") -> None:
    aws.cloudwatch.put_metric_alarm(
        AlarmName=name,
        MetricName="Errors",
        Namespace="AWS/Lambda",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        # The embedded AWS evaluates alarms all the while: it must come to the same state.
        TreatMissingData="breaching" if state == "ALARM" else "notBreaching",
    )
    aws.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")
