import { actionInfo, dataRows, serviceInfo, serviceOf } from '../iam/catalogue.ts';
import { words } from '../iam/json.ts';
import { once } from '../iam/memo.ts';
import type { ObservedCall } from '../cloudtrail/call.ts';
import { groupBy } from '../iam/order.ts';
import { actionPattern, matches } from '../iam/pattern/pattern.ts';
import { formatsOf, parseArn, type ArnFormat } from './arn-format.ts';
import { leavesOf } from './member-path.ts';
import { patternOf, textOf } from './text.ts';

/** IAM prefixes without resource-based policies, and the actions that are otherwise than their service (`can`, `cannot`). */
const tables = once(() => {
  const rows = dataRows('overrides/resource-policies.json');
  const exceptions = rows.flatMap(({ can, cannot }) => [
    ...words(can).map((action) => ({ action: actionPattern(action), can: true })),
    ...words(cannot).map((action) => ({ action: actionPattern(action), can: false })),
  ]);
  return {
    without: new Set(rows.flatMap((row) => words(row['without']))),
    exceptions: groupBy(exceptions, ({ action }) => serviceOf(action.text)),
  };
});

/**
 * Whether something else than an identity policy (a resource policy, a key policy, a grant) can have allowed an action (any case) in
 * the account of its resource: of services without resource-based policies nothing can, of all others and of what is not listed it
 * is taken to be able to.
 */
export function otherThanIdentity(action: string): boolean {
  const { exceptions, without } = tables();
  const lower = action.toLowerCase();
  const service = serviceOf(lower);
  const exception = exceptions.get(service)?.find(({ action: pattern }) => matches(pattern, lower));
  return exception?.can ?? !without.has(service);
}

/**
 * Whether something else than an identity policy can have allowed a call what it was seen to do: a resource policy, key policy
 * or grant exists for such things, the thing lies in the caller's own account, and the event says which it is: it prints its ARN,
 * or every name that its ARN holds. In another account an identity policy must allow it too
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html).
 */
export function mayBeElsewhere(action: string, resource: string, call: ObservedCall): boolean {
  if (!otherThanIdentity(action)) return false;
  const arn = parseArn(resource);
  if (!arn || isOthers(resource, arn.account, call)) return false;
  const texts = textsOf(call);
  if (texts.has(resource)) return true;
  const types = serviceInfo(serviceOf(action))?.resourceTypes;
  return (actionInfo(action)?.resourceTypes ?? [])
    .flatMap(({ name }) => types?.get(name) ?? [])
    .flatMap(formatsOf)
    .some((format) => isNamed(format, arn.resource, texts));
}

/** Whether the thing is known to be of another account than the caller's. */
function isOthers(resource: string, account: string, { principal, target }: ObservedCall): boolean {
  if (account !== '') return account !== principal.account;
  // A bucket's ARN says nothing of its account; the event's list of resources does.
  return target.resources.some(
    (ref) =>
      ref.account !== '' &&
      ref.account !== principal.account &&
      typeof ref.arn === 'string' &&
      (resource === ref.arn || resource.startsWith(`${ref.arn}/`)),
  );
}

/** Whether the call says every name of an ARN, each by itself. A path in front of a name is never said with it. */
function isNamed({ pattern, variables }: ArnFormat, resource: string, texts: ReadonlySet<string>): boolean {
  const found = pattern.exec(resource);
  const names = found?.slice(1) ?? [];
  return (
    found !== null &&
    !variables.some((name) => name.endsWith('withpath')) &&
    new Set(names).size === variables.length &&
    names.every((name) => texts.has(name))
  );
}

/** What stands in a request and in the event's list of resources, as patterns; of a queue's address its name too. */
function textsOf({ target }: ObservedCall): ReadonlySet<string> {
  const values = [...leavesOf(target.request, '')].map(({ value }) => value);
  return new Set(
    [...values, ...target.resources.map(({ arn }) => arn)].flatMap((value) => {
      const text = textOf(value);
      if (text === undefined) return [];
      return text.text.startsWith('https://')
        ? [patternOf(text), text.text.slice(text.text.lastIndexOf('/') + 1)]
        : [patternOf(text)];
    }),
  );
}
