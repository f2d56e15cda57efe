"""AWS's managed policies are there, and each embedded AWS counts its own attachments."""

import json

from tests.infra.local.support import Client

POLICY = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def test_a_managed_policy_can_be_attached(client: Client, name: str) -> None:
    iam = client("iam")
    before = iam.get_policy(PolicyArn=POLICY)["Policy"]["AttachmentCount"]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({}))
    iam.attach_role_policy(RoleName=name, PolicyArn=POLICY)
    assert iam.get_policy(PolicyArn=POLICY)["Policy"]["AttachmentCount"] == before + 1
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [POLICY]
