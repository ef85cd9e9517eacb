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


def stated(_):
    # Per operation of the models in botocore: its event source as signed, and the words of its reference that may be actions.
    import glob
    import gzip
    import os
    import re

    import botocore

    found = []
    for service in sorted(glob.glob(os.path.join(os.path.dirname(botocore.__file__), "data", "*"))):
        models = sorted(glob.glob(os.path.join(service, "*", "service-2.json.gz")))
        if not models:
            continue
        with gzip.open(models[-1]) as file:
            model = json.load(file)
        source = model["metadata"].get("signingName") or model["metadata"]["endpointPrefix"]
        for name, operation in model["operations"].items():
            text = re.sub(r"<[^>]+>", " ", operation.get("documentation", ""))
            words = sorted(set(re.findall(r"\b[a-z][a-z0-9-]{1,40}:[A-Z][A-Za-z0-9]{2,60}\b", text)))
            if words:
                found.append({"source": source, "operation": name, "words": words})
    return found


judge = globals()[sys.argv[1]]
for line in sys.stdin:
    print(json.dumps(judge(json.loads(line))), flush=True)
