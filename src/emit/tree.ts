import { createHash } from 'node:crypto';
import type { Identity } from '../cloudtrail/identity.ts';
import { byCodeUnit, groupBy } from '../iam/order.ts';
import { toJson } from '../iam/policy/policy-json.ts';
import type { Proposal } from '../synth/generate.ts';
import { evidenceJson, joinEvidence } from './review/evidence.ts';
import { templateEndings, templateText, type Format } from './iac/format.ts';
import { proposalMarkdown } from './markdown/proposal.ts';

/** One file to write: path segments below the output folder, and its text. */
export interface OutputFile {
  readonly path: readonly string[];
  readonly text: string;
}

/** What `--out` writes for one proposal. */
export interface OutputTree {
  /** The folder of the principal, as segments below the output folder. */
  readonly folder: readonly string[];
  /** How their names start. */
  readonly stem: 'policy' | 'boundary';
  /** `policy.json`, `policy-2.json`, ..., then their template: they change only when permissions change. */
  readonly policies: readonly OutputFile[];
  /** `diff.md` and `evidence.json`: rewritten only when a policy changes. */
  readonly companions: readonly OutputFile[];
}

/** Longest name used as it is; file systems allow 255 bytes. */
const maxSegment = 200;

/**
 * A name from a log as one path segment: characters outside IAM's own set are percent-encoded, so that no name is
 * `..`, holds a separator, or is hidden. Different names give different segments: what cannot be encoded or is very
 * long ends in a digest, behind a `%-` that no encoded name holds.
 */
export function segment(name: string): string {
  const text = name.replace(/\p{Surrogate}/gu, '\ufffd');
  const safe = encodeURIComponent(text)
    .replace(/%(2B|3D|2C|40)/g, (code) => decodeURIComponent(code))
    .replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/^\.+/, (dots) => '%2E'.repeat(dots.length));
  if (safe === '') return '%-unnamed';
  if (safe.length <= maxSegment && text === name) return safe;
  const digest = createHash('sha256').update(JSON.stringify(name)).digest('hex').slice(0, 16);
  return `${safe.slice(0, maxSegment - 18)}%-${digest}`;
}

/** The folder of a principal, as segments below the output folder. */
export const folderOf = ({
  kind,
  name,
  account,
  parts,
}: Pick<Identity, 'kind' | 'name' | 'account' | 'parts'>): readonly string[] =>
  kind === 'permission-set'
    ? ['permission-sets', 'default', segment(name)]
    : parts
      ? ['merged', kind, segment(name)]
      : [segment(account === '' ? 'unknown-account' : account), kind, segment(name)];

export function outputTree(p: Proposal, format: Format): OutputTree {
  const folder = folderOf(p.identity);
  const [stem, before] =
    p.form === 'boundary' ? (['boundary', 'boundary-'] as const) : (['policy', ''] as const);
  const rest = `see \`${stem}.json\` and \`${before}evidence.json\` beside this page, or \`iam-minimize generate --json\``;
  const template = format === 'json' ? undefined : templateText(p, format);
  const policies = p.documents.map((document, i) => ({
    path: [...folder, `${stem}${i === 0 ? '' : `-${i + 1}`}.json`],
    text: toJson(document),
  }));
  return {
    folder,
    stem,
    policies:
      format === 'json' || template === undefined
        ? policies
        : [...policies, { path: [...folder, stem + templateEndings[format]], text: template }],
    companions: [
      { path: [...folder, `${before}diff.md`], text: proposalMarkdown(p, { rest }) },
      { path: [...folder, `${before}evidence.json`], text: `${JSON.stringify(evidenceOf(p), null, 2)}\n` },
    ],
  };
}

/** The uses behind a policy: one entry for each action and resource. */
function evidenceOf(p: Proposal): object {
  const groups = groupBy(p.verdicts, ({ use, verdict }) =>
    JSON.stringify([use.action, use.resource, verdict.kind]),
  );
  return {
    principal: {
      kind: p.identity.kind,
      arn: p.identity.arn,
      account: p.identity.account,
      name: p.identity.name,
    },
    uses: [...groups]
      .sort(([a], [b]) => byCodeUnit(a, b))
      .flatMap(([, list]) => {
        const [first] = list;
        const joined = joinEvidence(list.map(({ use }) => use));
        if (!first || !joined) return [];
        const { action, resource, reason } = first.use;
        return [{ action, resource, reason, verdict: first.verdict.kind, ...evidenceJson(joined) }];
      }),
  };
}
