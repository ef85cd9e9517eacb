import { expandActions, serviceInfo } from '../catalogue.ts';
import { nearest } from '../nearest.ts';

/** The known action that a misspelt `service:Name` may mean; undefined when none is near, or it has no colon. */
export function nearestAction(written: string): string | undefined {
  const colon = written.indexOf(':');
  if (colon < 1) return undefined;
  const service = serviceInfo(written.slice(0, colon));
  const known = service
    ? [...service.actions.values()].map((info) => info.name)
    : expandActions(`*${written.slice(colon)}`);
  return nearest(written, known);
}
