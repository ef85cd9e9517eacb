import { backtest } from './backtest.ts';
import { register, type Registered } from './command.ts';
import { completion } from './completion.ts';
import { data } from './data.ts';
import { diff } from './diff.ts';
import { explainCommand } from './explain.ts';
import { generate } from './generate.ts';
import { indexInfo } from './index-info.ts';
import { ingestCommand } from './ingest.ts';
import { lint } from './lint.ts';
import { principals } from './principals.ts';
import { report } from './report.ts';
import { retighten } from './retighten.ts';
import { trails } from './trails.ts';
import { verify } from './verify.ts';
import { why } from './why.ts';

const working: readonly Registered[] = [
  register(ingestCommand),
  register(principals),
  register(generate),
  register(explainCommand),
  register(why),
  register(verify),
  register(diff),
  register(lint),
  register(backtest),
  register(retighten),
  register(report),
  register(trails),
  register(indexInfo),
  register(data),
];

/** Every command, in the order `--help` shows them. */
export const commands: readonly Registered[] = [...working, completion(working)];
