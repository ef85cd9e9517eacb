import { text, texts, yes } from './command.ts';

/** `--since` and `--until` of commands that ask an index. */
export const windowFlags = {
  since: text('First day (YYYY-MM-DD), or days back from the last covered day (90d)'),
  until: text('Last day'),
};

export const principalFlag = { principal: texts('ARN, bare name or glob; repeatable') };

export const allFlag = { all: yes('Every role, user and permission set') };

export const trailConfigFlag = {
  'trail-config': text('What the trail logs: JSON of get-event-selectors, or aws'),
};

/** Documents of the account, for checks of good practice. */
export const accountFlags = {
  'credential-report': text('IAM credential report: its CSV, the JSON of get-credential-report, or aws'),
  'password-policy': text('JSON of get-account-password-policy, or aws'),
} as const;

/** Flags of `generate` and `report` that say how a proposal is made. */
export const proposalFlags = {
  current: text(
    "Today's policies: a policy, a folder of policies, get-account-authorization-details JSON, or aws",
  ),
  ...windowFlags,
  'as-of': text('Count relative windows back from this day'),
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
    ...text('Covered days from which on permissions held today may be removed'),
    defaultDescription: '30d',
  },
  'min-age': text('Keep what policy versions younger than this at the end of the window grant (7d)'),
  ...trailConfigFlag,
  'last-accessed': text('When services were last used: JSON of get-service-last-accessed-details, or aws'),
  exclude: texts('Leave out evidence: session=, source-identity=, event=, day=; repeatable'),
  conditions: text('Also narrow by what all calls had in common: region,vpce,source-ip,mfa,tls'),
} as const;

export const configFlag = {
  config: text('YAML file with principals, window, pins and more; flags win over it'),
};
