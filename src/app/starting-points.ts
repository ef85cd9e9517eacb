import type { AwsAccess } from '../aws/access.ts';
import type { Identity } from '../cloudtrail/identity.ts';
import type { StartingPoint } from '../emit/text/starting-points.ts';
import type { Window } from '../iam/days.ts';
import { memo } from '../iam/memo.ts';
import type { IndexReader } from '../store/reader.ts';
import { held as heldOf, type Held } from '../synth/held/current-grants.ts';
import type { Today } from '../synth/held/today.ts';
import { foreseen, pinsFor, type Foreseen } from '../synth/keep/foreseen.ts';
import type { Pin } from '../synth/keep/pins.ts';
import { managedCover } from '../synth/managed-cover.ts';
import { knownDays } from '../synth/usage/deliveries.ts';
import { clustersOf, dutiesDuring, dutiesIn, type Cluster, type Duty } from '../synth/usage/duties.ts';
import { Observation } from '../synth/usage/observation.ts';
import type { Observed, Use } from '../synth/usage/use.ts';
import { readToday, todayOf } from './current-policies.ts';
import { chosenIdentities } from './settings/chosen-principals.ts';
import { windowOf, type WindowFlags } from './settings/window.ts';

/** Days that a pin which is proposed holds after the window. */
const pinDays = 90;

/** What all principals of an index did, and what follows of it for one. */
export class Foresight {
  private readonly duties: readonly Duty[];
  private readonly within: (window: string) => {
    readonly duties: readonly Duty[];
    readonly clusters: readonly Cluster[];
  };

  constructor(index: IndexReader, identities: readonly Identity[]) {
    this.duties = dutiesIn(index, identities, knownDays(index.coverage()));
    this.within = memo((window) => {
      const [since = 0, until = 0] = window.split(' ').map(Number);
      const duties = dutiesDuring(this.duties, { since, until });
      return { duties, clusters: clustersOf(duties) };
    }, 20);
  }

  /** Principals with the same duty. */
  clusters({ since, until }: Window): readonly Cluster[] {
    return this.within(`${since} ${until}`).clusters;
  }

  /** What a principal holds and may come to need. */
  foreseen(
    identity: Identity,
    held: Held,
    uses: readonly Use[],
    { since, until }: Window,
  ): readonly Foreseen[] {
    const { duties, clusters } = this.within(`${since} ${until}`);
    const own = duties.find((duty) => duty.identity === identity);
    return own ? foreseen(own, uses, duties, clusters, held) : [];
  }

  /** The same as pins without an end, window by window, for a backtest. */
  pinsOf(identity: Identity, today: Today): (training: Observed, window: Window) => readonly Pin[] {
    const held = heldOf(today.identity, today.boundary);
    return ({ uses }, window) => pinsFor(this.foreseen(identity, held, uses, window), Infinity);
  }
}

/** @throws InputError for a name that is not in the index, and for today's policies that cannot be read */
export async function startingPoints(
  index: IndexReader,
  asked: WindowFlags & { readonly principals: readonly string[]; readonly current: string | undefined },
  access: AwsAccess,
  warn: (line: string) => void,
): Promise<readonly StartingPoint[]> {
  const current = await readToday(asked.current, access);
  const observation = new Observation(index, current, []);
  const foresight = new Foresight(index, observation.identities);
  const chosen = chosenIdentities(observation.identities, asked.principals);
  return chosen.map((identity) => {
    const window = windowOf(asked, observation.covered(identity));
    const { uses } = observation.observed(identity, window);
    const today = current && todayOf(current, identity, chosen.length === 1);
    for (const fault of today?.faults ?? [])
      warn(`${identity.kind} ${identity.name}: nothing foreseen: ${fault}`);
    const held = today && today.faults.length === 0 ? heldOf(today.identity, today.boundary) : undefined;
    return {
      identity,
      window,
      uses,
      cover: managedCover(uses),
      cluster: foresight
        .clusters(window)
        .find(({ members }) => members.some((duty) => duty.identity === identity)),
      pins: held && pinsFor(foresight.foreseen(identity, held, uses, window), window.until + pinDays),
    };
  });
}

/** Principals with the same duty in a window. */
export const alikeIn = (index: IndexReader, window: Window): readonly Cluster[] =>
  clustersOf(dutiesIn(index, new Observation(index, undefined, []).identities, window));
