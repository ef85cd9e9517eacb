import type { DigestReport } from '../../ingest/ingest.ts';
import { printable } from '../../iam/printable.ts';
import { counted, grouped } from '../review/words.ts';

/** A line for each thing that is wrong. */
export const digestProblems = ({ problems }: DigestReport): string =>
  problems.map(({ object, problem }) => `not proven: ${printable(object)}: ${printable(problem)}\n`).join('');

/** The counts in two lines, and what bounds them. */
export function digestSummary({ files, logs, notes }: DigestReport): string {
  const lines = [
    ...notes.map((note) => `note: ${printable(note)}`),
    `${counted(files.proven, 'digest file')} proven, ${grouped(files.unproven)} not checked, ${grouped(files.invalid)} not valid, ${grouped(files.missing)} missing`,
    `${counted(logs.proven, 'log file')} proven, ${grouped(logs.unproven)} not yet, ${grouped(logs.altered)} altered, ${grouped(logs.missing)} missing, ${grouped(logs.unnamed)} that no valid digest names`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}
