import { isObject, jsonOf, textOfJson } from '../iam/json.ts';
import { sortedUnique } from '../iam/order.ts';
import type { Trust } from '../permissions/unusable.ts';
import { documentText } from './authorization-details.ts';

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** Somebody whom a trust policy lets in. */
export interface Trusted {
  /** `AWS`, `Service`, `Federated`, `CanonicalUser`. */
  readonly kind: string;
  /** As written; `*` for anybody, and where the policy says only who is not let in. */
  readonly name: string;
  readonly hasCondition: boolean;
}

/**
 * Whom a trust policy, an object or JSON text as AWS gives it, lets in; undefined when it cannot be read, and then nothing is known.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function trustedBy(document: unknown): readonly Trusted[] | undefined {
  const read = documentText(document, 'trust policy');
  if ('fault' in read) return undefined;
  const policy = jsonOf(read.text);
  if (!isObject(policy)) return undefined;
  const statements = list(policy['Statement']);
  if (!statements.every(isObject)) return undefined;
  return statements
    .filter((statement) => statement['Effect'] === 'Allow')
    .flatMap(({ Principal: principal, Condition: condition }) => {
      const hasCondition = isObject(condition) && Object.keys(condition).length > 0;
      return Object.entries(isObject(principal) ? principal : { AWS: '*' }).flatMap(([kind, names]) =>
        list(names).map((name) => ({ kind, name: textOfJson(name), hasCondition })),
      );
    });
}

/** The same, as far as it says what can use a role. */
export function trustOf(document: unknown): Trust | undefined {
  const trusted = trustedBy(document);
  const services = trusted?.filter(({ kind }) => kind === 'Service');
  return (
    services && {
      services: sortedUnique(services.map(({ name }) => name.toLowerCase().replace(/\.cn$/, ''))),
      others: trusted?.length !== services.length,
    }
  );
}
