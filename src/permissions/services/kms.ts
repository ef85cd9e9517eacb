import { arnIn, isArn } from '../arn-format.ts';
import type { Finder, ShownArn, Sighting } from '../mentions.ts';
import { escapeText, patternOf, type Text } from '../text.ts';

const isKey = ({ arn }: ShownArn): boolean => arn.service === 'kms' && arn.resource.startsWith('key/');

/** The members that name a key; of `ReEncrypt`, which uses two, by its actions. */
const members = ['keyid', 'sourcekeyid', 'destinationkeyid'] as const;
const memberOf: ReadonlyMap<string, string> = new Map([
  ['kms:ReEncryptFrom', 'sourcekeyid'],
  ['kms:ReEncryptTo', 'destinationkeyid'],
]);

/** A key named by id, ARN or alias, as ARN patterns; an alias is the key that the answer or `resources[]` shows. */
function keysOf(named: Text | undefined, others: readonly Text[], { mentions }: Sighting): readonly string[] {
  const { place } = mentions;
  const shown = mentions.arns.filter(isKey);
  if (named !== undefined && /^arn:[^:]*:kms:[^:]*:[^:]*:key\//.test(named.text)) return [patternOf(named)];
  if (named !== undefined && !/^(arn:.*:)?alias\//.test(named.text)) {
    const same = shown.find(({ arn }) => arn.resource === `key/${named.text}`);
    return [same === undefined ? arnIn(place, 'kms', `key/${patternOf(named)}`) : patternOf(same.value)];
  }
  const taken = new Set(others.map(({ text }) => `key/${text.slice(text.lastIndexOf('/') + 1)}`));
  const free = shown.filter(({ arn, from }) => from !== 'request' && !taken.has(arn.resource));
  if (free.length > 0) return free.map(({ value }) => patternOf(value));
  return named && isArn(named.text)
    ? [`${named.text.split(':').slice(0, 5).map(escapeText).join(':')}:key/*`]
    : [arnIn(place, 'kms', 'key/*')];
}

/**
 * A key may be named by an alias, but is authorised as the key behind it
 * (KMS Developer Guide, alias-authorization.html). A call that only decrypts names none: `resources[]` does.
 */
export const findKms: Finder = (sighting, action) => {
  const { mentions, call } = sighting;
  const isShown = mentions.arns.some(isKey);
  const alias = mentions.first('aliasname');
  if (alias !== undefined) {
    const arn = isArn(alias.text) ? patternOf(alias) : arnIn(mentions.place, 'kms', patternOf(alias));
    const target = mentions.first('targetkeyid');
    const keys = target !== undefined || isShown ? [['key', keysOf(target, [], sighting)] as const] : [];
    return new Map([['alias', [arn]], ...keys]);
  }
  const named = mentions.first(memberOf.get(action.name) ?? 'keyid');
  if (named === undefined && !isShown && /^(List|Describe|Get)/.test(call.operation.eventName))
    return new Map();
  const others = members.flatMap((name) => mentions.all(name)).filter(({ text }) => text !== named?.text);
  return new Map([['key', keysOf(named, others, sighting)]]);
};
