import type { AwsAccess } from '../../aws/access.ts';
import { accountTrails, type TrailState } from '../../aws/trails.ts';
import { trailJson, trailText, type TrailView } from '../../emit/text/trails.ts';
import { accessOf, command } from '../command.ts';
import { surroundingsOf } from '../surroundings.ts';
import { printableJson } from '../../iam/printable.ts';
import { colors } from '../../emit/review/layout.ts';
import { configuredRegion } from '../../aws/cloudtrail.ts';
import { logFileNeeds, logPlaceOf, organizationOf, sourceOf } from '../../aws/trail-logs.ts';
import { isUnlimited, otherRules, parseTrailConfig } from '../../permissions/selectors.ts';

export const trails = command({
  examples: [['iam-minimize trails', 'with the command and the permissions to read each']],
  async run(args, terminal) {
    const access = accessOf(args);
    const found = await accountTrails(access);
    surroundingsOf(terminal, args).say(`asked in ${await configuredRegion(access)}`);
    const views = await Promise.all(found.map((trail) => viewOf(trail, access)));
    const texts = views.map((view) =>
      args.json ? printableJson(trailJson(view)) : trailText(view, colors(terminal.color)),
    );
    terminal.out.write(texts.join(args.json ? '' : '\n'));
    if (found.length === 0)
      terminal.err.write(
        'the account has no trail; CloudTrail keeps 90 days of management events all the same: iam-minimize ingest event-history\n',
      );
    return 0;
  },
});

async function viewOf(trail: TrailState, access: AwsAccess): Promise<TrailView> {
  const { id, refusal } = trail.organization ? await organizationOf(trail, access) : {};
  const place = logPlaceOf(trail, id);
  const { selectors } = trail;
  return {
    ...trail,
    events:
      selectors &&
      parseTrailConfig(JSON.stringify(selectors), trail.arn).selectors.map((selector) =>
        isUnlimited(selector) ? { ...selector, resources: ['*'] } : selector,
      ),
    otherRules: otherRules(selectors),
    refusals: [...trail.refusals, ...(refusal === undefined ? [] : [refusal])],
    source: sourceOf(place),
    policy: logFileNeeds(place),
  };
}
