import type { ObservedCall } from '../cloudtrail/call.ts';
import type { Permission } from './mapping.ts';
import { leavesOf } from './member-path.ts';
import { escapeText, textOf } from './text.ts';

/** How much of a resource a text names: its length, where the resource ends in it or goes on after it, or it in the resource's name. */
function share(resource: string, text: string): number {
  if (text === '') return 0;
  const name = resource.split(':').slice(5).join(':');
  const pattern = escapeText(text);
  if (pattern === resource) return Infinity;
  // The random end of a secret's ARN is none of its name.
  const parts = `/${name.replace(/-\?+$/, '').replaceAll(':', '/')}/`;
  const part = `/${pattern.replaceAll(':', '/')}/`;
  // What the name ends in names the thing, what comes before its parents.
  if (parts.includes(part)) return pattern.length + (parts.endsWith(part) ? name.length : 0);
  return name.length > 0 && pattern.endsWith(`/${name}`) ? name.length : 0;
}

/** A permission whose every resource has the member that names it: what no table found, by the longest text that the ARN holds. */
export function withNames(permission: Permission, { target }: ObservedCall): Permission {
  const from = new Map(permission.from);
  for (const resource of permission.resources) {
    if (from.has(resource) || resource === '*') continue;
    const shares = [...leavesOf(target.request, 'requestParameters')]
      .map(({ value, at }) => ({ at, length: share(resource, textOf(value)?.text ?? '') }))
      .filter(({ length }) => length > 0);
    const best = shares.reduce((a, b) => (b.length > a.length ? b : a), { at: '', length: 0 });
    const isListed = target.resources.some(({ arn }) => escapeText(textOf(arn)?.text ?? '') === resource);
    if (best.length > 0 && (best.length === Infinity || !isListed)) from.set(resource, best.at);
    else if (isListed) from.set(resource, 'resources[]');
  }
  return from.size === 0 ? permission : { ...permission, from };
}
