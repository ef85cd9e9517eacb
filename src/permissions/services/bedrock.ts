import { firstText } from '../mentions.ts';
import type { Finder } from '../sighting.ts';
import { escapeText } from '../text.ts';

/** `anthropic.claude-3-haiku-20240307-v1:0`: ids of other models, deployments and profiles have no dot. */
const modelId = /^[a-z0-9-]+\../;

/** An area in front of a foundation model's id: `us.anthropic.claude-…` is a profile of AWS's own. */
const profileId =
  /^(?:us|us-gov|eu|apac|au|ca|jp|kr|in|id|il|me|mx|my|nz|sa|sg|th|uk|za|global)\.([a-z0-9-]+\..+)$/;

/**
 * A foundation model or an inference profile named by its id. A profile may send the request to other Regions, and asks
 * for the model there too (https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html).
 */
export const findBedrock: Finder = ({ mentions }, action) => {
  const named = action.name.startsWith('bedrock:InvokeModel') ? firstText(mentions, 'modelid') : undefined;
  const inArn = /^arn:[^:]*:bedrock:[^:]*:[^:]*:inference-profile\/(.+)$/.exec(named?.text ?? '')?.[1];
  const id = inArn === undefined || named === undefined ? named : { ...named, text: inArn };
  if (id === undefined || id.folded || id.text.startsWith('arn:') || !modelId.test(id.text)) return new Map();
  const { partition, region, account } = mentions.place;
  const start = `arn:${partition}:bedrock`;
  const model = profileId.exec(id.text)?.[1];
  const found = new Map<string, readonly string[]>(action.resourceTypes.map(({ name }) => [name, []]));
  found.set('foundation-model', [
    `${start}:${model === undefined ? region || '*' : '*'}::foundation-model/${escapeText(model ?? id.text)}`,
  ]);
  if (model !== undefined)
    found.set('inference-profile', [
      `${start}:${region || '*'}:${account || '*'}:inference-profile/${escapeText(id.text)}`,
    ]);
  return found;
};
