import { actionInfo, serviceInfo, serviceOf } from '../iam/catalogue.ts';
import type { ObservedCall } from '../cloudtrail/call.ts';
import type { Refusal, RefusedBy } from '../cloudtrail/refusal.ts';
import { overlaps } from '../iam/pattern/language.ts';
import { resourcePattern } from '../iam/pattern/pattern.ts';
import { fillFormat, parseArn, readArn } from './arn-format.ts';
import { nothingKnown, type Permission } from './mapping.ts';
import { possibleNeeds } from './may-need.ts';
import { Mentions } from './mentions.ts';
import { escapeText } from './text.ts';

/** Refusals that more permissions for the principal would not have changed. */
const ofOthers: readonly RefusedBy[] = ['boundary', 'session', 'scp', 'rcp', 'vpc-endpoint', 'trust-policy'];

/** Whether something else than the principal's own policies refused the call: an SCP, a boundary, the session's policy. */
export const isRefusedByOthers = (by: RefusedBy): boolean => ofOthers.includes(by);

/** The resource that AWS names, where it is an ARN without a pattern in it; undefined otherwise. */
const refusedArn = ({ resource }: Refusal): string | undefined =>
  typeof resource === 'string' && resource.startsWith('arn:') && !/[*?\s]/.test(resource)
    ? resource
    : undefined;

/** What AWS says that a refused call lacked, beside how the call is read. */
export interface NamedRefusal {
  readonly action: string;
  /** A literal, or `*` where it names no resource. */
  readonly resource: string;
  /** Whether the action is among those that the call is known to need, or may need. */
  readonly agrees: boolean;
  /**
   * All of the type that AWS names one of, where the call is read as something else of the action: then the reading is wrong, and
   * of no other such call can be said what it was on.
   */
  readonly type: string | undefined;
}

/** What the text of a refusal names; undefined where there is none, or its action is not of the catalogue. */
export function namedRefusal(
  call: ObservedCall,
  permissions: readonly Permission[],
): NamedRefusal | undefined {
  const { refusal } = call.target;
  const action = refusal && actionInfo(refusal.action)?.name;
  if (refusal === undefined || action === undefined) return undefined;
  const arn = refusedArn(refusal);
  const same = permissions.filter((permission) => permission.action === action);
  return {
    action,
    resource: arn === undefined ? '*' : escapeText(arn),
    agrees:
      same.length > 0 ||
      possibleNeeds(call, permissions, nothingKnown).some((need) => need.action === action),
    type: arn === undefined || same.length === 0 ? undefined : disagreement(call, action, arn, same),
  };
}

/** The type of an ARN that our reading excludes; undefined where it does not, or names in it are the caller's own words. */
function disagreement(
  call: ObservedCall,
  action: string,
  text: string,
  same: readonly Permission[],
): string | undefined {
  const named = resourcePattern(escapeText(text), true);
  const ours = same.flatMap(({ resources }) => resources.map((one) => resourcePattern(one, true)));
  if (ours.some((one) => overlaps(one, named))) return undefined;
  const service = serviceInfo(serviceOf(action));
  const arn = parseArn(text);
  if (!service || !arn) return undefined;
  const types = new Set(actionInfo(action)?.resourceTypes.map(({ name }) => name));
  const reading = readArn(service, arn).find(({ format }) => types.has(format.type));
  const said = [...new Mentions(call).texts];
  return !reading || [...reading.values.values()].some((name) => said.some((one) => one.includes(name)))
    ? undefined
    : fillFormat(reading.format, arn, new Map());
}
