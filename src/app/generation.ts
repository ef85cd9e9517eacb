import type { AwsAccess } from '../aws/access.ts';
import type { Holder } from '../current/holder.ts';
import type { Identity } from '../cloudtrail/identity.ts';
import type { UnseenFacts } from '../emit/review/unused-principal.ts';
import { folderOf } from '../emit/review/principal-folder.ts';
import { InputError } from '../iam/input-error.ts';
import { IndexReader } from '../store/reader.ts';
import type { Showing, Shown } from './shown.ts';
import { Proposals } from './proposals.ts';
import { Proposer } from './proposer.ts';
import { chosenBy, withMerged } from './settings/chosen-principals.ts';
import type { GenerationSettings } from './settings/settings.ts';
import { telling, type Surroundings } from './sources/surroundings.ts';
import { writeTree } from './tree/tree.ts';

/** What came of one principal. */
type Generated =
  | { readonly kind: 'proposed'; readonly shown: Shown }
  /** Its current policies cannot be read, which has been warned of. */
  | { readonly kind: 'unreadable' }
  /** Today's policies say nothing of these. The first to come, if there are any. */
  | { readonly kind: 'not-known'; readonly identities: readonly Identity[] }
  /** In the log, and by today's policies not there any more. */
  | { readonly kind: 'deleted'; readonly identity: Identity }
  /** Holds policies, and is not in the log. */
  | { readonly kind: 'never-seen'; readonly holder: Holder; readonly facts: UnseenFacts };

/**
 * Proposes for each principal that the settings choose; with `all` those follow that hold policies and are never seen.
 * @throws InputError for a name that is not in the index, a principal by name without events, or input that cannot be read
 */
export async function* generation(
  db: string,
  settings: GenerationSettings,
  access: AwsAccess,
  surroundings: Pick<Surroundings, 'warn' | 'progress' | 'clock' | 'threads'>,
  how: Showing,
): AsyncGenerator<Generated> {
  const { warn, threads = 0 } = surroundings;
  const index = IndexReader.open(db);
  let proposals: Proposals | undefined;
  try {
    const proposer = await Proposer.open(index, settings, access, warn);
    const merged = settings.mergeAccounts.map((name) => proposer.across(name));
    const chosen = withMerged(chosenBy(proposer.observation.identities, settings), merged);
    const strangers = proposer.strangers(chosen);
    if (strangers.length > 0) yield { kind: 'not-known', identities: strangers };
    const isLeftOut = ({ kind }: Identity): boolean =>
      settings.form === 'boundary' && kind === 'permission-set';
    const known = chosen.filter((identity) => !strangers.includes(identity));
    const asked = known.filter((identity) => !isLeftOut(identity));
    proposals = new Proposals(proposer, { db, settings, how }, asked, {
      warn,
      threads,
      alone: chosen.length === 1,
    });
    for (const identity of telling(known, surroundings)) {
      const { kind, name } = identity;
      if (isLeftOut(identity)) {
        warn(`permission set ${name}: left out, --as boundary is for roles and users`);
        continue;
      }
      const proposed = await proposals.next();
      if ('none' in proposed) {
        if (proposed.none === 'deleted') yield { kind: 'deleted', identity };
        if (proposed.none === 'unreadable') yield { kind: 'unreadable' };
        continue;
      }
      if (proposed.isSilent && !settings.all)
        throw new InputError(
          `${kind} ${name}: no events in the window; widen --since and --until (iam-minimize principals shows the days)`,
        );
      yield { kind: 'proposed', shown: proposed.shown };
    }
    for (const line of proposer.observation.vainExclusions(settings.excludeAsked)) warn(line);
    if (settings.all)
      for (const holder of proposer.holdersBeside(chosen))
        yield { kind: 'never-seen', holder, facts: proposer.factsOf(holder) };
  } finally {
    await proposals?.close();
    index.close();
  }
}

/** Takes the policy files of a principal that was deleted away; with `check` they are only named. */
export function cleared(
  identity: Identity,
  out: string,
  { form, check }: Pick<GenerationSettings, 'form' | 'check'>,
): readonly string[] {
  const stem = form === 'boundary' ? 'boundary' : 'policy';
  return writeTree(out, { folder: folderOf(identity), stem, policies: [], companions: [] }, check).stale;
}
