"""What the services say equals the template: asked of the services, never of CloudFormation."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.api_gateway.stages import BODIES
from tests.infra.local.cloudformation.deploying import deploy, events, physical_ids
from tests.infra.local.support import Client, zipped

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
URI = (
    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    "${Function.Arn}:live/invocations"
)


def resource(kind: str, *, also: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties, **(also or {})}


def template(*, outputs: dict[str, Any] | None = None, **resources: Any) -> dict[str, Any]:
    return {
        "Resources": resources,
        "Outputs": {name: {"Value": value} for name, value in (outputs or {}).items()},
    }


def function(**more: Any) -> dict[str, Any]:
    return resource(
        "AWS::Lambda::Function",
        **{
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Handler": "index.handler",
            "Runtime": "python3.13",
            "Code": {"ZipFile": "def handler(event, context):\n    return 1\n"},
            **more,
        },
    )


TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
ROLE = resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST)


def test_a_function_with_version_alias_and_permission(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    settings = {
        "Description": "scores",
        "MemorySize": "512",
        "Timeout": "9",
        "Architectures": ["arm64"],
        "Environment": {"Variables": {"DIGEST": "a", "COUNT": 5}},
        "TracingConfig": {"Mode": "Active"},
        "EphemeralStorage": {"Size": 1024},
        "SnapStart": {"ApplyOn": "PublishedVersions"},
        "ReservedConcurrentExecutions": "3",
        "Tags": [{"Key": "team", "Value": "risk"}],
    }
    alias = resource(
        "AWS::Lambda::Alias",
        FunctionName={"Ref": "Function"},
        FunctionVersion={"Fn::GetAtt": ["VersionA", "Version"]},
        Name="live",
    )
    permission = resource(
        "AWS::Lambda::Permission",
        FunctionName={"Ref": "Alias"},
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn="arn:aws:execute-api:us-east-1:123456789012:abc/live/*",
    )
    version = resource(
        "AWS::Lambda::Version",
        FunctionName={"Ref": "Function"},
        also={"DeletionPolicy": "Retain"},
    )
    deploy(
        cloudformation,
        stack_name,
        template(
            Role=ROLE,
            Function=function(**settings),
            VersionA=version,
            Alias=alias,
            Permission=permission,
        ),
    )
    name = physical_ids(cloudformation, stack_name)["Function"]
    lambdas = client("lambda")
    found = lambdas.get_function(FunctionName=name, Qualifier="1")
    configuration = found["Configuration"]
    assert configuration["MemorySize"] == 512
    assert configuration["Timeout"] == 9
    assert configuration["Architectures"] == ["arm64"]
    assert configuration["Environment"]["Variables"] == {"DIGEST": "a", "COUNT": "5"}
    assert configuration["TracingConfig"] == {"Mode": "Active"}
    assert configuration["EphemeralStorage"] == {"Size": 1024}
    assert configuration["SnapStart"] == {
        "ApplyOn": "PublishedVersions",
        "OptimizationStatus": "On",
    }
    assert found["Tags"] == {"team": "risk"}
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 3}
    policy = json.loads(lambdas.get_policy(FunctionName=name, Qualifier="live")["Policy"])
    assert policy["Statement"][0]["Resource"].endswith(f":{name}:live")

    # Fault row 46: weights left behind by a canary are cleared by the next update.
    lambdas.update_function_configuration(FunctionName=name, Description="by hand")
    lambdas.publish_version(FunctionName=name)
    lambdas.update_alias(
        FunctionName=name,
        Name="live",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}},
    )
    leaner = {
        "MemorySize": "256",
        "Environment": {"Variables": {"DIGEST": "b"}},
        "Tags": [{"Key": "team", "Value": "web"}],
    }
    alias["Properties"]["FunctionVersion"] = {"Fn::GetAtt": ["VersionB", "Version"]}
    deploy(
        cloudformation,
        stack_name,
        template(
            Role=ROLE,
            Function=function(**leaner),
            VersionB=version,
            Alias=alias,
            Permission=permission,
        ),
        "UPDATE",
    )
    live = lambdas.get_alias(FunctionName=name, Name="live")
    assert live["FunctionVersion"] == "3"
    assert "RoutingConfig" not in live
    now = lambdas.get_function(FunctionName=name, Qualifier="3")
    assert now["Configuration"]["Environment"]["Variables"] == {"DIGEST": "b"}
    assert now["Configuration"]["TracingConfig"] == {"Mode": "PassThrough"}
    assert now["Configuration"]["Timeout"] == 3
    assert now["Configuration"]["EphemeralStorage"] == {"Size": 512}
    assert now["Configuration"]["Description"] == ""
    assert now["Tags"] == {"team": "web"}
    assert "Concurrency" not in now
    retained = lambdas.get_function_configuration(FunctionName=name, Qualifier="1")
    assert retained["Environment"]["Variables"]["DIGEST"] == "a"

    cloudformation.delete_stack(StackName=stack_name)
    with pytest.raises(ClientError, match="Function not found"):
        lambdas.get_function(FunctionName=name)


def test_an_unchanged_function_gets_no_second_version(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    """AWS fails such a stack; a digest that covers less than the function must not hide here."""
    version = resource("AWS::Lambda::Version", FunctionName={"Ref": "Function"})
    base = {"Role": ROLE, "Function": function()}
    deploy(cloudformation, stack_name, template(**base, A=version))
    stack = deploy(cloudformation, stack_name, template(**base, A=version, B=version), "UPDATE")
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "A version for this Lambda function exists ( 1 )" in json.dumps(
        cloudformation.describe_stack_events(StackName=stack_name)["StackEvents"], default=str
    )


def test_code_from_s3_is_what_runs(cloudformation: Any, client: Client, stack_name: str) -> None:
    code = zipped("def handler(event, context): return 2", "index.py")
    s3, bucket = client("s3"), f"{stack_name}-code"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="code.zip", Body=code)
    deploy(cloudformation, stack_name, template(Role=ROLE, Function=function()))
    name = physical_ids(cloudformation, stack_name)["Function"]
    before = client("lambda").get_function_configuration(FunctionName=name)["CodeSha256"]
    changed = function(Code={"S3Bucket": bucket, "S3Key": "code.zip"})
    deploy(cloudformation, stack_name, template(Role=ROLE, Function=changed), "UPDATE")
    after = client("lambda").get_function_configuration(FunctionName=name)["CodeSha256"]
    assert before != after


def test_a_role_and_its_policies(cloudformation: Any, client: Client, stack_name: str) -> None:
    managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    other = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"

    def role(arns: list[str], names: list[str]) -> dict[str, Any]:
        # Without a version, as SAM's policy templates come.
        policies = [{"PolicyName": n, "PolicyDocument": {"Statement": [ALLOW]}} for n in names]
        return resource(
            "AWS::IAM::Role",
            AssumeRolePolicyDocument=TRUST,
            ManagedPolicyArns=arns,
            Policies=policies,
        )

    iam = client("iam")
    deploy(cloudformation, stack_name, template(R=role([managed], ["a", "b"])))
    name = physical_ids(cloudformation, stack_name)["R"]
    assert iam.get_role_policy(RoleName=name, PolicyName="a")["PolicyDocument"]["Statement"] == [
        ALLOW
    ]
    deploy(cloudformation, stack_name, template(R=role([other], ["b"])), "UPDATE")
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert [item["PolicyArn"] for item in attached] == [other]
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["b"]
    cloudformation.delete_stack(StackName=stack_name)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_role(RoleName=name)


def body(paths: list[str], **more: Any) -> dict[str, Any]:
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": {"Fn::Sub": URI}}
    method = {"x-amazon-apigateway-integration": integration, "responses": {}}
    return {
        "openapi": "3.0.1",
        "info": {"title": "models", "version": "1"},
        "paths": {path: {"post": method} for path in paths},
        **more,
    }


def test_an_api_with_stage_usage_plan_and_key(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    extensions = {
        "x-amazon-apigateway-gateway-responses": {
            "THROTTLED": {"statusCode": 429, "responseTemplates": {"application/json": "{}"}}
        },
        "x-amazon-apigateway-binary-media-types": ["application/octet-stream"],
    }
    setting = {
        "ResourcePath": "/*",
        "HttpMethod": "*",
        "MetricsEnabled": True,
        "ThrottlingRateLimit": "50",
        "ThrottlingBurstLimit": "100",
        "LoggingLevel": "ERROR",
    }
    stage = resource(
        "AWS::ApiGateway::Stage",
        RestApiId={"Ref": "Api"},
        DeploymentId={"Ref": "DeploymentA"},
        StageName="live",
        TracingEnabled=True,
        MethodSettings=[setting],
        AccessLogSetting={"DestinationArn": "arn:aws:logs:x", "Format": "{}"},
    )
    api = resource("AWS::ApiGateway::RestApi", Name="models", Body=body(["/v1/a"], **extensions))
    deployment = resource("AWS::ApiGateway::Deployment", RestApiId={"Ref": "Api"})
    plan = resource(
        "AWS::ApiGateway::UsagePlan",
        UsagePlanName=stack_name,
        ApiStages=[{"ApiId": {"Ref": "Api"}, "Stage": "live"}],
        Throttle={"RateLimit": "5", "BurstLimit": "10"},
        Quota={"Limit": "100", "Period": "DAY"},
        also={"DependsOn": "Stage"},
    )
    key = resource("AWS::ApiGateway::ApiKey", Name=stack_name, Enabled="true")
    joined = resource(
        "AWS::ApiGateway::UsagePlanKey",
        KeyId={"Ref": "Key"},
        KeyType="API_KEY",
        UsagePlanId={"Ref": "Plan"},
    )
    common = {
        "Role": ROLE,
        "Function": function(),
        "Api": api,
        "Plan": plan,
        "Key": key,
        "Joined": joined,
    }
    stack = deploy(
        cloudformation,
        stack_name,
        template(**common, DeploymentA=deployment, Stage=stage),
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    ids, gateway = physical_ids(cloudformation, stack_name), client("apigateway")
    api_id = ids["Api"]
    found = gateway.get_rest_api(restApiId=api_id)
    assert found["name"] == "models"
    paths = {item["path"] for item in gateway.get_resources(restApiId=api_id)["items"]}
    assert {"/v1", "/v1/a"} <= paths
    live = gateway.get_stage(restApiId=api_id, stageName="live")
    assert live["deploymentId"] == ids["DeploymentA"]
    assert live["tracingEnabled"] is True
    assert live["accessLogSettings"] == {"destinationArn": "arn:aws:logs:x", "format": "{}"}
    settings = live["methodSettings"]["*/*"]
    assert settings["throttlingRateLimit"] == 50
    assert settings["loggingLevel"] == "ERROR"
    planned = gateway.get_usage_plan(usagePlanId=ids["Plan"])
    assert planned["throttle"] == {"rateLimit": 5.0, "burstLimit": 10}
    assert planned["quota"] == {"limit": 100, "period": "DAY"}
    assert planned["apiStages"] == [{"apiId": api_id, "stage": "live"}]
    keys = gateway.get_usage_plan_keys(usagePlanId=ids["Plan"])["items"]
    assert [item["id"] for item in keys] == [ids["Key"]]

    # A deployment keeps the body of its moment; what is dropped from the template is gone.
    api["Properties"]["Body"] = body(["/v1/a", "/v1/b"])
    plan["Properties"] |= {"Throttle": {"RateLimit": "7", "BurstLimit": "10"}}
    del plan["Properties"]["Quota"]
    stage["Properties"] |= {
        "DeploymentId": {"Ref": "DeploymentB"},
        "MethodSettings": [
            {
                **setting,
                "ThrottlingRateLimit": "70",
                "ResourcePath": "/~1v1~1a",
                "HttpMethod": "POST",
            }
        ],
        "TracingEnabled": False,
    }
    del stage["Properties"]["AccessLogSetting"]
    frozen = BODIES.deployed_body["us-east-1", api_id, ids["DeploymentA"]]
    assert list(frozen["paths"]) == ["/v1/a"]
    updated = deploy(
        cloudformation,
        stack_name,
        template(**common, DeploymentB=deployment, Stage=stage),
        "UPDATE",
    )
    assert updated["StackStatus"] == "UPDATE_COMPLETE"
    ids = physical_ids(cloudformation, stack_name)
    assert list(BODIES.rest_api_body["us-east-1", api_id]["paths"]) == ["/v1/a", "/v1/b"]
    assert ids["DeploymentB"] in {
        item["id"] for item in gateway.get_deployments(restApiId=api_id)["items"]
    }
    live = gateway.get_stage(restApiId=api_id, stageName="live")
    assert live["deploymentId"] == ids["DeploymentB"]
    assert list(live["methodSettings"]) == ["~1v1~1a/POST"]
    assert live["tracingEnabled"] is False
    assert not live.get("accessLogSettings")
    planned = gateway.get_usage_plan(usagePlanId=ids["Plan"])
    assert planned["throttle"]["rateLimit"] == 7
    assert "quota" not in planned

    cloudformation.delete_stack(StackName=stack_name)
    with pytest.raises(ClientError, match="NotFoundException"):
        gateway.get_rest_api(restApiId=api_id)
    assert ("us-east-1", api_id) not in BODIES.rest_api_body


def test_a_bucket_its_key_and_its_policy(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    deny = {
        "Sid": "DenyWithoutTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": {"Fn::Sub": "${Bucket.Arn}/*"},
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    key = resource(
        "AWS::KMS::Key",
        Description="models",
        EnableKeyRotation=True,
        KeyPolicy={"Version": "2012-10-17", "Statement": []},
        PendingWindowInDays=7,
    )
    encryption = {
        "ServerSideEncryptionConfiguration": [
            {
                "BucketKeyEnabled": True,
                "ServerSideEncryptionByDefault": {
                    "SSEAlgorithm": "aws:kms",
                    "KMSMasterKeyID": {"Fn::GetAtt": ["Key", "Arn"]},
                },
            }
        ]
    }
    bucket = resource(
        "AWS::S3::Bucket",
        BucketEncryption=encryption,
        VersioningConfiguration={"Status": "Enabled"},
        PublicAccessBlockConfiguration={"BlockPublicAcls": "true", "BlockPublicPolicy": True},
        OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        LifecycleConfiguration={
            "Rules": [
                {
                    "Id": "old",
                    "Status": "Enabled",
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
                }
            ]
        },
        Tags=[{"Key": "team", "Value": "risk"}],
    )
    policy = resource(
        "AWS::S3::BucketPolicy",
        Bucket={"Ref": "Bucket"},
        PolicyDocument={"Version": "2012-10-17", "Statement": [deny]},
    )
    alias = resource("AWS::KMS::Alias", AliasName=f"alias/{stack_name}", TargetKeyId={"Ref": "Key"})
    deploy(cloudformation, stack_name, template(Key=key, Alias=alias, Bucket=bucket, Policy=policy))
    ids, s3, kms = physical_ids(cloudformation, stack_name), client("s3"), client("kms")
    name = ids["Bucket"]
    assert name == name.lower()
    described = kms.describe_key(KeyId=f"alias/{stack_name}")["KeyMetadata"]
    assert described["KeyId"] == ids["Key"]
    assert kms.get_key_rotation_status(KeyId=ids["Key"])["KeyRotationEnabled"] is True
    rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == described["Arn"]
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    access = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert access["BlockPublicAcls"] is True
    lifecycle = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert lifecycle[0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}
    controls = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]
    assert controls["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "team", "Value": "risk"}]
    whole = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
    assert whole["Statement"][0]["Sid"] == "DenyWithoutTls"
    s3.put_object(Bucket=name, Key="k", Body=b"x")  # the deny has a condition: not for everyone

    del bucket["Properties"]["Tags"], bucket["Properties"]["LifecycleConfiguration"]
    deploy(
        cloudformation,
        stack_name,
        template(Key=key, Alias=alias, Bucket=bucket, Policy=policy),
        "UPDATE",
    )
    with pytest.raises(ClientError, match="NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket=name)
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=name)

    cloudformation.delete_stack(StackName=stack_name)  # not empty: S3 refuses, as on AWS
    stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    assert stack["StackStatus"] == "DELETE_FAILED"
    for version in s3.list_object_versions(Bucket=name)["Versions"]:
        s3.delete_object(Bucket=name, Key="k", VersionId=version["VersionId"])
    cloudformation.delete_stack(StackName=stack_name)
    assert kms.describe_key(KeyId=ids["Key"])["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_a_table(cloudformation: Any, client: Client, stack_name: str) -> None:
    table = resource(
        "AWS::DynamoDB::Table",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "model", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "model", "KeyType": "HASH"}],
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        SSESpecification={"SSEEnabled": True},
        DeletionProtectionEnabled="true",
    )
    deploy(cloudformation, stack_name, template(Table=table))
    dynamodb, name = client("dynamodb"), physical_ids(cloudformation, stack_name)["Table"]
    found = dynamodb.describe_table(TableName=name)["Table"]
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert found["SSEDescription"]["Status"] == "ENABLED"
    assert found["DeletionProtectionEnabled"] is True
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    assert recovery == "ENABLED"
    table["Properties"]["DeletionProtectionEnabled"] = False
    deploy(cloudformation, stack_name, template(Table=table), "UPDATE")
    cloudformation.delete_stack(StackName=stack_name)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        dynamodb.describe_table(TableName=name)


def test_alarms_log_groups_and_dashboards(
    cloudformation: Any, client: Client, stack_name: str
) -> None:
    group = resource("AWS::Logs::LogGroup", RetentionInDays="7", Tags=[{"Key": "a", "Value": "1"}])
    query = {
        "Id": "e",
        "ReturnData": True,
        "MetricStat": {
            "Metric": {
                "Namespace": "Lambent",
                "MetricName": "Fallbacks",
                "Dimensions": [{"Name": "service", "Value": "x"}],
            },
            "Period": 60,
            "Stat": "Sum",
        },
    }
    alarm = resource(
        "AWS::CloudWatch::Alarm",
        AlarmName=stack_name,
        Metrics=[query],
        EvaluationPeriods="3",
        DatapointsToAlarm="2",
        Threshold="10",
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[TOPIC],
    )
    dashboard = resource(
        "AWS::CloudWatch::Dashboard",
        DashboardName=stack_name,
        DashboardBody={"Fn::Sub": '{"widgets": ["${Alarm.Arn}"]}'},
    )
    deploy(
        cloudformation,
        stack_name,
        template(Logs=group, Alarm=alarm, Board=dashboard),
    )
    ids, watch, logs = (
        physical_ids(cloudformation, stack_name),
        client("cloudwatch"),
        client("logs"),
    )
    found = watch.describe_alarms(AlarmNames=[stack_name])["MetricAlarms"][0]
    assert found["Threshold"] == 10
    assert found["DatapointsToAlarm"] == 2
    assert found["ActionsEnabled"] is True
    assert found["AlarmActions"] == [TOPIC]
    assert found["Metrics"][0]["MetricStat"]["Metric"]["MetricName"] == "Fallbacks"
    body = json.loads(watch.get_dashboard(DashboardName=stack_name)["DashboardBody"])
    assert body == {"widgets": [found["AlarmArn"]]}
    arn = logs.describe_log_groups(logGroupNamePrefix=ids["Logs"])["logGroups"][0]["arn"]
    tags = logs.list_tags_for_resource(resourceArn=arn.removesuffix(":*"))["tags"]
    assert tags == {"a": "1"}
    keyed = resource("AWS::Logs::LogGroup", KmsKeyId="arn:aws:kms:us-east-1:123456789012:key/k")
    deploy(cloudformation, stack_name, template(Logs=keyed), "UPDATE")
    now = logs.describe_log_groups(logGroupNamePrefix=ids["Logs"])["logGroups"][0]
    assert now["kmsKeyId"].endswith("key/k")
    assert "retentionInDays" not in now
    assert logs.list_tags_for_resource(resourceArn=arn.removesuffix(":*"))["tags"] == {}
    assert not watch.describe_alarms(AlarmNames=[stack_name])["MetricAlarms"]


def test_the_account_of_api_gateway(cloudformation: Any, client: Client, stack_name: str) -> None:
    account = resource(
        "AWS::ApiGateway::Account", CloudWatchRoleArn={"Fn::GetAtt": ["Role", "Arn"]}
    )
    deploy(cloudformation, stack_name, template(Role=ROLE, Account=account))
    role = client("iam").get_role(RoleName=physical_ids(cloudformation, stack_name)["Role"])["Role"]
    assert client("apigateway").get_account()["cloudwatchRoleArn"] == role["Arn"]


NESTED = [
    resource("AWS::ApiGateway::RestApi", Parameters={"mode": "merge"}),
    resource("AWS::ApiGateway::RestApi", DisableExecuteApiEndpoint=True),
    resource("AWS::ApiGateway::UsagePlan", ApiStages=[{"ApiId": "a", "Throttle": {}}]),
    resource("AWS::ApiGateway::UsagePlan", Quota={"Limit": 1, "Offset": 2}),
    resource(
        "AWS::ApiGateway::Stage",
        RestApiId="a",
        DeploymentId="b",
        StageName="live",
        MethodSettings=[{"LoggingLevel": "OFF", "CachePrecision": "high"}],
    ),
    function(Role="r", Code={"ImageUri": "image"}),
    function(Role="r", Code={"ZipFile": "", "SourceKMSKeyArn": "key"}),
    resource(
        "AWS::IAM::Role",
        AssumeRolePolicyDocument=TRUST,
        Policies=[{"PolicyName": "a", "PolicyDocument": {}, "Boundary": "b"}],
    ),
]
NAMES = [
    "Parameters.mode",
    "DisableExecuteApiEndpoint",
    "ApiStages.Throttle",
    "Quota.Offset",
    "MethodSettings.CachePrecision",
    "Code.ImageUri",
    "Code.SourceKMSKeyArn",
    "Policies.Boundary",
]


@pytest.mark.parametrize(("unknown", "named"), list(zip(NESTED, NAMES, strict=True)), ids=NAMES)
def test_what_would_be_dropped_is_refused_by_name_before_anything_is_made(
    cloudformation: Any, stack_name: str, unknown: dict[str, Any], named: str
) -> None:
    with pytest.raises(ClientError, match=f"the property {named} of {unknown['Type']}"):
        deploy(cloudformation, stack_name, template(Thing=unknown))


@pytest.mark.parametrize("path", ["/v1", "/v1/a", "~1v1", "/~1v1/a"])
def test_a_method_setting_whose_path_is_not_escaped_fails_the_stack(
    cloudformation: Any, stack_name: str, path: str
) -> None:
    api = resource(
        "AWS::ApiGateway::RestApi",
        Body={"openapi": "3.0.1", "info": {"title": "models", "version": "1"}, "paths": {}},
    )
    stage = resource(
        "AWS::ApiGateway::Stage",
        RestApiId={"Ref": "Api"},
        DeploymentId={"Ref": "Deployment"},
        StageName="live",
        MethodSettings=[{"ResourcePath": path, "HttpMethod": "GET", "MetricsEnabled": True}],
    )
    deployment = resource("AWS::ApiGateway::Deployment", RestApiId={"Ref": "Api"})
    resources = template(Api=api, Deployment=deployment, Stage=stage)
    stack = deploy(cloudformation, stack_name, resources)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    reasons = [reason for _, _, reason in events(cloudformation, stack_name)]
    assert any(f"Invalid method setting path {path}:" in reason for reason in reasons)


def test_an_unknown_member_of_a_gateway_response_fails_the_stack_by_name(
    cloudformation: Any, stack_name: str
) -> None:
    responses = {"THROTTLED": {"statusCode": 429, "retryAfter": "1"}}
    api = resource(
        "AWS::ApiGateway::RestApi",
        Body={
            "openapi": "3.0.1",
            "info": {"title": "models", "version": "1"},
            "paths": {},
            "x-amazon-apigateway-gateway-responses": responses,
        },
    )
    stack = deploy(cloudformation, stack_name, template(Api=api))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    reasons = [reason for _, _, reason in events(cloudformation, stack_name)]
    assert any("THROTTLED: extraneous key ['retryAfter']" in reason for reason in reasons)


def alarm(**settings: Any) -> dict[str, Any]:
    sound = {
        "Namespace": "Test",
        "MetricName": "errors",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    return resource("AWS::CloudWatch::Alarm", **(sound | settings))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (function(Timeout=901), "Value '901' of Timeout must be less"),
        (function(MemorySize=10241), "Value '10241' of MemorySize must be less"),
        (function(MemorySize=64), "MemorySize, value: 64, valid min value: 128"),
        (function(Runtime="python9.9"), "Value python9.9 at 'runtime'"),
        (resource("AWS::Logs::LogGroup", RetentionInDays=2), "RetentionInDays 2 is none of"),
        (alarm(TreatMissingData="bogus"), "TreatMissingData bogus"),
        (alarm(Period=7), "Period 7"),
        (
            alarm(DatapointsToAlarm=3, EvaluationPeriods=2),
            "DatapointsToAlarm 3 of 2 EvaluationPeriods",
        ),
        (resource("AWS::ApiGateway::UsagePlan", Quota={"Limit": 1, "Period": "YEAR"}), "YEAR"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_a_value_that_aws_does_not_take_fails_the_stack(
    cloudformation: Any, stack_name: str, wrong: dict[str, Any], told: str
) -> None:
    stack = deploy(cloudformation, stack_name, template(Role=ROLE, Wrong=wrong))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    failed = [line for line in events(cloudformation, stack_name) if line[1] == "CREATE_FAILED"]
    assert [(name, told in reason) for name, _, reason in failed] == [("Wrong", True)]
