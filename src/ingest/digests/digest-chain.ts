/** Room `digests`: what CloudTrail's signed digests say of log files. */
import { byCodeUnit, groupBy } from '../../iam/order.ts';
import { parseDigestName, plainName, type Digest } from './digest.ts';
import { isSigned, type PublicKeys } from './digest-signature.ts';

/** A digest file as it was found. */
export interface DigestFile {
  /** Without `.gz`. */
  readonly name: string;
  /** What to call it in messages. */
  readonly label: string;
  /** Its content, or why there is none. */
  readonly digest: Digest | string;
  /** From the metadata of its object in S3; undefined for a copy, which has lost it. */
  readonly signature: string | undefined;
}

/** Something that was checked and is wrong. */
export interface DigestProblem {
  readonly object: string;
  readonly problem: string;
}

/** `unproven`: nothing speaks against it, but its signature is not here. */
export type DigestState = 'proven' | 'unproven' | 'invalid';

export interface ChainCheck {
  readonly digests: readonly { readonly file: DigestFile; readonly state: DigestState }[];
  readonly problems: readonly DigestProblem[];
  /** How many digests others refer to that are not here. */
  readonly missing: number;
  /** What is no failure, but bounds what was proven; a line each. */
  readonly notes: readonly string[];
}

/** What a digest says of the one before it. */
type Reference = NonNullable<Digest['previous']>;

/**
 * Checks digest files against CloudTrail's keys and each other. A digest is proven by its signature; where a copy has lost it,
 * the digest after it repeats it, so that only the last of a chain cannot be checked then. A chain may begin in the middle.
 */
export function checkChains(files: readonly DigestFile[], keys: PublicKeys): ChainCheck {
  const here = new Set(files.map(({ name }) => name));
  const references = groupBy(files.flatMap(referenceOf), ({ key }) => plainName(key));
  const chains = groupBy(files, ({ name }) => parseDigestName(name)?.chain ?? name);
  const checks = [...chains.values()].map((chain) => checkChain(chain, here, references, keys));
  return {
    digests: checks.flatMap(({ digests }) => digests),
    problems: checks.flatMap(({ problems }) => problems),
    missing: checks.reduce((sum, { missing }) => sum + missing, 0),
    notes: checks.flatMap(({ notes }) => notes),
  };
}

const referenceOf = ({ digest }: DigestFile): Reference[] =>
  typeof digest === 'string' || digest.previous === undefined ? [] : [digest.previous];

/** @param here names of all digests @param references what digests say of others, by the name of these */
function checkChain(
  chain: readonly DigestFile[],
  here: ReadonlySet<string>,
  references: ReadonlyMap<string, readonly Reference[]>,
  keys: PublicKeys,
): ChainCheck {
  const files = chain.toSorted((a, b) => byCodeUnit(a.name, b.name) || byCodeUnit(a.label, b.label));
  const digests: { file: DigestFile; state: DigestState }[] = [];
  const problems: DigestProblem[] = [];
  const notes: string[] = [];
  const missing = new Set<string>();
  let before: DigestFile | undefined;
  let after = 0;
  for (const [i, file] of files.entries()) {
    const { name, label, digest } = file;
    const last = files[i - 1];
    // Copies of one digest stand side by side.
    if (last && last.name !== name) before = last;
    while (after <= i || files[after]?.name === name) after++;
    const verdict = judge(file, references.get(name) ?? [], files[after], keys);
    digests.push({ file, state: verdict.state });
    if (verdict.state === 'invalid') problems.push({ object: label, problem: verdict.problem });
    if (verdict.state === 'unproven')
      notes.push(
        `${label}: the last digest of its chain cannot be checked here: its signature is only in the metadata of its object in S3`,
      );
    if (typeof digest === 'string' || before === undefined) continue;
    const { previous, start } = digest;
    if (previous === undefined) {
      const end = typeof before.digest === 'string' ? start : before.digest.end;
      if (end < start)
        notes.push(`${label}: begins a new chain; nothing vouches for log files from ${end} to ${start}`);
    } else if (!here.has(plainName(previous.key)) && !missing.has(previous.key)) {
      missing.add(previous.key);
      problems.push({ object: previous.key, problem: `the digest file is missing (${label} refers to it)` });
    }
  }
  return { digests, problems, notes, missing: missing.size };
}

type Verdict =
  { readonly state: 'proven' | 'unproven' } | { readonly state: 'invalid'; readonly problem: string };

const invalid = (problem: string): Verdict => ({ state: 'invalid', problem });

/** @param next the digest of its chain that comes after it */
function judge(
  { name, digest, signature }: DigestFile,
  references: readonly Reference[],
  next: DigestFile | undefined,
  keys: PublicKeys,
): Verdict {
  if (typeof digest === 'string') return invalid(`no digest file: ${digest}`);
  if (plainName(digest.key) !== name) return invalid(`moved or renamed: it belongs at ${digest.key}`);
  const key = keys.get(digest.fingerprint);
  if (key === undefined)
    return invalid(
      `signed with a key that is not among the public keys, fingerprint ${digest.fingerprint} (each Region has its own keys)`,
    );
  const signatures = [signature ?? [], ...references.map((one) => one.signature)].flat();
  if (signatures.some((one) => isSigned(digest, one, key))) return { state: 'proven' };
  if (references.some(({ hash }) => hash !== digest.hash))
    return invalid('altered: its content is not what the digest after it recorded');
  if (signatures.length > 0) return invalid('its signature is not valid');
  // Its chain ends here, as one does when validation is switched off.
  if (next === undefined || (typeof next.digest === 'object' && next.digest.previous === undefined))
    return { state: 'unproven' };
  return invalid('cannot be checked: the digest after it, which repeats its signature, is not here');
}
