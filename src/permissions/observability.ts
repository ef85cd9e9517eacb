import { readData } from '../iam/catalogue.ts';
import { isObject } from '../iam/json.ts';

/** In which events of CloudTrail a use of an action shows. */
export type Visibility =
  /** `implied`: no event of its own, but it shows in the calls that need it (`iam:PassRole` in those that carry a role). */
  | { readonly category: 'management'; readonly implied?: true }
  /** Only if a trail logs data events of this type; `readOnly`: of reads, or of writes. */
  | { readonly category: 'data'; readonly resourceType: string }
  | { readonly category: 'network' }
  /** AWS records no event for it. */
  | { readonly category: 'never' };

const management: Visibility = { category: 'management' };
const implied: Visibility = { category: 'management', implied: true };
const never: Visibility = { category: 'never' };

/** `data/overrides/visibility.json`: visibility by action, or by `prefix:*` for a whole service. */
function load(): ReadonlyMap<string, Visibility> {
  const table = new Map<string, Visibility>();
  const groups = readData('overrides/visibility.json')['groups'];
  for (const group of Array.isArray(groups) ? groups : []) {
    if (!isObject(group) || typeof group['actions'] !== 'string') continue;
    const { category, resourceType } = group;
    const visibility: Visibility =
      category === 'data' && typeof resourceType === 'string'
        ? { category, resourceType }
        : category === 'never'
          ? never
          : category === 'implied'
            ? implied
            : management;
    for (const action of group['actions'].split(' ')) table.set(action.toLowerCase(), visibility);
  }
  return table;
}

let table: ReadonlyMap<string, Visibility> | undefined;

/**
 * Which events show an action (`s3:GetObject`, any case). CloudTrail logs every API call as a management event unless
 * AWS lists it as a data event or as not logged (CloudTrail User Guide, logging-data-events-with-cloudtrail.html and
 * cloudtrail-unsupported-aws-services.html).
 */
export function visibilityOf(action: string): Visibility {
  table ??= load();
  const lower = action.toLowerCase();
  return table.get(lower) ?? table.get(`${lower.slice(0, lower.indexOf(':'))}:*`) ?? management;
}
