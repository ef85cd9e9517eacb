# What another judge says of policies: a JSON text a line in, a JSON list of words a line out (empty: nothing to say).
import json
import sys


def moto(text):
    from moto.iam.exceptions import MalformedPolicyDocument
    from moto.iam.policy_validation import IAMPolicyDocumentValidator

    try:
        IAMPolicyDocumentValidator(text).validate()
    except MalformedPolicyDocument as error:
        return [error.message]
    return []


def parliament(text):
    from parliament import analyze_policy_string

    try:
        return sorted({finding.issue for finding in analyze_policy_string(text).findings})
    except Exception:  # a key type that it does not know
        return ["EXCEPTION"]


def corpus(_):
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    return {name: policy["Document"] for name, policy in json.loads(aws_managed_policies_data).items()}


judge = globals()[sys.argv[1]]
for line in sys.stdin:
    print(json.dumps(judge(json.loads(line))), flush=True)
