/** `--since` and `--until` of commands that ask an index. */
export const windowFlags = {
  since: {
    type: 'string',
    describe: 'First day (YYYY-MM-DD), or days back from the last covered day (90d)',
  },
  until: { type: 'string', describe: 'Last day' },
} as const;

export const principalFlag = {
  principal: { type: 'string', array: true, describe: 'ARN, bare name or glob; repeatable' },
} as const;

export const allFlag = {
  all: { type: 'boolean', default: false, describe: 'Every role, user and permission set' },
} as const;

export const trailConfigFlag = {
  'trail-config': {
    type: 'string',
    describe: 'What the trail logs: JSON of get-event-selectors, or aws',
  },
} as const;

/** Flags of `generate` and `report` that say how a proposal is made. */
export interface ProposalFlags {
  readonly principal: string[] | undefined;
  readonly current: string | undefined;
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly 'as-of': string | undefined;
  readonly strategy: 'exact' | 'balanced' | undefined;
  readonly unobservable: 'keep' | 'drop' | undefined;
  readonly 'min-window': string | undefined;
  readonly 'min-age': string | undefined;
  readonly 'trail-config': string | undefined;
  readonly 'last-accessed': string | undefined;
  readonly exclude: string[] | undefined;
  readonly conditions: string | undefined;
  readonly config: string | undefined;
}

export const proposalFlags = {
  current: {
    type: 'string',
    describe:
      "Today's policies: a policy, a folder of policies, get-account-authorization-details JSON, or aws",
  },
  ...windowFlags,
  'as-of': { type: 'string', describe: 'Count relative windows back from this day' },
  strategy: {
    choices: ['exact', 'balanced'],
    defaultDescription: 'balanced',
    describe:
      'exact: only names that were seen; balanced: machine-made names and crowds of names become patterns',
  },
  unobservable: {
    choices: ['keep', 'drop'],
    defaultDescription: 'keep',
    describe: 'What to do with permissions the log could not have shown',
  },
  'min-window': {
    type: 'string',
    defaultDescription: '30d',
    describe: 'Covered days from which on permissions held today may be removed',
  },
  'min-age': {
    type: 'string',
    describe: 'Keep what policy versions younger than this at the end of the window grant (7d)',
  },
  ...trailConfigFlag,
  'last-accessed': {
    type: 'string',
    describe: 'When services were last used: JSON of get-service-last-accessed-details, or aws',
  },
  exclude: {
    type: 'string',
    array: true,
    describe: 'Leave out evidence: session=, source-identity=, event=, day=; repeatable',
  },
  conditions: {
    type: 'string',
    describe: 'Also narrow by what all calls had in common: region,vpce,source-ip,mfa',
  },
} as const;

export const configFlag = {
  config: {
    type: 'string',
    describe: 'YAML file with principals, window, pins and more; flags win over it',
  },
} as const;
