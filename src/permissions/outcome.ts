import { dataRows } from '../iam/catalogue.ts';
import { memo, once } from '../iam/memo.ts';
import type { ObservedCall } from '../cloudtrail/call.ts';
import type { Permission, PermissionReason } from './mapping.ts';

/** What an error code proves: `denied` refused for authorization; `failed` authorization had passed; `inconclusive` neither. */
export type CallOutcome = 'allowed' | 'denied' | 'failed' | 'inconclusive';

const outcomes: readonly CallOutcome[] = ['denied', 'failed', 'inconclusive'];

/** `data/overrides/outcomes.json`: the first row that matches counts. */
const families = once(() =>
  dataRows('overrides/outcomes.json').map(({ outcome, codes }) => ({
    outcome: outcomes.find((known) => known === outcome) ?? 'inconclusive',
    codes: new RegExp(String(codes)),
  })),
);

/** `Client.UnauthorizedOperation`, `com.amazonaws.kms#NotFoundException` -> the bare code, lower-cased. */
const bareCode = (code: string): string =>
  code
    .slice(0, 256)
    .replace(/^.*#/s, '')
    .replace(/^(Client|Server)\./, '')
    .replace(/[\s_-]/g, '')
    .toLowerCase();

const outcomeOfCode = memo((errorCode: string): CallOutcome => {
  const code = bareCode(errorCode);
  return families().find((family) => family.codes.test(code))?.outcome ?? 'inconclusive';
});

/** What the call's error code proves; without a code it was allowed. An unknown code proves nothing. */
export function outcomeOf(call: ObservedCall): CallOutcome {
  const { errorCode } = call.context;
  if (errorCode === '' || isNoError(errorCode)) return 'allowed';
  const outcome = outcomeOfCode(errorCode);
  // Without a request nobody knows what the answer was about.
  return outcome === 'failed' && namesNothing(call) ? 'inconclusive' : outcome;
}

/** Whether a call with an error code, '' for none, was refused. */
export const isRefused = (errorCode: string): boolean =>
  errorCode !== '' && outcomeOfCode(errorCode) === 'denied';

/** A status of success in place of an error code. */
export const isNoError = (errorCode: string): boolean => errorCode === '200';

const namesNothing = ({ target }: ObservedCall): boolean =>
  target.resources.length === 0 &&
  (target.request['omitted'] === true || Object.keys(target.request).length === 0);

/** What a service asks for only once a call goes through: a call that failed proves none of it. */
const later: ReadonlySet<PermissionReason> = new Set([
  'dependent',
  'pass-role',
  'tag-on-create',
  'kms',
  'service-linked-role',
]);

/** What the outcome of a call says of one permission that it needs. */
export const provenBy = (outcome: CallOutcome, { reason }: Permission): CallOutcome =>
  outcome === 'failed' && later.has(reason) ? 'inconclusive' : outcome;
