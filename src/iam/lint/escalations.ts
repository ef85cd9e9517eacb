import { actionInfo } from '../catalogue.ts';
import { openPaths } from '../decide/escalation.ts';
import type { PolicyDocument } from '../policy/policy.ts';
import type { Finding } from './finding.ts';

/** Published combinations that the document allows as a whole, whatever the resources. */
export const escalations = (document: PolicyDocument): Finding[] =>
  openPaths([document]).map(({ name, actions, effect, statements }) => ({
    code: 'privilege-escalation',
    severity: 'warning',
    path: `Statement[${statements[0]?.[0]?.ref.statement ?? 0}]`,
    message: `${name}: ${actions.map((action) => actionInfo(action)?.name ?? action).join(' with ')} ${effect}`,
    fix: 'limit the resources, or take one of the actions away',
  }));
