import type { Audit, Check, Finding, Severity } from '../../audit/audit.ts';
import { printable, printableJson } from '../../iam/printable.ts';
import type { Colors } from '../review/layout.ts';
import { counted, someOf } from '../review/words.ts';

/** Places of a finding that are shown; `--json` has all. */
export const mostSpots = 20;

type Spot = Finding['spots'][number];

/** What to do, with the name where one alone is meant. */
export const fixOf = ({ check, spots }: Finding): string => {
  const name = spots.length === 1 ? (spots[0]?.subject.split(/[/ ]/).at(-1) ?? '') : 'NAME';
  return check.fix.replace('{name}', name);
};

/** Findings for a person, worst first: what it is, where it was seen, what to do. */
export function auditText({ findings }: Audit, c: Colors): string {
  const paint = { error: c.removed, warning: c.narrowed, suggestion: c.faint };
  return findings
    .map((finding) => {
      const { check, spots } = finding;
      const shown = spots.slice(0, mostSpots).map((spot) => `  ${spotText(spot)}`);
      const more = spots.length - shown.length;
      return [
        `${paint[check.severity](check.severity)}  ${c.strong(check.title)}  ${c.faint(check.id)}`,
        ...shown,
        ...(more > 0 ? [`  and ${more} more (--json shows all)`] : []),
        `  -> ${printable(fixOf(finding))}`,
        `     ${c.faint(check.page)}\n`,
      ].join('\n');
    })
    .join('\n');
}

/** Where it was seen, and what. */
export const spotText = ({ account, subject, seen, events }: Spot): string => {
  const where = subject.includes(account) ? subject : `${account} ${subject}`;
  return printable(`${where}: ${seen}${events.length > 0 ? ` (event ${someOf(events, 3)})` : ''}`);
};

/** How much was found, and what was not asked because its input was not given. */
export function auditSummary({ findings, unasked, lacking }: Audit): string {
  const of = (severity: Severity): number =>
    findings.filter(({ check }) => check.severity === severity).length;
  const flags = lacking.map((input) => (input === 'index' ? '--db' : `--${input}`));
  const found = `${counted(of('error'), 'error')}, ${counted(of('warning'), 'warning')}, ${counted(of('suggestion'), 'suggestion')}\n`;
  return unasked.length === 0
    ? found
    : `${found}${counted(unasked.length, 'check')} not asked; for all of them give ${flags.join(', ')} too\n`;
}

/** A line for each thing that was seen; see docs/schema/audit.json. */
export const auditJson = ({ findings }: Audit): string =>
  findings
    .flatMap(({ check: rule, spots }) => {
      const { id: check, severity, title, page } = rule;
      return spots.map((spot) =>
        printableJson({ check, severity, title, ...spot, fix: fixOf({ check: rule, spots: [spot] }), page }),
      );
    })
    .join('');

const levels = { error: 'error', warning: 'warning', suggestion: 'note' } as const;

/** SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export const auditSarif = ({ findings }: Audit): string =>
  printableJson({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'iam-minimize', rules: findings.map(({ check }) => ruleOf(check)) } },
        results: findings.flatMap((finding) =>
          finding.spots.map(({ account, subject, seen, events }) => ({
            ruleId: finding.check.id,
            level: levels[finding.check.severity],
            message: { text: `${finding.check.title}: ${subject}: ${seen}; ${fixOf(finding)}` },
            locations: [{ logicalLocations: [{ fullyQualifiedName: subject, kind: 'resource' }] }],
            partialFingerprints: { subject: `${finding.check.id}/${account}/${subject}` },
            properties: { account, events },
          })),
        ),
      },
    ],
  });

const ruleOf = ({ id, severity, title, fix, page }: Check): object => ({
  id,
  shortDescription: { text: title },
  help: { text: fix },
  helpUri: page,
  defaultConfiguration: { level: levels[severity] },
});
