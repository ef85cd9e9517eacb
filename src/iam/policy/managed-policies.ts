import { readData } from '../catalogue.ts';
import { entriesOf, objectsOf } from '../json.ts';
import { once } from '../memo.ts';
import { parsePolicy, type PolicyDocument } from './policy.ts';

/** A policy of AWS's own that can be attached, as of the day of `managedPolicies`. */
export interface ManagedPolicy {
  readonly arn: string;
  /** Prefixes of its actions; undefined where wildcards or `NotAction` name others too. */
  readonly services: ReadonlySet<string> | undefined;
  /** Parsed when asked for. */
  readonly document: () => PolicyDocument;
}

/** AWS's managed policies (`data/managed-policies.json`), and the last day on which any of them was changed. */
export const managedPolicies = once(
  (): { readonly date: string; readonly policies: readonly ManagedPolicy[] } => {
    const { date, policies } = readData('managed-policies.json');
    return {
      date: String(date),
      policies: entriesOf(policies).map(([name, rows]) => {
        const statements = objectsOf(rows);
        const words = statements.flatMap(({ Action }) =>
          (typeof Action === 'string' ? Action : '*').split(' '),
        );
        const services = words.map((word) => word.split(':')[0] ?? '');
        return {
          arn: `arn:aws:iam::aws:policy/${name}`,
          services: services.some((service) => /[*?]/.test(service)) ? undefined : new Set(services),
          document: once(() => documentOf(name, statements)),
        };
      }),
    };
  },
);

/** `s3:Get*,List* sqs:SendMessage` as a list of actions. */
const actionsOf = (text: unknown): readonly string[] =>
  String(text)
    .split(' ')
    .flatMap((word) => {
      const [service = '', names] = word.split(':');
      return names === undefined ? [service] : names.split(',').map((name) => `${service}:${name}`);
    });

const documentOf = (name: string, statements: readonly object[]): PolicyDocument =>
  parsePolicy(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: statements.map((statement) => ({
        Effect: 'Allow',
        ...('NotResource' in statement ? {} : { Resource: '*' }),
        ...Object.fromEntries(
          Object.entries(statement).map(([key, value]: [string, unknown]) => [
            key,
            /^(?:Not)?Action$/.test(key) ? actionsOf(value) : value,
          ]),
        ),
      })),
    }),
    name,
  );
