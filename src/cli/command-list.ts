import { backtest } from './commands/backtest.ts';
import type { Registered } from './command.ts';
import { completion } from './completion.ts';
import { data } from './commands/data.ts';
import { diff } from './commands/diff.ts';
import { explainCommand } from './commands/explain.ts';
import { generate } from './commands/generate.ts';
import { index } from './commands/index.ts';
import { ingestCommand } from './commands/ingest.ts';
import { lint } from './commands/lint.ts';
import { principals } from './commands/principals.ts';
import { report } from './commands/report.ts';
import { retighten } from './commands/retighten.ts';
import { trails } from './commands/trails.ts';
import { verify } from './commands/verify.ts';
import { why } from './commands/why.ts';

const working: readonly Registered[] = [
  ingestCommand,
  principals,
  generate,
  explainCommand,
  why,
  verify,
  diff,
  lint,
  backtest,
  retighten,
  report,
  trails,
  index,
  data,
];

/** Every command, in the order `--help` shows them. */
export const commands: readonly Registered[] = [...working, completion(working)];
