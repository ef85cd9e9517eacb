import { actionInfo, expandActions, readData, stringsOf, type ActionInfo } from '../catalogue.ts';
import { isOnAll, type CompiledStatement } from '../decide/compiled.ts';
import { allowsAll, openPaths, type OpenPath } from '../decide/escalation.ts';
import { isAllow, type PolicyDocument } from '../policy/policy.ts';
import { checks, few, found, type Finding } from './finding.ts';

/**
 * The risks of what a document allows, one finding a statement: its gravest risk by name, the others beside it. What is
 * allowed on named resources only is a risk where it gives more rights.
 */
export function checkRisks(document: PolicyDocument, statements: readonly CompiledStatement[]): Finding[] {
  const allows = statements.filter(isAllow);
  const all = allows.find(({ source }) => allowsAll(source));
  if (all !== undefined) return [found('administrator-access', pathOf(all))];
  const ways = waysOf(document);
  const of = ({ ref }: CompiledStatement) => ways.filter(({ statement }) => statement === ref.statement);
  return allows.flatMap((each) => riskOf(each, of(each)));
}

const pathOf = ({ ref }: CompiledStatement): string => `Statement[${ref.statement}]`;

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

function riskOf(statement: CompiledStatement, ways: readonly Way[]): Finding[] {
  const { actions } = statement.source;
  const risks = new Map<string, string[]>();
  const add = (code: string, what: string): void => {
    risks.set(code, [...(risks.get(code) ?? []), what]);
  };
  const isAll = isOnAll(statement);
  const opening = new Set(ways.flatMap(({ path }) => path.actions));
  const escalation = ways.some((way) => way.isOnAll) ? 'privilege-escalation' : 'privilege-escalation.named';
  for (const { path } of ways) {
    const spelled = path.actions.map((action) => actionInfo(action)?.name ?? action).join(' with ');
    add(escalation, `${spelled} ${path.effect}`);
  }
  for (const text of actions.kind === 'only' ? actions.patterns : []) {
    const infos = expandActions(text).flatMap((name) => actionInfo(name) ?? []);
    const isWild = /[*?]/.test(text);
    const managing = infos.filter(({ accessLevel }) => accessLevel === 'Permissions management');
    if (isWild && managing[0])
      add(
        'permissions-management-wildcard',
        `${JSON.stringify(text)} holds ${managing.length}, ${managing[0].name} among them`,
      );
    else if (isAll && /^[^*?]*:\*$/.test(text)) add('service-wildcard', JSON.stringify(text));
    for (const info of infos) {
      const kind = kindOf(info);
      const isSaid = (isWild && kind === 'resource-exposure') || opening.has(info.name.toLowerCase());
      if (kind === undefined || isSaid || (!isAll && kind !== 'resource-exposure')) continue;
      add(isAll ? kind : 'resource-exposure.named', info.name);
    }
  }
  // The table has the worst first.
  const all = [...checks().keys()]
    .filter((code) => risks.has(code))
    .map((code) => found(code, pathOf(statement), [few(risks.get(code) ?? [])]));
  return all
    .slice(0, 1)
    .map((worst) => ({ ...worst, message: all.map(({ message }) => message).join('; ') }));
}
