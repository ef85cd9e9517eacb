import { InputError, parsedJson } from '../iam/input-error.ts';
import { isObject, type JsonObject } from '../iam/json.ts';
import { parseTrailConfig } from '../permissions/selectors.ts';
import type { AuditedTrail, PasswordPolicy } from './account.ts';

/**
 * Reads what `aws iam get-account-password-policy` prints; `null` in place of the policy, or the error that says that there is none,
 * stand for an account without.
 * @throws InputError for anything else
 */
export function readPasswordPolicy(text: string, source: string): PasswordPolicy | 'none' {
  if (text.includes('NoSuchEntity')) return 'none';
  const hint = 'give the output of: aws iam get-account-password-policy';
  const json = parsedJson(text, source, hint);
  if (!isObject(json) || !('PasswordPolicy' in json))
    throw new InputError(`${source}: no "PasswordPolicy" in it; ${hint}`);
  const policy = json['PasswordPolicy'];
  if (policy === null) return 'none';
  const length = isObject(policy) ? policy['MinimumPasswordLength'] : undefined;
  if (!isObject(policy) || typeof length !== 'number')
    throw new InputError(`${source}: no "MinimumPasswordLength" in it; ${hint}`);
  const kinds = ['Lowercase', 'Uppercase', 'Numbers', 'Symbols'];
  return {
    minimumLength: length,
    notRequired: kinds
      .filter((kind) => policy[`Require${kind}`] !== true && policy[`Require${kind}Characters`] !== true)
      .map((kind) => kind.toLowerCase()),
    remembered: Number(policy['PasswordReusePrevention'] ?? 0),
  };
}

/**
 * Reads trails: the output of `aws cloudtrail describe-trails` or `get-event-selectors`, one or an array of them.
 * @throws InputError for anything else
 */
export function readTrails(text: string, source: string): readonly AuditedTrail[] {
  const hint = 'give the output of: aws cloudtrail describe-trails, or get-event-selectors';
  const values = [parsedJson(text, source, hint)].flat();
  const trails = values.flatMap((value: unknown): readonly unknown[] =>
    isObject(value) && Array.isArray(value['trailList']) ? value['trailList'] : [value],
  );
  return trails.map((trail) => {
    if (!isObject(trail) || typeof trail['TrailARN'] !== 'string')
      throw new InputError(`${source}: a trail without "TrailARN"; ${hint}`);
    return trailOf(trail, trail['TrailARN']);
  });
}

/** @param trail members as describe-trails, get-trail-status and get-event-selectors call them */
export function trailOf(trail: JsonObject, arn: string): AuditedTrail {
  const flag = (name: string): boolean | undefined =>
    typeof trail[name] === 'boolean' ? trail[name] : undefined;
  const isSelected = 'EventSelectors' in trail || 'AdvancedEventSelectors' in trail;
  return {
    arn,
    allRegions: flag('IsMultiRegionTrail'),
    digests: flag('LogFileValidationEnabled'),
    logging: flag('IsLogging'),
    dataTypes: isSelected
      ? parseTrailConfig(JSON.stringify(trail), arn).selectors.flatMap(({ category, resourceType }) =>
          category === 'data' ? [resourceType] : [],
        )
      : undefined,
  };
}
