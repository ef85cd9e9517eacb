/** Room `lint`: what is wrong with a policy by itself. */
import { actionInfo, expandActions, serviceInfo, servicePrefixes, type ActionInfo } from '../catalogue.ts';
import type { Finding } from './finding.ts';
import { escalations } from './escalations.ts';
import { checkResources } from './resources.ts';
import { nearest } from '../nearest.ts';
import { byCodeUnit } from '../order.ts';
import { documentJson } from '../policy/policy-json.ts';
import type { PolicyDocument, Statement } from '../policy/policy.ts';
import { inlineQuota, managedPolicyQuota, policySize, refusedCharacter } from '../policy/quota.ts';
import { redundantStatements } from './redundancy.ts';

/**
 * Findings on one document, by path, then code.
 * @param beside other documents of the same principal: what one lacks another may allow
 */
export function lintPolicy(document: PolicyDocument, beside: readonly PolicyDocument[] = []): Finding[] {
  const together = [document, ...beside];
  const findings: Finding[] = [
    ...lintWhole(document),
    ...redundantStatements(document),
    ...escalations(document),
  ];
  for (const [index, statement] of document.statements.entries()) {
    const path = `Statement[${index}]`;
    findings.push(
      ...lintActions(statement, path),
      ...lintConditionKeys(statement, path),
      ...checkResources(statement, path, {
        version: document.version,
        actions: actionsOf(statement),
        together,
      }),
    );
  }
  return findings.sort((a, b) => byCodeUnit(a.path, b.path) || byCodeUnit(a.code, b.code));
}

function lintWhole(document: PolicyDocument): Finding[] {
  const findings: Finding[] = [];
  const size = policySize(document);
  if (size > managedPolicyQuota) {
    findings.push({
      code: 'too-large',
      severity: size > inlineQuota.role ? 'error' : 'warning',
      path: '',
      message: `${size} characters without white space: a managed policy holds ${managedPolicyQuota}, the inline policies of a role ${inlineQuota.role}`,
      fix: 'split the statements over several managed policies',
    });
  }
  const refused = refusedCharacter(JSON.stringify(documentJson(document)));
  if (refused !== undefined) {
    findings.push({
      code: 'refused-character',
      severity: 'error',
      path: '',
      message: `holds U+${(refused.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}; IAM takes U+0020 to U+00FF only`,
      fix: 'use ? or * in its place',
    });
  }
  if (document.version !== '2012-10-17') {
    findings.push({
      code: 'version-old',
      severity: 'suggestion',
      path: 'Version',
      message: 'is 2008-10-17 (also when absent), which knows no policy variables',
      fix: 'set "Version": "2012-10-17"',
    });
  }
  const seen = new Set<string>();
  for (const [index, { sid }] of document.statements.entries()) {
    if (sid === undefined || sid === '') continue;
    const path = `Statement[${index}].Sid`;
    if (seen.has(sid)) {
      findings.push({
        code: 'sid-repeated',
        severity: 'error',
        path,
        message: `${JSON.stringify(sid)} occurs before`,
        fix: 'rename it',
      });
    }
    if (!/^[A-Za-z0-9]*$/.test(sid)) {
      findings.push({
        code: 'sid-grammar',
        severity: 'error',
        path,
        message: 'may hold letters and digits only',
        fix: 'rename it',
      });
    }
    seen.add(sid);
  }
  return findings;
}

function lintActions({ effect, actions }: Statement, path: string): Finding[] {
  const name = actions.kind === 'only' ? 'Action' : 'NotAction';
  const findings = actions.patterns.flatMap((action) => lintAction(action, `${path}.${name}`));
  if (actions.patterns.length === 0) {
    findings.push({
      code: 'empty-list',
      severity: 'warning',
      path: `${path}.${name}`,
      message:
        actions.kind === 'only' ? 'is empty: the statement does nothing' : 'is empty: it means every action',
      fix: 'name actions, or delete the statement',
    });
  }
  if (effect !== 'Allow') return findings;
  if (actions.kind === 'except') {
    findings.push({
      code: 'not-action-allow',
      severity: 'warning',
      path: `${path}.NotAction`,
      message: 'with Allow grants every other action, and those AWS adds later',
      fix: 'list the actions needed in "Action"',
    });
    return findings;
  }
  for (const action of actions.patterns) {
    if (!action.includes('*') && !action.includes('?')) continue;
    const managing = expandActions(action).filter(
      (known) => actionInfo(known)?.accessLevel === 'Permissions management',
    );
    if (managing.length === 0) continue;
    findings.push({
      code: 'permissions-management-wildcard',
      severity: 'warning',
      path: `${path}.Action`,
      message: `${JSON.stringify(action)} allows ${managing.length} permissions management actions, ${managing[0] ?? ''} among them`,
      fix: 'name the actions needed',
    });
  }
  return findings;
}

function lintAction(action: string, path: string): Finding[] {
  if (action === '*' || action === '*:*') return [];
  const colon = action.indexOf(':');
  const [prefix, name] = [action.slice(0, colon), action.slice(colon + 1)];
  const service = serviceInfo(prefix);
  if (service === undefined) {
    const message = `there is no service with the prefix ${JSON.stringify(prefix)}`;
    return [
      { code: 'unknown-service', severity: 'error', path, message, fix: meant(prefix, servicePrefixes()) },
    ];
  }
  if (expandActions(action).length > 0) return [];
  const known = [...service.actions.values()].map((info) => info.name.slice(colon + 1));
  const message = `${service.name} has no action ${JSON.stringify(name)}`;
  const fix = meant(name, known, `${prefix}:`);
  return [{ code: 'unknown-action', severity: 'error', path, message, fix }];
}

/** The catalogue's actions a statement is about; none for `NotAction`, `*` and whole services, which say nothing of types. */
function actionsOf({ actions }: Statement): ActionInfo[] {
  if (actions.kind === 'except') return [];
  const names = actions.patterns.flatMap((pattern) =>
    /^(?:\*|[^:]*:\*)$/.test(pattern) ? [] : expandActions(pattern),
  );
  return names.map((name) => actionInfo(name)).filter((info) => info !== undefined);
}

function lintConditionKeys(statement: Statement, path: string): Finding[] {
  const services = new Set(statement.actions.patterns.map((action) => action.slice(0, action.indexOf(':'))));
  const findings: Finding[] = [];
  for (const { operator, key } of statement.conditions) {
    const prefix = key.slice(0, key.indexOf(':')).toLowerCase();
    // The catalogue lists global keys with the actions that support them only: aws:SourceIp is valid everywhere.
    if (prefix === 'aws') continue;
    const own = `${path}.Condition.${operator}.${JSON.stringify(key)}`;
    const keys = [...new Set([prefix, ...services])].flatMap(
      (name) => serviceInfo(name)?.conditionKeys ?? [],
    );
    if (keys.some((known) => isKey(known, key))) continue;
    const message =
      serviceInfo(prefix) === undefined
        ? `there is no service with the prefix ${JSON.stringify(prefix)}`
        : `is not a condition key of ${JSON.stringify(prefix)}`;
    findings.push({
      code: 'unknown-condition-key',
      severity: 'warning',
      path: own,
      message,
      fix: meant(key, keys),
    });
  }
  return findings;
}

/** Documented keys may hold a variable part: `s3:ExistingObjectTag/<key>`, `ec2:ResourceTag/${TagKey}`. */
function isKey(documented: string, key: string): boolean {
  const [own, other] = [documented.toLowerCase(), key.toLowerCase()];
  if (own === other) return true;
  const open = own.search(/[<$]/);
  return open > 0 && other.length > open && other.startsWith(own.slice(0, open));
}

function meant(name: string, known: readonly string[], prefix = ''): string {
  const found = nearest(name, known);
  return found === undefined ? 'check the name' : `did you mean ${JSON.stringify(prefix + found)}?`;
}
