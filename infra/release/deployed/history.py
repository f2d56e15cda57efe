"""The history of this account's models, and who asks for a move."""

import getpass
import socket

from infra.aws import Aws, translated
from infra.release.stack.stacks import PLATFORM_STACK
from model_store.errors import AwsError
from model_store.history.table import HistoryTable


def history_of(aws: Aws) -> HistoryTable:
    return HistoryTable(aws.dynamodb, f"{PLATFORM_STACK}-history")


def who_am_i(aws: Aws) -> str:
    """The AWS identity, or the local user where AWS does not tell."""
    try:
        with translated("AWS identity"):
            return aws.sts.get_caller_identity()["Arn"]
    except AwsError:
        return f"{getpass.getuser()}@{socket.gethostname()}"
