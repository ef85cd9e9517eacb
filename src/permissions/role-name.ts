import type { Place } from './arn-format.ts';
import type { KnownEntities } from './mapping.ts';
import { escapeText } from './text.ts';

/**
 * ARNs of a role that a request names without its path. A role's name is unique in its account whatever the path
 * (IAM User Guide, reference_identifiers.html), so the name in any path stands for that role alone.
 */
export function roleArns(place: Place, name: string, known: KnownEntities): readonly string[] {
  const bare = name.slice(name.lastIndexOf('/') + 1);
  const given = name.includes('/')
    ? `/${name.slice(0, name.lastIndexOf('/') + 1)}`.replace('//', '/')
    : undefined;
  const path = given ?? known.rolePath(place.account, bare);
  const arn = (inPath: string): string =>
    `arn:${place.partition}:iam::${place.account || '*'}:role${inPath}${escapeText(bare)}`;
  return path === undefined ? [arn('/'), arn('/*/')] : [arn(escapeText(path))];
}
