import type { Principal } from '../../cloudtrail/principal.ts';
import type { Identity } from '../../cloudtrail/identity.ts';
import type { Operation } from '../../cloudtrail/call.ts';
import type { Window } from '../../iam/days.ts';
import { nothingKnown, type Mapping } from '../../permissions/mapping.ts';
import { outcomeOf, provenBy, type CallOutcome } from '../../permissions/outcome.ts';
import { permissionsOf } from '../../permissions/permissions.ts';
import type { CallKind, IndexReader } from '../../store/reader.ts';

/** What a call proves, whoever of an account makes it. */
interface Reading {
  readonly operation: Operation;
  readonly outcome: CallOutcome;
  readonly mapping: Mapping['kind'];
  /** IAM names of what it proves; none of a call that is not mapped. */
  readonly actions: readonly string[];
}

/** So many readings are remembered. */
const mostReadings = 50_000;

/** What principals did in a window, each kind of call read once, however many made it. */
export class CallKinds {
  private readonly index: IndexReader;
  private readonly window: Window;
  private readonly readings = new Map<string, Reading>();

  constructor(index: IndexReader, window: Window) {
    this.index = index;
    this.window = window;
  }

  *of(
    some: readonly Identity[],
  ): Generator<
    Pick<CallKind, 'days' | 'calls' | 'isCut'> & { readonly identity: Identity; readonly reading: Reading }
  > {
    const whose = new Map(some.flatMap((identity) => identity.ids.map((id) => [id, identity])));
    for (const row of this.index.callKinds([...whose.keys()], this.window)) {
      const identity = whose.get(row.principal);
      const { days, calls, isCut } = row;
      if (identity) yield { identity, days, calls, isCut, reading: this.read(row, identity) };
    }
  }

  private read({ kind, callBy }: CallKind, { kind: who, account, name, arn }: Identity): Reading {
    const key = `${kind} ${who} ${account}`;
    const known = this.readings.get(key);
    if (known) return known;
    const principal: Principal = { kind: who, account, name, arn, uniqueId: '' };
    const call = callBy(principal);
    const mapping = permissionsOf(call, nothingKnown);
    const outcome = outcomeOf(call);
    const permissions = mapping.kind === 'mapped' ? mapping.permissions : [];
    const reading: Reading = {
      operation: call.operation,
      outcome,
      mapping: mapping.kind,
      actions: permissions
        .filter((one) => ['allowed', 'failed'].includes(provenBy(outcome, one)))
        .map(({ action }) => action),
    };
    if (this.readings.size >= mostReadings) this.readings.clear();
    this.readings.set(key, reading);
    return reading;
  }
}
