/** `--since` and `--until` of commands that ask an index. */
export const windowFlags = {
  since: {
    type: 'string',
    describe: 'First day (YYYY-MM-DD), or days back from the last covered day (90d)',
  },
  until: { type: 'string', describe: 'Last day' },
} as const;

/** Whom a command is about: `--principal` or `--all`. */
export const principalFlags = {
  principal: { type: 'string', array: true, describe: 'ARN, bare name or glob; repeatable' },
  all: { type: 'boolean', default: false, describe: 'Every role, user and permission set' },
} as const;

export const trailConfigFlag = {
  'trail-config': {
    type: 'string',
    describe: 'What the trail logs: JSON of get-event-selectors, or aws',
  },
} as const;
