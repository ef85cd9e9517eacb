import { dayText } from '../../iam/days.ts';
import { principalJson } from './changes.ts';
import type { Trial } from '../../synth/backtest.ts';

/** One line of `backtest --json`: a trial. */
export function trialJson(t: Trial): object {
  return {
    principal: principalJson(t.identity),
    strategy: t.strategy,
    train: { since: dayText(t.train.since), until: dayText(t.train.until) },
    test: { since: dayText(t.test.since), until: dayText(t.test.until) },
    uses: t.uses,
    denied: t.denied,
    useDays: t.useDays,
    deniedUseDays: t.deniedUseDays,
    broke: t.broke,
    actions: t.actions,
    actionsToday: t.actionsToday ?? null,
    unused: t.unused,
    bytes: t.bytes,
  };
}
