import { InputError } from '../../iam/input-error.ts';
import { withIndex, command, text, texts } from '../command.ts';
import { windowFlags } from '../flags.ts';
import { printableJson } from '../../iam/printable.ts';
import { actionInfo, expandActions, nearestAction } from '../../iam/catalogue.ts';
import { Observation } from '../../synth/usage/observation.ts';
import { chosenBy } from '../../app/settings/chosen-principals.ts';
import { windowOf } from '../../app/settings/window.ts';
import { evidenceFor } from '../../synth/usage/use.ts';
import { visibilityText, whyJson, whyText } from '../../emit/text/why.ts';
import { observabilityOf } from '../../permissions/observability.ts';

export const why = command({
  places: { action: text('An IAM action, with wildcards if you like') },
  flags: {
    principal: texts('ARN, bare name or glob; without it: everybody'),
    resource: text('Only evidence that touches this ARN or pattern'),
    ...windowFlags,
  },
  examples: [
    ['iam-minimize why s3:GetObject --principal app', 'why app needs it'],
    ['iam-minimize why iam:PassRole', 'which calls need it, and whether CloudTrail can show it'],
  ],
  async run(args, terminal) {
    const action = args.action ?? '';
    if (expandActions(action).length === 0 && actionInfo(action) === undefined) {
      const near = nearestAction(action);
      throw new InputError(
        `why ${action}: AWS has no such action; ${near === undefined ? 'write it as service:Name, for example s3:GetObject' : `did you mean ${near}?`}`,
      );
    }
    if (args.resource !== undefined && !/^arn:|[*?]/i.test(args.resource))
      throw new InputError(
        `--resource ${args.resource}: is no ARN; write one, or a pattern of one (arn:aws:s3:::bucket/*, *bucket*)`,
      );
    return withIndex(args.db, (index) => {
      const observation = new Observation(index, undefined, []);
      const { principal: principals } = args;
      const chosen = chosenBy(observation.identities, { all: !principals, principals: principals ?? [] });
      let found = 0;
      for (const identity of chosen) {
        const window = windowOf(args, observation.covered(identity));
        const observed = observation.observed(identity, window);
        const uses = evidenceFor(observed, action, args.resource);
        found += uses.filter(({ kind }) => kind.refusedBy === undefined).length;
        for (const use of uses) {
          const object = index.objectName(use.sample.object);
          terminal.out.write(
            args.json
              ? printableJson(whyJson(identity, use, object))
              : whyText(identity, use, object, observed.callsAtMost ?? false),
          );
        }
      }
      if (!args.json) {
        if (found === 0)
          terminal.out.write(
            `no call in the index needed ${action}${args.resource === undefined ? '' : ` on ${args.resource}`}\n`,
          );
        // Of a wildcard no single thing can be said.
        if (!/[*?]/.test(action)) terminal.out.write(visibilityText(action, observabilityOf(action)));
      }
      return 0;
    });
  },
});
