import type { Identity } from '../../cloudtrail/identity.ts';
import { InputError } from '../../iam/input-error.ts';
import type { Trial } from '../../synth/backtest.ts';
import { surroundingsOf } from '../surroundings.ts';
import { accessOf, withIndex, command, text, yes } from '../command.ts';
import { allFlag, principalFlag, trailConfigFlag } from '../flags.ts';
import { readToday, readTrailConfig, todayOf } from '../../app/current-policies.ts';
import { daysOf } from '../../app/settings/window.ts';
import { printableJson } from '../../iam/printable.ts';

export const backtest = command({
  flags: {
    ...principalFlag,
    ...allFlag,
    train: { ...text('Days a policy is made from'), default: '30d' },
    test: { ...text('Days after them it is tried on'), default: '7d' },
    step: { ...text('Days from one trial to the next'), default: '7d' },
    current: text("Today's policies, to cut proposals to and to compare with"),
    ...trailConfigFlag,
    csv: yes('All trials as CSV'),
  },
  examples: [
    ['iam-minimize backtest --all', 'a table of strategies side by side'],
    ['iam-minimize backtest --principal app --csv', 'each trial as a row'],
  ],
  async run(args, terminal) {
    const principals = args.principal ?? [];
    if (!args.all && principals.length === 0) throw new InputError('give --principal NAME or --all');
    const slide = {
      train: daysOf(args.train, '--train'),
      test: daysOf(args.test, '--test'),
      step: daysOf(args.step, '--step'),
    };
    const { Observation } = await import('../../synth/usage/observation.ts');
    const { chosenBy } = await import('../../app/settings/chosen-principals.ts');
    const { slides, summarizeTrials, trials } = await import('../../synth/backtest.ts');
    const { counted } = await import('../../emit/review/words.ts');
    const { backtestText, trialJson, trialsCsv } = await import('../../emit/text/backtest.ts');
    const { Foresight } = await import('../../app/starting-points.ts');
    const { telling } = await import('../../app/sources/surroundings.ts');
    const surroundings = surroundingsOf(terminal, args);
    const { warn } = surroundings;
    return withIndex(args.db, async (index) => {
      const current = await readToday(args.current, accessOf(args));
      const trails = await readTrailConfig(args.trailConfig, accessOf(args), warn);
      const observation = new Observation(index, current, []);
      const chosen = chosenBy(observation.identities, { all: args.all, principals });
      const foresight = current && new Foresight(index, observation.identities);
      let empty = 0;
      let untrained = 0;
      const trialsOf = (identity: Identity): readonly Trial[] => {
        const covered = observation.covered(identity);
        const fitting = slides(covered, slide);
        // Of a test window without logs nothing can be denied.
        const windows = fitting.filter(({ test }) => observation.knows(identity, test));
        empty += fitting.length - windows.length;
        if (windows.length === 0) return [];
        const today = current && todayOf(current, identity, chosen.length === 1);
        for (const fault of today?.faults ?? [])
          warn(`${identity.kind} ${identity.name}: left out: ${fault}`);
        if (today && today.faults.length > 0) return [];
        const deliveries = observation.deliveries(covered);
        const whole = observation.observed(identity, covered);
        const foreseen = today && foresight?.pinsOf(identity, today);
        const input = { identity, today, unobservable: 'keep', trails, deliveries } as const;
        return windows.flatMap((pair) => {
          const tried = trials({ ...input, ...(foreseen && { foreseen }) }, whole, pair);
          if (tried.length === 0) untrained++;
          return tried;
        });
      };
      const found: Trial[] = [];
      for (const identity of telling(chosen, surroundings)) found.push(...trialsOf(identity));
      const leftOut = (pairs: number, why: string): void => {
        if (pairs > 0) warn(`${counted(pairs, 'pair')} of windows left out: ${why}`);
      };
      leftOut(empty, 'the index holds nothing of the test days');
      leftOut(untrained, 'the days before them show nothing to make a policy from');
      if (found.length === 0) {
        throw new InputError(
          untrained > 0
            ? 'no trial is left; give other principals, or a longer --train'
            : `no span of ${slide.train + slide.test} covered days in the index; give shorter --train and --test, or ingest more days`,
        );
      }
      if (args.json) terminal.out.write(found.map((trial) => printableJson(trialJson(trial))).join(''));
      else
        terminal.out.write(args.csv ? trialsCsv(found) : backtestText(found, summarizeTrials(found), slide));
      return 0;
    });
  },
});
