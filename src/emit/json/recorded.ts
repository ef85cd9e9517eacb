import { dayText } from '../../iam/days.ts';
import { documentJson } from '../../iam/policy/policy-json.ts';
import type { Recorded, Restored } from '../../synth/renewal/regression.ts';
import { printableJson } from '../../iam/printable.ts';

/** The text of `recorded.json`: what a principal was known to hold, so that what is missed later can be told. */
export const recordedText = (recorded: readonly Recorded[], restored: readonly Restored[]): string =>
  printableJson(
    {
      recorded: recorded.map(({ day, documents }) => ({
        day: dayText(day),
        documents: documents.map(documentJson),
      })),
      restored: restored.map(({ action, resource, day }) => ({ action, resource, day: dayText(day) })),
    },
    2,
  );
