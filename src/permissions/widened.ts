import type { Target } from '../cloudtrail/call.ts';
import { maxNamesPerDay } from '../cloudtrail/fold.ts';
import { Folded } from '../cloudtrail/members.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../iam/order.ts';
import type { StarReason } from './mapping.ts';
import { leavesOf } from './member-path.ts';
import { isHidden } from './text.ts';

/** Why what was used is only known as a pattern. */
export type Widening = 'many-names' | 'unspellable' | 'hidden' | 'long-list' | 'long-text' | 'any-account';

/** A used resource that is wider than what the calls named. */
export interface Widened {
  readonly action: string;
  readonly resource: string;
  readonly why: Widening;
}

const words: Readonly<Record<Widening, string>> = {
  'many-names': `more than ${maxNamesPerDay} names in a day`,
  unspellable: 'names with characters that no policy can hold',
  hidden: 'the log hides the name',
  'long-list': 'a list of more than 100, of which only that it was there is kept',
  'long-text': 'a text of more than 2,048 characters, of which only that it was there is kept',
  'any-account':
    'if a delegated administrator called, it is of the management account, which the call does not name',
};

/** Outside of `${*}`. */
const wildcard = /(?<!\$\{)[*?]/;

/** What names something, if its text is there. */
const naming = /(?:ids?|names?|arns?|urls?|keys?|sets?|items)$/i;

/** What holds a list: newer calls of EC2 log one of ids in a member for one (`DeleteFlowLogsRequest.FlowLogId`). */
const listing = /(?:s|set)$|^\.\w+Request\./i;

/** Why a resource that a call needed says more than the call; undefined where it does not, or the action is for all of a kind anyway. */
export function wideningOf(target: Target, resource: string, star?: StarReason): Widening | undefined {
  if (resource === '*' ? star !== 'none-named' : !wildcard.test(resource)) return undefined;
  const found = new Set<Widening>();
  const listed = target.resources.map(({ arn }) => ({ value: arn, at: '' }));
  for (const { value, at } of [...leavesOf(target.request, ''), ...listed]) {
    if (value instanceof Folded) found.add('many-names');
    else if (value === true) {
      if (naming.test(at)) found.add(listing.test(at) ? 'long-list' : 'long-text');
    } else if (/[^\t\n\r\u0020-\u00ff]/u.test(value)) found.add('unspellable');
    else if (isHidden(value) && naming.test(at)) found.add('hidden');
  }
  const named = resource === '*' ? [] : (['many-names', 'unspellable'] as const);
  return [...named, 'hidden' as const, 'long-list' as const, 'long-text' as const].find((why) =>
    found.has(why),
  );
}

/** A line for each action and reason, sorted: what of it reaches beyond the calls. */
export function widenedNotes(widened: readonly Widened[]): readonly string[] {
  const groups = groupBy(widened, ({ action, why }) => `${action} ${why}`);
  return [...groups.values()]
    .map((group) => {
      const [{ action, why }] = group;
      const resources = sortedUnique(group.map(({ resource }) => resource));
      const more = resources.length > 3 ? ` and ${resources.length - 3} more` : '';
      return `${action} reaches beyond what was used: ${words[why]}: ${resources.slice(0, 3).join(', ')}${more}`;
    })
    .sort(byCodeUnit);
}
