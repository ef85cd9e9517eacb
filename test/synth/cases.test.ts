import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { documentJson } from '../../src/iam/policy/policy-json.ts';
import { isObject } from '../../src/iam/json.ts';
import type { Proposal } from '../../src/synth/proposal.ts';
import { proposalOf, type Case } from './case.ts';

const folder = new URL('../cases/synth/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));

const isCase = (json: unknown): json is Case =>
  isObject(json) && typeof json['why'] === 'string' && Array.isArray(json['events']) && 'expected' in json;

function caseIn(name: string): Case {
  const json: unknown = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  if (!isCase(json)) throw new Error(`${name}: needs "why", "events" and "expected"`);
  return json;
}

/** What a case states: the policies, and whatever of the rest is not empty. */
function outcomeOf(p: Proposal): object {
  const { callsAsDelivered: _, callsAtMost: _atMost, ...proof } = p.proof;
  const stated = {
    proof: Object.fromEntries(Object.entries(proof).filter(([, n]) => n > 0)),
    unseen: p.unseen
      .filter(({ kept }) => kept)
      .map(({ action, resource, reason }) => `${action} ${resource}: ${reason}`),
    givenUp: p.unseen.filter(({ kept }) => !kept).map(({ action }) => action),
    grantedElsewhere: p.verdicts.of('granted-elsewhere').map(({ use }) => `${use.action} ${use.resource}`),
    contradicted: p.verdicts.of('contradicted').map(({ use }) => `${use.action} ${use.resource}`),
    doubts: p.doubts
      .filter(({ kept }) => kept)
      .map(({ action, reason, resources }) => `${reason}: ${action} ${resources.join(', ')}`),
    inconclusive: p.inconclusive.map(
      ({ use, kept }) => `${use.action} ${use.resource}: ${kept ? 'kept' : 'not granted'}`,
    ),
    excluded: p.excluded,
    // All events are of one Region; what is said of that is the same in every case.
    notes: p.notes.filter((note) => !/^(the index holds|nothing was delivered)/.test(note)),
  };
  const filled = Object.entries(stated).filter(
    ([, value]) => value !== 0 && !(Array.isArray(value) && value.length === 0),
  );
  // How many is a matter of the reference data.
  const told = filled.map(([key, value]): [string, unknown] => [
    key,
    Array.isArray(value) && value.length > 20 ? 'more than 20 actions' : value,
  ]);
  return Object.fromEntries<unknown>([['documents', p.documents.map(documentJson)], ...told]);
}

test.each(names)('%s', async (name) => {
  const one = caseIn(name);
  const outcome = outcomeOf(await proposalOf(one));
  expect({ why: one.why, outcome }).toEqual({ why: one.why, outcome: one.expected });
});
