import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { counted, grouped } from '../../emit/review/words.ts';
import { printable, printableJson } from '../../iam/printable.ts';
import { InputError } from '../../iam/input-error.ts';
import { parsePolicy, type PolicyDocument } from '../../iam/policy/policy.ts';
import {
  accessOf,
  withIndex,
  command,
  text,
  texts,
  type Args,
  type ExitCode,
  type Terminal,
} from '../command.ts';
import { surroundingsOf } from '../surroundings.ts';
import { list, policyNames } from '../../app/tree/tree.ts';
import { windowFlags } from '../flags.ts';
import { readTextFile } from '../../app/settings/text-file.ts';
import { decideAll, parseRequests } from '../../synth/proof/requests.ts';
import { Observation } from '../../synth/usage/observation.ts';
import { withSourceAddresses } from '../../synth/usage/narrowing.ts';
import { parseExclusion } from '../../synth/usage/exclusion.ts';
import { judge, Replay } from '../../synth/proof/replay.ts';
import { lastChange } from '../../synth/held/today.ts';
import { proofTexts } from '../../emit/review/proof.ts';
import { held, withoutOtherReadings } from '../../synth/held/current-grants.ts';
import { chosenIdentities } from '../../app/settings/chosen-principals.ts';
import { windowOf } from '../../app/settings/window.ts';
import { readToday, todayOf } from '../../app/current-policies.ts';

const flags = {
  policy: texts('Policy files, or folders that generate wrote; together they are the policy'),
  principal: text('Replay what this principal did (ARN or bare name)'),
  requests: text('Replay a file of {action, resource, context}, one per line'),
  current: text("Today's policies (as in generate): what they do not allow is no denial"),
  ...windowFlags,
  exclude: texts('Leave out evidence, as in generate'),
};

export const verify = command({
  flags,
  examples: [
    ['iam-minimize verify --policy policy.json --principal app', 'would app still work?'],
    ['iam-minimize verify --policy policy.json --requests requests.ndjson', 'what do these requests get?'],
  ],
  async run(args, terminal) {
    const files = (args.policy ?? []).flatMap(policyFilesOf);
    if (files.length === 0) throw new InputError('give the policy: --policy FILE');
    if ((args.principal === undefined) === (args.requests === undefined))
      throw new InputError('give either --principal NAME or --requests FILE');
    const documents = files.map((file) => parsePolicy(readTextFile(file, '--policy'), file));
    return args.requests === undefined
      ? await ofPrincipal(args, documents, terminal)
      : await ofRequests(args.requests, args.json, { files, documents }, terminal);
  },
});

/** A file by itself; of a folder `policy.json`, `policy-2.json`, ..., `policy-unseen.json`, ... */
function policyFilesOf(path: string): readonly string[] {
  if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
  const names = policyNames(list(path), 'policy').filter((name) => name.endsWith('.json'));
  if (names.length === 0)
    throw new InputError(
      `--policy ${printable(path)}: holds no policy.json; give the folder of one principal, or policy files`,
    );
  return names.map((name) => join(path, name));
}

async function ofRequests(
  requests: string,
  json: boolean,
  { files, documents }: { readonly files: readonly string[]; readonly documents: readonly PolicyDocument[] },
  { out }: Terminal,
): Promise<ExitCode> {
  const decided = decideAll(parseRequests(readTextFile(requests, '--requests'), requests), documents);
  let refused = 0;
  let count = 0;
  for (const { request, decision: found } of decided) {
    const { action, resource } = request;
    const { decision } = found;
    count++;
    if (decision !== 'allowed') refused++;
    if (json) {
      const { policy = -1, statement, sid } = found.statement ?? {};
      const by = found.statement && { policy: files[policy], statement, sid };
      out.write(printableJson({ action, resource, decision, statement: by }));
    } else if (decision !== 'allowed')
      out.write(`${decision}  ${printable(action)}  ${printable(resource)}\n`);
  }
  if (!json) out.write(`${counted(count - refused, 'request')} of ${grouped(count)} allowed\n`);
  return refused > 0 ? 1 : 0;
}

async function ofPrincipal(
  args: Args<typeof flags>,
  documents: readonly PolicyDocument[],
  terminal: Terminal,
): Promise<ExitCode> {
  return withIndex(args.db, async (index) => {
    const current = await readToday(args.current, accessOf(args));
    const observation = new Observation(index, current, (args.exclude ?? []).map(parseExclusion));
    const [identity, other] = chosenIdentities(observation.identities, [args.principal ?? '']);
    if (!identity || other)
      throw new InputError(`--principal ${String(args.principal)}: names several principals; give one ARN`);
    const window = windowOf(args, observation.covered(identity));
    const observed = withSourceAddresses(
      observation.observed(identity, window),
      observation.facets(identity, window),
    );
    for (const line of observation.vainExclusions(args.exclude ?? []))
      surroundingsOf(terminal, args).warn(line);
    const today = current && todayOf(current, identity, true);
    if (today?.faults && today.faults.length > 0)
      throw new InputError(`--current: ${today.faults.join('; ')}`);
    const holds =
      today &&
      held(
        today.identity,
        today.boundary,
        Math.max(lastChange(today), observation.changed(identity, today) ?? -Infinity),
      );
    const uses = withoutOtherReadings(observed.uses, holds ?? held(documents, undefined));
    const { verdicts, proof } = judge(observed, uses, new Replay(documents, holds));
    for (const { use, verdict } of verdicts) {
      const keys = verdict.kind === 'undetermined' ? verdict.keys : undefined;
      const { action, resource } = use;
      const shown = `${printable(action)}  ${printable(resource)}`;
      if (args.json) {
        const decision = verdict.kind === 'denied' ? 'implicit-deny' : verdict.kind;
        const { eventID: sampleEventID } = use.sample;
        const some = keys?.length ? keys : undefined;
        terminal.out.write(printableJson({ action, resource, decision, keys: some, sampleEventID }));
      } else if (verdict.kind === 'denied') terminal.out.write(`denied        ${shown}\n`);
      else if (keys) terminal.out.write(`undetermined  ${shown}  depends on ${printable(keys.join(', '))}\n`);
    }
    if (!args.json) terminal.out.write(`${proofTexts(proof, 'these policies').join('\n')}\n`);
    return proof.denied > 0 ? 1 : 0;
  });
}
