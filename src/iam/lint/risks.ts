import { actionInfo, expandActions, readData, spelled, stringsOf, type ActionInfo } from '../catalogue.ts';
import { isOnAll, type CompiledStatement } from '../decide/compiled.ts';
import { allowsAll, type OpenPath } from '../decide/escalation.ts';
import { once } from '../memo.ts';
import { groupBy } from '../order.ts';
import { isAllow, isDeny, passedTo } from '../policy/policy.ts';
import { checks, few, found, type Finding } from './finding.ts';

/**
 * The risks of a document, one finding a statement: its gravest by name, the others beside it. On named resources only what gives more
 * rights is a risk. @param paths the ways to more rights that all of the principal's documents leave open
 */
export function checkRisks(statements: readonly CompiledStatement[], paths: readonly OpenPath[]): Finding[] {
  const allows = statements.filter(isAllow);
  const all = allows.find(({ source }) => allowsAll(source));
  if (all !== undefined) return [found('administrator-access', `Statement[${all.ref.statement}]`)];
  const isPassDenied = statements.some(
    (each) => isDeny(each) && each.isUnconditional && each.actions.has('iam:passrole'),
  );
  return allows.flatMap((each) =>
    riskOf(
      each,
      paths.filter((path) => isToldBy(each, path)),
      !isPassDenied && !each.source.conditions.some(passedTo),
    ),
  );
}

/** A way is told by a statement of its first action: in each document the first, or the first on everything. */
function isToldBy(statement: CompiledStatement, { statements: [places = []] }: OpenPath): boolean {
  const own = places.filter(({ ref }) => ref.policy === statement.ref.policy);
  return (own.find(isOnAll) ?? own[0])?.ref === statement.ref;
}

type ListedRisk = 'credentials-exposure' | 'data-exfiltration';

type Kind = ListedRisk | 'pass-role' | 'resource-exposure' | 'infrastructure-modification';

const listed = once(() => {
  const risks = readData('overrides/risks.json');
  const of = (kind: ListedRisk) => stringsOf(risks[kind]).map((name) => [name, kind] as const);
  return new Map([...of('credentials-exposure'), ...of('data-exfiltration')]);
});

/** The risk of an action, as the catalogue spells it, that is of its own; undefined for those of their kind alone. */
export const listedRisk = (action: string): ListedRisk | undefined => listed().get(action);

function kindOf({ name, accessLevel, resourceTypes }: ActionInfo, passesAny: boolean): Kind | undefined {
  if (name === 'iam:PassRole' && passesAny) return 'pass-role';
  const kind = listedRisk(name);
  if (kind !== undefined) return kind;
  if (accessLevel === 'Permissions management') return 'resource-exposure';
  const isNamed = resourceTypes.length > 0 && (accessLevel === 'Write' || accessLevel === 'Tagging');
  return isNamed ? 'infrastructure-modification' : undefined;
}

/** A check, and what it is said of. */
interface Risk {
  readonly code: string;
  readonly what: string;
  /** Whether the resources may be named. */
  readonly isOfType?: boolean;
}

function riskOf(statement: CompiledStatement, paths: readonly OpenPath[], passesAny: boolean): Finding[] {
  const isAll = isOnAll(statement);
  const isWide = paths.some((path) => path.statements.every((list) => list.some(isOnAll)));
  const code = isWide ? 'privilege-escalation' : 'privilege-escalation.named';
  const risks = paths.map(({ actions, effect }): Risk => ({
    code,
    what: `${actions.map(spelled).join(' with ')} ${effect}`,
  }));
  const opening = new Set(paths.flatMap(({ actions }) => actions));
  const { kind, patterns } = statement.source.actions;
  for (const text of kind === 'only' ? patterns : []) {
    const infos = expandActions(text).flatMap((name) => actionInfo(name) ?? []);
    const isWild = /[*?]/.test(text);
    const managing = infos.filter(({ accessLevel }) => accessLevel === 'Permissions management');
    if (isWild && managing[0])
      risks.push({
        code: 'permissions-management-wildcard',
        what: `${JSON.stringify(text)} holds ${managing.length}, ${managing[0].name} among them`,
      });
    else if (isAll && /^[^*?]*:\*$/.test(text))
      risks.push({ code: 'service-wildcard', what: JSON.stringify(text) });
    for (const info of infos) {
      const risk = kindOf(info, passesAny);
      const isSaid = (isWild && risk === 'resource-exposure') || opening.has(info.name.toLowerCase());
      if (risk === undefined || isSaid || (!isAll && risk !== 'resource-exposure')) continue;
      risks.push({
        code: isAll ? risk : 'resource-exposure.named',
        what: info.name,
        isOfType: info.resourceTypes.length > 0,
      });
    }
  }
  const byCode = groupBy(risks, ({ code }) => code);
  // The table has the worst first.
  const all = [...checks().keys()].flatMap((code) => {
    const own = byCode.get(code) ?? [];
    if (own.length === 0) return [];
    const typeless = `${code}.typeless`;
    const isOfNone = own.every(({ isOfType }) => isOfType === false) && checks().has(typeless);
    const words = [few(own.map(({ what }) => what))];
    return [found(isOfNone ? typeless : code, `Statement[${statement.ref.statement}]`, words)];
  });
  return all
    .slice(0, 1)
    .map((worst) => ({ ...worst, message: all.map(({ message }) => message).join('; ') }));
}
