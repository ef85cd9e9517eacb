import { actionInfo, dataRows, readData, reads, stringsOf } from '../iam/catalogue.ts';
import { mapOf, words } from '../iam/json.ts';
import { memo, once } from '../iam/memo.ts';

/**
 * What shows the use of an action.
 * `management`: events that trails log unless told otherwise; `implied`: no event of its own, but it shows in the calls that
 * need it (`iam:PassRole` in those that carry a role); `data`: only if a trail logs data events of the type; `network`: only
 * network activity events; `never`: AWS says that none is recorded; `no-known-event`: nothing is said.
 */
export type Category = (typeof categories)[number];
const categories = ['management', 'implied', 'data', 'network', 'never', 'no-known-event'] as const;
const bases = ['page', 'listed', 'seen'] as const;

export interface Observability {
  readonly category: Category;
  /** `ec2/RunInstances`: event source without its domain, event name. Empty where no operation is known. */
  readonly operations: readonly string[];
  /** `AWS::S3::Object`; '' but for data events. */
  readonly resourceType: string;
  /**
   * How the category is known. `page`: a page says so of the operations or of all of the service; `listed`: the service is
   * on CloudTrail's list of those that log; `seen`: in public logs; '': not at all.
   */
  readonly basis: (typeof bases)[number] | '';
  /** AWS's page, or the public logs; '' for none. */
  readonly source: string;
}

const unknown: Observability = {
  category: 'no-known-event',
  operations: [],
  resourceType: '',
  basis: '',
  source: '',
};

const tables = once(() => {
  const data = readData('observability.json');
  return {
    sources: stringsOf(data['sources']),
    rows: mapOf(data['actions'], (row): readonly unknown[] => (Array.isArray(row) ? row : [])),
  };
});

/** Which events show an action (`s3:GetObject`, any case), as `data/observability.json` says. */
export const observabilityOf = memo((action: string): Observability => {
  const { rows, sources } = tables();
  const name = actionInfo(action)?.name;
  const row = name === undefined ? undefined : rows.get(name);
  if (name === undefined || row === undefined) return unknown;
  const [shown, source, operations] = row;
  const [word, resourceType = ''] = String(shown).split(' ');
  const [basis, page = ''] = (sources[Number(source)] ?? '').split(' ');
  return {
    category: categories.find((known) => known === word) ?? 'no-known-event',
    operations: words(operations).map((operation) =>
      operation === '=' ? name.replace(':', '/') : operation,
    ),
    resourceType,
    basis: bases.find((known) => known === basis) ?? '',
    source: page,
  };
}, 50_000);

/** Whether a trail that logs only reads, or only writes, has the events of an action. */
export type Access = 'read' | 'write';

const loggedAsReads = once(
  () => new Set(dataRows('overrides/logged-access.json').flatMap((row) => words(row['actions']))),
);

/**
 * What a trail must log to have the events of an action: `readOnly` of an event and IAM's access level disagree at times,
 * so both where the name says otherwise than the level.
 */
export function loggedAccess(action: string): readonly Access[] {
  const name = actionInfo(action)?.name ?? action;
  if (loggedAsReads().has(name)) return ['read'];
  const isReader = /:(Batch)?(Get|List|Describe|Search|Lookup|Query|Scan|View)/.test(name);
  if (isReader !== reads(name)) return ['read', 'write'];
  return [isReader ? 'read' : 'write'];
}
