import type { Refusal, RefusedBy } from '../cloudtrail/refusal.ts';
import { actionInfo } from '../iam/catalogue.ts';

/** Refusals that more permissions for the principal would not have changed. */
const ofOthers: ReadonlySet<RefusedBy> = new Set([
  'boundary',
  'session',
  'scp',
  'rcp',
  'vpc-endpoint',
  'trust-policy',
]);

/** The action that AWS names in a refusal, as the catalogue spells it; undefined where there is none of that name. */
export const refusedAction = ({ action }: Refusal): string | undefined => actionInfo(action)?.name;

/** Whether something else than the principal's own policies refused the call: an SCP, a boundary, the session's policy. */
export const isRefusedByOthers = (by: RefusedBy): boolean => ofOthers.has(by);

/** The resource that AWS names, where it is an ARN without a pattern in it; undefined otherwise. */
export const refusedArn = ({ resource }: Refusal): string | undefined =>
  typeof resource === 'string' && resource.startsWith('arn:') && !/[*?\s]/.test(resource)
    ? resource
    : undefined;
