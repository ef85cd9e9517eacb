import { createHash } from 'node:crypto';
import type { Identity } from '../../cloudtrail/identity.ts';

/** Longest name used as it is; file systems allow 255 bytes. */
const maxSegment = 200;

/** Names of devices on Windows, whatever follows their first dot (https://learn.microsoft.com/windows/win32/fileio/naming-a-file). */
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)\d)(?=\.|$)/i;

/**
 * A name from a log as one path segment: characters outside IAM's own set are percent-encoded, so that no name is
 * `..`, holds a separator, is hidden, or is not a file's on Windows. Different names give different segments: what cannot be encoded or is very
 * long ends in a digest, behind a `%-` that no encoded name holds.
 * @param isDistinct whether it must differ from others in more than case
 */
export function segment(name: string, isDistinct = false): string {
  const text = name.replace(/\p{Surrogate}/gu, '\ufffd');
  const safe = encodeURIComponent(text)
    .replace(/%(2B|3D|2C|40)/g, (code) => decodeURIComponent(code))
    .replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/^\.+|\.+$/g, (dots) => '%2E'.repeat(dots.length))
    .replace(device, (word) => `%${word.charCodeAt(0).toString(16).toUpperCase()}${word.slice(1)}`);
  if (safe === '') return '%-unnamed';
  if (safe.length <= maxSegment && text === name && !isDistinct) return safe;
  const digest = createHash('sha256').update(JSON.stringify(name)).digest('hex').slice(0, 16);
  return `${safe.slice(0, maxSegment - 18)}%-${digest}`;
}

/** The folder of a principal, as segments below the output folder. */
export const folderOf = ({
  kind,
  name,
  account,
  parts,
  hasNamesake,
}: Pick<Identity, 'kind' | 'name' | 'account' | 'parts' | 'hasNamesake'>): readonly string[] =>
  kind === 'permission-set'
    ? ['permission-sets', 'default', segment(name, hasNamesake)]
    : parts
      ? ['merged', kind, segment(name)]
      : [segment(account === '' ? 'unknown-account' : account), kind, segment(name, hasNamesake)];

/** Characters of the name of a managed policy (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). */
const longestName = 128;

/**
 * The name in the account of a managed policy: `iam-minimize-role-app`, of the second document `iam-minimize-2-role-app`, of
 * what is kept unseen `iam-minimize-unseen-role-app`, of a boundary `iam-minimize-boundary-role-app`. That stands before the kind, where no principal's name can be taken for it.
 */
export function policyName({ kind, name }: Pick<Identity, 'kind' | 'name'>, file: string): string {
  const { part, number } = filePart(file);
  const parts = [part, number === 1 ? '' : number, kind, name];
  return `iam-minimize-${parts.filter(Boolean).join('-')}`
    .replace(/[^\w+=,.@-]/gu, '_')
    .slice(0, longestName);
}

/** What the name of a policy file says: `policy-unseen-2.json` is the second of the part `unseen`, `policy.json` the first of ``. */
export function filePart(file: string) {
  const part = file.startsWith('boundary') ? 'boundary' : file.startsWith('policy-unseen') ? 'unseen' : '';
  return { part, number: Number(/\d+/.exec(file)?.[0] ?? 1) };
}
