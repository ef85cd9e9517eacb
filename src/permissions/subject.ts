import { normalName } from '../cloudtrail/kept-members.ts';
import { memo } from '../iam/memo.ts';
import { singularName } from './mentions.ts';

const verbs = /^(Batch)?[A-Z][a-z]+/;

/** What an operation is about, normalised: `BatchGetJobs` -> `job`. */
export const nounOf = memo((eventName: string) =>
  singularName(normalName(eventName.slice(0, 256).replace(verbs, ''))),
);
