/** Layer `current`: what principals hold today, from policy files, authorization details or AWS. */
import type { AwsAccess } from '../aws/access.ts';
import type { Principal } from '../cloudtrail/principal.ts';
import { InputError } from '../iam/input-error.ts';
import { isObject, jsonOf } from '../iam/json.ts';
import { sortedUnique } from '../iam/order.ts';
import { parsePolicy, type PolicyDocument } from '../iam/policy/policy.ts';
import { accountsOf, parseDocument, resolve } from './account.ts';
import { detailsPages, type DetailsPage } from './authorization-details.ts';
import { fileText, ownerOf, policyFiles, type Owner } from './folder.ts';
import { holderLookup, withoutContradiction } from './holders.ts';
import { printableShort } from '../iam/printable.ts';
import { type HeldPolicy, type Holder } from './holder.ts';

/** What principals hold today. */
export interface Current {
  /** By account, kind and name. A permission set stands here once for each account it is used in. */
  readonly holders: readonly Holder[];
  /** The pages of authorization details that it was read from. */
  readonly details: readonly DetailsPage[];
  /** Policies that the input gives to nobody by name: a policy file by itself, or one outside the known folders. */
  readonly unnamed: readonly HeldPolicy[];
  /** By kind, account and name, else of a folder without accounts; a permission set, the same in all accounts, else of any. */
  readonly forPrincipal: (principal: Principal) => Holder | undefined;
  /** The path (`/` or `/team/…/`) of a role, service-linked roles included; undefined where the input does not say. */
  readonly rolePath: (account: string, name: string) => string | undefined;
  /** ARNs of the roles in an instance profile, sorted; empty where the input does not say. */
  readonly rolesOfInstanceProfile: (account: string, name: string) => readonly string[];
  /** Whether all principals of a kind in an account are among the holders, so that another one is not there any more. */
  readonly lists: (kind: string, account: string) => boolean;
}

/**
 * Reads what is held today from a policy file, from `aws iam get-account-authorization-details` output (a page, or an array of
 * pages), from a folder of either, or from the live account for the word `aws` (a folder of that name is `./aws`).
 * A principal with a policy that cannot be read, or described twice and differently, has `faults`.
 */
export async function readCurrent(source: string, access: AwsAccess = {}): Promise<Current> {
  if (source !== 'aws') return readTexts(textsOf(source));
  const { authorizationDetails } = await import('../aws/iam.ts');
  return currentOf(detailsPages(await authorizationDetails(access), 'aws') ?? [], [], []);
}

/** The same of one text that comes from no file. */
export const currentOfText = (text: string, source: string): Promise<Current> =>
  readTexts([{ name: source, segments: [], source, text }]);

/** A policy, by the name that it has in authorization details. */
interface NamedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

/**
 * The policies in authorization details: those of each principal together, then each that nobody holds, and a line for each that cannot be
 * read; undefined of another text. @throws InputError for details that cannot be read
 */
export async function policiesInDetails(
  text: string,
  source: string,
): Promise<{ groups: readonly (readonly NamedPolicy[])[]; faults: readonly string[] } | undefined> {
  const pages = detailsPages(jsonOf(text), source);
  if (pages === undefined) return undefined;
  const { holders } = await currentOfText(text, source);
  const groups = holders.map(({ kind, account, name, policies }) =>
    policies.map(({ arn, group, name: own, document }) => {
      const holder = group === undefined ? `${kind}/${name}` : `group/${group}`;
      return { name: arn ?? `${account} ${holder} ${own}`, document };
    }),
  );
  const faults = holders.flatMap((holder) => holder.faults);
  const held = new Set(groups.flat().map(({ name }) => name));
  for (const { arn, document } of pages.flatMap((page) => page.policies)) {
    if (held.has(arn)) continue;
    const read = resolve(document, arn, `${source} ${arn}`);
    if ('fault' in read) faults.push(read.fault);
    else groups.push([{ name: arn, document: read.document }]);
  }
  return { groups, faults: sortedUnique(faults) };
}

interface SourceText {
  /** Of the policy, should the text be one. */
  readonly name: string;
  readonly segments: readonly string[];
  /** For messages. */
  readonly source: string;
  readonly text: string;
}

async function* textsOf(path: string): AsyncGenerator<SourceText> {
  for (const { file, segments } of await policyFiles(path)) {
    const name = segments.length === 0 ? file : segments.join('/');
    yield { name, segments, source: printableShort(file), text: await fileText(file) };
  }
}

async function readTexts(texts: AsyncIterable<SourceText> | Iterable<SourceText>): Promise<Current> {
  const pages: DetailsPage[] = [];
  const unnamed: HeldPolicy[] = [];
  const folders = new Map<string, Holder & { readonly policies: HeldPolicy[]; readonly faults: string[] }>();
  for await (const { name, segments, source, text } of texts) {
    const json = jsonOf(text);
    const found = detailsPages(json, source);
    const owner = ownerOf(segments);
    if (found !== undefined) {
      pages.push(...found);
    } else if (owner !== undefined) {
      const { kind, account, name: of, instance } = owner;
      const key = JSON.stringify([kind, account, instance, of]);
      const holder = folders.get(key) ?? { ...inFolder(owner), policies: [], faults: [] };
      folders.set(key, holder);
      const resolved = parseDocument(text, source);
      if ('fault' in resolved) holder.faults.push(resolved.fault);
      else holder.policies.push(filePolicy(name, resolved.document));
    } else {
      requirePolicy(json, text, source);
      unnamed.push(filePolicy(name, parsePolicy(text, source)));
    }
  }
  return currentOf(pages, [...folders.values()], unnamed);
}

function currentOf(
  pages: readonly DetailsPage[],
  folders: readonly Holder[],
  unnamed: readonly HeldPolicy[],
): Current {
  const cutIn = pages[0]?.cutIn;
  // What is on no page would count as deleted.
  if (cutIn !== undefined && pages.every((page) => page.cutIn !== undefined))
    throw new InputError(
      `${cutIn}: authorization details without their last page (IsTruncated); give all pages: the AWS CLI writes them without --max-items`,
    );
  const accounts = accountsOf(pages);
  const holders = withoutContradiction([...accounts.holders, ...folders]);
  return {
    holders,
    details: pages,
    unnamed,
    forPrincipal: holderLookup(holders),
    rolePath: (account, name) => accounts.rolePaths.get(`${account}/${name}`),
    rolesOfInstanceProfile: (account, name) => accounts.instanceProfiles.get(`${account}/${name}`) ?? [],
    // Service-linked roles are no holders, but roles.
    lists: (kind, account) => accounts.listed.has(`${kind === 'user' ? kind : 'role'} ${account}`),
  };
}

/** Broken JSON that starts like a policy is left to the policy parser, which can say where it breaks. */
function requirePolicy(json: unknown, text: string, source: string): void {
  if (json === undefined ? /^\s*\{/.test(text) : isObject(json) && 'Statement' in json) return;
  if (text.trim() === '') throw new InputError(`${source}: empty; give a policy file, or leave it out`);
  throw new InputError(
    `${source}: neither a policy (no "Statement") nor authorization details; ` +
      'give policy files, or the output of "aws iam get-account-authorization-details"',
  );
}

const filePolicy = (name: string, document: PolicyDocument) =>
  ({ source: 'file', name, document, sharedWith: [] }) as const satisfies HeldPolicy;

const inFolder = ({ kind, account, name }: Owner) =>
  ({ kind, account, name, arn: '', uniqueId: '', path: '', instanceProfiles: [] }) as const;
