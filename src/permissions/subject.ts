import { memo } from '../iam/memo.ts';
import { normalName } from './arn-format.ts';
import { singularName } from './mentions.ts';

const suffix = /(identifier|namewithpath|withpath|name|uuid|arn|id)$/;

/** `dbsnapshotidentifier` -> `dbsnapshot` */
export const baseOf = memo((name: string) => name.replace(suffix, ''));

const verbs = /^(Batch)?[A-Z][a-z]+/;

/** `BatchGetJobs` -> `job` */
export const nounOf = memo((eventName: string) =>
  singularName(normalName(eventName.slice(0, 256).replace(verbs, ''))),
);

/** Whether bare members (`name`, `id`) of the call mean this type: `GetJob` -> `job`. */
export function isSubject(eventName: string, type: string, variable: string): boolean {
  const noun = nounOf(eventName);
  const base = baseOf(variable);
  return (
    noun !== '' &&
    (noun === type || noun === base || noun.startsWith(type) || (base !== '' && noun.startsWith(base)))
  );
}

/** What a name says of where the thing comes from: `DBInstanceFromDBSnapshot`, `DBClusterToPointInTime`. */
const origin = /(From|To)[A-Z].*$/;

/**
 * How well a type fits what a creating call makes; 0: not at all. The noun's end names the thing (`ClusterSubnetGroup`,
 * `DBSnapshot`), its start only what it belongs to, so any end goes before a start, and the longest end before others.
 */
export function fitAsSubject(eventName: string, type: string, variable: string): number {
  const noun = withoutPlural(normalName(eventName.slice(0, 256).replace(origin, '').replace(verbs, '')));
  const singular = withoutPlural(type);
  if (noun === '') return 0;
  if (noun === singular) return 4000;
  const fits = [singular, baseOf(variable)].map((word) => {
    if (noun === word) return 3000;
    if (word.length > 2 && noun.endsWith(word)) return 2000 + word.length;
    return noun.length > 2 && word.startsWith(noun) ? 2000 : 0;
  });
  return Math.max(...fits) || (noun.startsWith(singular) ? singular.length : 0);
}

const withoutPlural = (word: string): string => (word.length > 4 ? word.replace(/s$/, '') : word);
