/** Layer `emit`: what is shown and written, as text; decides nothing. Here the files of `--out`. */
import { toJson } from '../iam/policy/policy-json.ts';
import type { Proposal } from '../synth/proposal.ts';
import { folderOf } from './review/principal-folder.ts';
import { alike } from './review/section.ts';
import { principalJson } from './json/changes.ts';
import { templateEndings, templateText, type Format } from './iac/format.ts';
import { proposalMarkdown } from './markdown/proposal.ts';
import { printableJson } from '../iam/printable.ts';

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
  /** `policy.json`, `policy-2.json`, ..., `policy-unseen.json`, ..., then their template: they change only when permissions change. */
  readonly policies: readonly OutputFile[];
  /** `diff.md` and `evidence.json`: rewritten only when a policy changes. */
  readonly companions: readonly OutputFile[];
}

/** The files of one proposal, below its own folder. */
export function outputTree(p: Proposal, format: Format): OutputTree {
  const folder = folderOf(p.identity);
  const [stem, before] =
    p.form === 'boundary' ? (['boundary', 'boundary-'] as const) : (['policy', ''] as const);
  const rest = `see \`${stem}.json\` and \`${before}evidence.json\` beside this page, or \`iam-minimize generate --json\``;
  const template = format === 'json' ? undefined : templateText(p, format);
  const policies = p.documents.map((document, i) => ({
    path: [...folder, p.files[i] ?? ''],
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
      { path: [...folder, `${before}evidence.json`], text: printableJson(evidenceOf(p), 2) },
    ],
  };
}

/** The uses behind a policy: one entry for each action and resource. */
function evidenceOf({ identity, verdicts }: Proposal): object {
  const uses = alike(
    [...verdicts],
    ({ use, verdict }) => [use.action, use.resource, verdict.kind],
    ({ use }) => use,
    true,
  );
  return {
    principal: principalJson(identity),
    uses: uses.map(({ first: { use, verdict }, seen }) => {
      const { action, resource, kind } = use;
      return { action, resource, reason: kind.reason, verdict: verdict.kind, ...seen };
    }),
  };
}
