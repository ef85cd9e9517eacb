import { register, type Registered } from './command.ts';
import { generate } from './generate.ts';
import { indexInfo } from './index-info.ts';
import { ingestCommand } from './ingest.ts';
import { principals } from './principals.ts';

/** Every command, in the order `--help` shows them. */
export const commands: readonly Registered[] = [register(ingestCommand), register(principals), register(generate), register(indexInfo)];
