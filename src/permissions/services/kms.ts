import { isArn } from '../arn-format.ts';
import { fieldsOf, type Finder, firstText, type ShownArn, type Sighting } from '../mentions.ts';
import { escapeText, patternOf, type Text } from '../text.ts';

const isKey = ({ arn }: ShownArn): boolean => arn.service === 'kms' && arn.resource.startsWith('key/');

/** The member that names the key of an action of `ReEncrypt`, which uses two. */
const members = new Map([
  ['kms:ReEncryptFrom', ['sourcekeyid']],
  ['kms:ReEncryptTo', ['destinationkeyid']],
]);

/** A key named by id, ARN or alias, as ARN patterns; an alias is the key that the answer or `resources[]` shows. */
function keysOf(named: Text | undefined, others: readonly Text[], sighting: Sighting): readonly string[] {
  const { mentions } = sighting;
  const { partition, region, account } = mentions.place;
  const shown = mentions.arns.filter(isKey);
  if (named !== undefined && /^arn:[^:]*:kms:[^:]*:[^:]*:key\//.test(named.text)) return [patternOf(named)];
  const isAlias = named !== undefined && /^(arn:.*:)?alias\//.test(named.text);
  if (named !== undefined && !isAlias) {
    const same = shown.find(({ arn }) => arn.resource === `key/${named.text}`);
    if (same !== undefined) return [patternOf(same.value)];
    return [`arn:${partition}:kms:${region || '*'}:${account || '*'}:key/${patternOf(named)}`];
  }
  const taken = new Set(others.map(({ text }) => text.slice(text.lastIndexOf('/') + 1)));
  const free = shown.filter(
    ({ arn, from }) => from !== 'request' && !taken.has(arn.resource.slice('key/'.length)),
  );
  if (free.length > 0) return free.map(({ value }) => patternOf(value));
  const place =
    named && isArn(named.text)
      ? named.text.split(':').slice(0, 5).map(escapeText).join(':')
      : `arn:${partition}:kms:${region || '*'}:${account || '*'}`;
  return [`${place}:key/*`];
}

/**
 * A key may be named by an alias, but is authorised as the key behind it
 * (KMS Developer Guide, alias-authorization.html). A call that only decrypts names none: `resources[]` does.
 */
export const findKms: Finder = (sighting, action) => {
  const { mentions, call } = sighting;
  const found = new Map<string, readonly string[]>();
  const alias = firstText(mentions, 'aliasname');
  if (alias !== undefined) {
    const { partition, region, account } = mentions.place;
    const arn = isArn(alias.text)
      ? patternOf(alias)
      : `arn:${partition}:kms:${region || '*'}:${account || '*'}:${patternOf(alias)}`;
    found.set('alias', [arn]);
    const target = firstText(mentions, 'targetkeyid');
    if (target !== undefined || mentions.arns.some(isKey)) found.set('key', keysOf(target, [], sighting));
    return found;
  }
  const own = members.get(action.name) ?? ['keyid'];
  const all = ['keyid', 'sourcekeyid', 'destinationkeyid']
    .flatMap((name) => fieldsOf(mentions, name))
    .map(({ value }) => value);
  const named = firstText(mentions, ...own);
  const nothing = named === undefined && !mentions.arns.some(isKey);
  if (nothing && /^(List|Describe|Get)/.test(call.operation.eventName)) return found;
  found.set(
    'key',
    keysOf(
      named,
      all.filter((value) => value.text !== named?.text),
      sighting,
    ),
  );
  return found;
};
