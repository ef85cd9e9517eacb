import { dayText } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';
import { printable, printableJson } from '../../iam/printable.ts';
import { withIndex, command, text, type ExitCode, type GlobalFlags, type Terminal } from '../command.ts';
import { megabytes } from '../surroundings.ts';
import { indexSummary } from '../../synth/usage/summary.ts';
import { indexJson, indexText } from '../../emit/text/index-info.ts';
import { damageIn } from '../../store/check.ts';
import { dayOr } from '../../app/settings/window.ts';
import { knownDays } from '../../synth/usage/deliveries.ts';
import { prune as pruned } from '../../store/prune.ts';

type Args = GlobalFlags & { readonly before: string | undefined };

async function info({ db, json }: Args, terminal: Terminal): Promise<ExitCode> {
  return withIndex(db, (index) => {
    const summary = indexSummary(index);
    const damage = damageIn(db);
    terminal.out.write(json ? printableJson(indexJson(summary, damage)) : indexText(summary, db, damage));
    return damage.length === 0 ? (summary.faults.length > 0 ? 3 : 0) : 1;
  });
}

async function check({ db, json }: Args, terminal: Terminal): Promise<ExitCode> {
  const damage = damageIn(db);
  if (json) terminal.out.write(printableJson({ damage }));
  else
    terminal.out.write(
      damage.length === 0
        ? `${printable(db)}: sound\n`
        : `${printable(db)}: damaged; delete it and run ingest again, or take a copy of it back\n${damage.map((line) => `  ${printable(line)}\n`).join('')}`,
    );
  return damage.length === 0 ? 0 : 1;
}

async function prune({ db, json, before }: Args, terminal: Terminal): Promise<ExitCode> {
  if (before === undefined)
    throw new InputError('index prune: give the first day that stays with --before (2026-03-01, or 90d)');
  const day = await withIndex(db, (index) =>
    dayOr(before, '--before', (days) => knownDays(index.coverage()).until - days + 1),
  );
  const bytes = pruned(db, day);
  terminal.out.write(
    json
      ? printableJson({ before: dayText(day), bytes })
      : `nothing from before ${dayText(day)} is left; ${printable(db)}: ${megabytes(bytes.before)} -> ${megabytes(bytes.after)}\n`,
  );
  return 0;
}

const runs = new Map([
  ['info', info],
  ['check', check],
  ['prune', prune],
]);

export const index = command({
  places: { what: text('info, check or prune') },
  flags: { before: text('prune: the first day that stays, or how many stay (2026-03-01, 90d)') },
  examples: [['iam-minimize index prune --before 180d', 'keeps 180 days']],
  run(args, terminal) {
    const run = args.what === undefined ? undefined : runs.get(args.what);
    if (run) return run(args, terminal);
    throw new InputError(`index ${String(args.what)}: unknown; use: iam-minimize index info, check or prune`);
  },
});
