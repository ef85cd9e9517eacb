import { dirname, resolve } from 'node:path';
import { InputError } from '../../iam/input-error.ts';
import { lintTexts, type PlacedFinding } from '../../iam/lint/lint.ts';
import { groupBy } from '../../iam/order.ts';
import { parsePolicy, type PolicyDocument } from '../../iam/policy/policy.ts';
import { toJson } from '../../iam/policy/policy-json.ts';
import { printable, printableJson } from '../../iam/printable.ts';
import { standardStream } from '../../app/settings/source-argument.ts';
import { accessOf, command, texts, yes, type Terminal } from '../command.ts';
import { readStream } from '../../app/settings/text-file.ts';
import { findingJson, findingText, lintSummary } from '../../emit/text/lint.ts';
import { colors } from '../../emit/review/layout.ts';
import { analyzed } from '../../app/access-analysis.ts';
import { policiesInDetails } from '../../current/current.ts';
import { fileText, policyFiles } from '../../current/folder.ts';

export const lint = command({
  places: {
    file: texts(
      'Policy files, authorization details, folders of them (.json, any depth), or - for standard input',
    ),
  },
  flags: {
    'access-analyzer': yes("Also ask IAM Access Analyzer's ValidatePolicy"),
    'not-granted': texts('Actions no policy may grant: an error where Access Analyzer finds that one does'),
  },
  examples: [
    ['iam-minimize lint policies', 'every policy below a folder'],
    ['iam-minimize lint policy.json --json', 'a finding per line, for machines'],
    ['iam-minimize lint policies --access-analyzer --not-granted iam:CreateUser', 'with what AWS finds'],
  ],
  async run(args, terminal) {
    const { notGranted = [] } = args;
    const asksAws = args.accessAnalyzer || notGranted.length > 0;
    const c = colors(terminal.color);
    const findings: PlacedFinding[] = [];
    const seen = new Set<string>();
    const told = new Set<string>();
    let files = 0;
    let unreadable = 0;
    const complain = (line: string): void => {
      terminal.err.write(`iam-minimize: ${printable(line)}\n`);
      unreadable++;
    };
    const check = async (policies: readonly Policy[]): Promise<void> => {
      const offline = lintTexts(policies);
      // AWS's own nobody else can change, and of what several hold AWS is asked once.
      const own = policies
        .map((policy, i) => ({ ...policy, findings: offline[i] ?? [] }))
        .filter(({ file }) => !/ arn:[^:]*:iam::aws:/.test(file) && !(asksAws && seen.has(file)));
      for (const { file } of own) seen.add(file);
      const linted = asksAws
        ? await analyzed(own, { validate: args.accessAnalyzer, notGranted }, accessOf(args))
        : own.map(({ findings }) => findings);
      for (const [index, found] of linted.entries()) {
        const file = own[index]?.file ?? '';
        for (const finding of found) {
          const line = args.json ? printableJson(findingJson(file, finding)) : findingText(file, finding, c);
          // What several principals hold is judged with what each has beside it.
          if (told.has(line)) continue;
          told.add(line);
          findings.push(finding);
          terminal.out.write(line);
        }
      }
    };
    const sources = await sourcesOf(args.file ?? [], terminal);
    for (const group of groupBy(sources, ({ holder }) => holder).values()) {
      const policies: Policy[] = [];
      for (const { file, read } of group) {
        try {
          const text = await read();
          const inside = await policiesInDetails(text, file);
          if (inside === undefined) policies.push({ file, text, document: parsePolicy(text, file) });
          else {
            inside.faults.forEach(complain);
            for (const held of inside.groups)
              await check(
                held.map(({ name, document }) => ({
                  file: `${file} ${name}`,
                  text: toJson(document),
                  document,
                })),
              );
          }
          files++;
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          complain(error.message);
        }
      }
      await check(policies);
    }
    if (!args.json && !args.quiet && files > 0) terminal.err.write(lintSummary(findings, files));
    if (unreadable > 0) return 2;
    return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
  },
});

interface Policy {
  readonly file: string;
  readonly text: string;
  readonly document: PolicyDocument;
}

interface PolicySource {
  readonly file: string;
  readonly read: () => Promise<string>;
  /** The folder: its policies are one principal's, and allow together. */
  readonly holder: string;
}

/** What is to be checked; a path that cannot be listed is a source that cannot be read. */
async function sourcesOf(paths: readonly string[], terminal: Terminal): Promise<readonly PolicySource[]> {
  const sources: PolicySource[] = [];
  for (const path of paths) {
    if (path === standardStream) {
      sources.push({ file: 'standard input', read: () => readStream(terminal.in), holder: path });
      continue;
    }
    try {
      for (const { file } of await policyFiles(path))
        sources.push({ file, read: () => fileText(file), holder: dirname(resolve(file)) });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      sources.push({ file: path, read: () => Promise.reject(error), holder: path });
    }
  }
  return sources;
}
