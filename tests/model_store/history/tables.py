"""The history table as infra/platform.yaml makes it, where no stack does."""

from typing import Any

KEYS = (("model", "S", "HASH"), ("sequence", "N", "RANGE"))


def create_table(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": kind} for key, kind, _ in KEYS
        ],
        KeySchema=[{"AttributeName": key, "KeyType": use} for key, _, use in KEYS],
    )
