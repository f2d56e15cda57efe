"""CloudFormation as `sam deploy` and boto3 meet it, with resources that truly come to be.

A request goes wire → changesets (template, parameters, intrinsics, plan: pure) → execute →
provision, which makes each resource by boto3 calls to the embedded AWS, as its type in `types_*`
says.
"""
