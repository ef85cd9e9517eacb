import { proposalJson } from '../emit/json/proposal.ts';
import type { ProposedDocuments } from '../emit/iac/terraform.ts';
import { proposalMarkdown } from '../emit/markdown/proposal.ts';
import { overviewLine, type OverviewLine } from '../emit/text/overview.ts';
import { proposalText } from '../emit/text/proposal.ts';
import { outputTree, type OutputTree } from '../emit/tree.ts';
import { printable, printableJson } from '../iam/printable.ts';
import { dataVersion } from '../permissions/operation.ts';
import type { Proposal } from '../synth/proposal.ts';
import { standardStream } from './settings/source-argument.ts';
import type { GenerationSettings } from './settings/settings.ts';

/** How proposals are shown. */
export interface Showing extends Pick<GenerationSettings, 'format' | 'out' | 'check'> {
  readonly json: boolean;
  readonly diff: 'text' | 'markdown' | 'none';
  /** All rows of each section. */
  readonly full: boolean;
  readonly color: boolean;
  readonly width: number;
  /** What a command takes beside it to read the same index: ` --db FILE`; '' for the usual one. */
  readonly index: string;
}

/** A proposal as it is shown and written: all that is left of it, for many are held until the last is there. */
export interface Shown extends ProposedDocuments {
  readonly overflow: Proposal['overflow'];
  readonly isDenied: boolean;
  /** Whether anything but what stays stands beside today's policies. */
  readonly differs: boolean;
  /** With `--out DIR`. */
  readonly tree: OutputTree | undefined;
  readonly line: OverviewLine;
  /** The review, or the JSON; '' with `--out -`. */
  readonly text: string;
  /** What to ask next; '' where it is not said. */
  readonly hint: string;
}

/** A proposal as it is shown. */
export function shownAs(p: Proposal, how: Showing): Shown {
  const { identity, form, documents, files, overflow } = p;
  const { items = [], broadened = false } = p.diff ?? {};
  const isPrinted = how.out === standardStream;
  const isBrief = how.diff !== 'text' || how.check || how.json;
  return {
    identity,
    form,
    documents,
    files,
    overflow,
    isDenied: p.proof.denied > 0,
    differs: broadened !== false || items.some((item) => item.kind !== 'kept'),
    tree: how.out === undefined || isPrinted ? undefined : outputTree(p, how.format),
    line: overviewLine(p),
    text: isPrinted ? '' : textOf(p, how),
    hint: isBrief ? '' : hintOf(p, how),
  };
}

function textOf(p: Proposal, { json, diff, full, color, width, check }: Showing): string {
  if (json) return printableJson(proposalJson(p, dataVersion()));
  if (diff === 'markdown') return proposalMarkdown(p, { rest: '`iam-minimize generate --json` shows all' });
  return proposalText(p, { color, width, diff: diff === 'none' ? diff : check ? 'first' : diff, full });
}

function hintOf({ verdicts, identity, attention }: Proposal, { index }: Showing): string {
  const urgent = attention.flatMap((one) => ('calls' in one && one.calls.length > 0 ? [one.action] : []));
  const action = urgent[0] ?? verdicts.uses[0]?.action;
  return action
    ? `${printable(`why?   iam-minimize why ${action} --principal ${identity.name}${index}`)}\n\n`
    : '\n';
}
