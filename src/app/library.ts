import type { AwsAccess } from '../aws/access.ts';
import { chosenBy } from './settings/chosen-principals.ts';
import { Proposer } from './proposer.ts';
import { defaults, type ProposalSettings } from './settings/settings.ts';
import { IndexReader } from '../store/reader.ts';
import type { Proposal } from '../synth/proposal.ts';

/** What `generate` is asked for. Each member means what the flag of its name means on the command line. */
export interface GenerateOptions extends Partial<ProposalSettings>, AwsAccess {
  /** ARNs, bare names or globs; without it every role, user and permission set of the index. */
  readonly principals?: readonly string[];
  /** Told what counts for nothing, and whom nothing could be proposed for, a line each. */
  readonly onWarning?: (line: string) => void;
}

/** Opens an index that `ingest` has made. Close it when done. @throws InputError when the file is no index */
export const openIndex = (file: string): IndexReader => IndexReader.open(file);

/** The proposal for each principal, by kind, account and name. @throws InputError for a name that is not in the index, or unreadable input */
export async function* generate(index: IndexReader, options: GenerateOptions = {}): AsyncGenerator<Proposal> {
  const { principals, onWarning, ...settings } = options;
  const proposer = await Proposer.open(index, { ...defaults, ...settings }, options, onWarning ?? (() => {}));
  const wanted = { all: principals === undefined, principals: principals ?? [] };
  const chosen = chosenBy(proposer.observation.identities, wanted);
  for (const identity of chosen) {
    const proposed = await proposer.propose(identity, chosen.length === 1);
    if (typeof proposed !== 'string') yield proposed.proposal;
  }
}
