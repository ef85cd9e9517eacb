import { actionInfo, expandActions, readData, stringsOf, type ActionInfo } from '../catalogue.ts';
import { isOnAll, type CompiledStatement } from '../decide/compiled.ts';
import { openPaths, type OpenPath } from '../decide/escalation.ts';
import { isAllow, type PolicyDocument } from '../policy/policy.ts';
import { few, found, type Finding, type LintCode } from './finding.ts';

/**
 * The risks of what a document allows, one finding a statement: its gravest risk by name, the others beside it. What is
 * allowed on named resources only is a risk where it gives more rights.
 */
export function checkRisks(document: PolicyDocument, statements: readonly CompiledStatement[]): Finding[] {
  const allows = statements.filter(isAllow);
  const all = allows.find((each) => each.isUnconditional && holdsEverything(each));
  if (all !== undefined) {
    const fix = 'list the actions that are used';
    return [found('administrator-access', pathOf(all), 'allows every action on every resource', fix)];
  }
  const ways = waysOf(document);
  return allows.flatMap((each) =>
    riskOf(
      each,
      ways.filter(({ statement }) => statement === each.ref.statement),
    ),
  );
}

const pathOf = ({ ref }: CompiledStatement): string => `Statement[${ref.statement}]`;
const holdsEverything = ({ source: { actions } }: CompiledStatement): boolean =>
  actions.kind === 'only' && actions.patterns.some((text) => text === '*' || text === '*:*');

/** A way to more rights, told by the statement with its first action. */
interface Way {
  readonly path: OpenPath;
  readonly statement: number;
  readonly isOnAll: boolean;
}

const waysOf = (document: PolicyDocument): readonly Way[] =>
  openPaths([document]).map((path) => {
    const [places = []] = path.statements;
    const { ref } = places.find(isOnAll) ?? places[0] ?? {};
    return {
      path,
      statement: ref?.statement ?? 0,
      isOnAll: path.statements.every((list) => list.some(isOnAll)),
    };
  });

type Kind =
  'credentials-exposure' | 'resource-exposure' | 'data-exfiltration' | 'infrastructure-modification';

let lists: ReadonlyMap<string, Kind> | undefined;
function listed(action: string): Kind | undefined {
  const risks = lists === undefined ? readData('overrides/risks.json') : {};
  const of = (kind: Kind): [string, Kind][] => stringsOf(risks[kind]).map((name) => [name, kind]);
  lists ??= new Map([...of('credentials-exposure'), ...of('data-exfiltration')]);
  return lists.get(action);
}

function kindOf({ name, accessLevel, resourceTypes }: ActionInfo): Kind | undefined {
  if (listed(name) !== undefined) return listed(name);
  if (accessLevel === 'Permissions management') return 'resource-exposure';
  const isNamed = resourceTypes.length > 0 && (accessLevel === 'Write' || accessLevel === 'Tagging');
  return isNamed ? 'infrastructure-modification' : undefined;
}

/** What a risk is called, its gravity by the order of the table, and what to do. */
const WORDS: Partial<Record<LintCode, readonly [name: string, fix: string]>> = {
  'privilege-escalation': ['privilege escalation', 'limit the resources, or take one of the actions away'],
  'permissions-management-wildcard': ['permissions management by a wildcard', 'name the actions needed'],
  'credentials-exposure': ['credentials exposure', 'name the resources that it is for'],
  'resource-exposure': ['resource exposure', 'name the resources whose permissions it may change'],
  'data-exfiltration': ['data exfiltration', 'name the resources that it may read'],
  'service-wildcard': ['a service wildcard', 'name the actions needed'],
  'infrastructure-modification': ['infrastructure modification', 'name the resources that it may change'],
};

function riskOf(statement: CompiledStatement, ways: readonly Way[]): Finding[] {
  const { actions } = statement.source;
  const risks = new Map<LintCode, string[]>();
  const add = (code: LintCode, what: string): void => {
    risks.set(code, [...(risks.get(code) ?? []), what]);
  };
  for (const { path } of ways) {
    const spelled = path.actions.map((action) => actionInfo(action)?.name ?? action).join(' with ');
    add('privilege-escalation', `${spelled} ${path.effect}`);
  }
  const opening = new Set(ways.flatMap(({ path }) => path.actions));
  const isAll = isOnAll(statement);
  for (const text of actions.kind === 'only' ? actions.patterns : []) {
    const infos = expandActions(text).flatMap((name) => actionInfo(name) ?? []);
    const isWild = /[*?]/.test(text);
    const managing = infos.filter(({ accessLevel }) => accessLevel === 'Permissions management');
    if (isWild && managing[0]) {
      const message = `${JSON.stringify(text)} holds ${managing.length}, ${managing[0].name} among them`;
      add('permissions-management-wildcard', message);
    } else if (isAll && /^[^*?]*:\*$/.test(text)) add('service-wildcard', JSON.stringify(text));
    for (const info of infos) {
      const kind = kindOf(info);
      if (!isAll && kind !== 'resource-exposure') continue;
      const isSaid = (isWild && kind === 'resource-exposure') || opening.has(info.name.toLowerCase());
      if (kind !== undefined && !isSaid) add(kind, info.name);
    }
  }
  const codes = keysOf(WORDS).filter((code) => risks.has(code));
  const [worst] = codes;
  if (worst === undefined) return [];
  const message = codes
    .map((code) => `${WORDS[code]?.[0] ?? code}: ${few(risks.get(code) ?? [])}`)
    .join('; ');
  if (isAll ? worst !== 'privilege-escalation' || ways.some((way) => way.isOnAll) : !(worst in NAMED))
    return [found(worst, pathOf(statement), message, WORDS[worst]?.[1] ?? '')];
  const severity = worst === 'resource-exposure' ? 'suggestion' : 'warning';
  return [
    found(worst, pathOf(statement), `on the resources named, ${message}`, NAMED[worst] ?? '', severity),
  ];
}

/** What to do where the resources are named, or those of a further action. */
const NAMED: Partial<Record<LintCode, string>> = {
  'privilege-escalation':
    'see that what it names has no more rights than its holder, or take one of the actions away',
  'resource-exposure': 'see that whoever changes these permissions may have them all',
};

const keysOf = (table: Partial<Record<LintCode, unknown>>): LintCode[] => Object.keys(table).filter(isCode);
const isCode = (text: string): text is LintCode => text in WORDS;
