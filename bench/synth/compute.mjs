// Behaviours on EC2, ECS and Step Functions: things that come and go.
import { arn } from './storage.mjs';

/** @typedef {import('./record.mjs').Actor} Actor */
/** @typedef {import('./record.mjs').Behaviour} Behaviour */
/** @typedef {import('./record.mjs').Need} Need */
/** @typedef {import('./record.mjs').Period} Period */

/** Instances that are started, looked at and terminated some days later. @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function fleet(actor, period) {
  const { r, region } = actor;
  const ec2 = (/** @type {string} */ rest) => arn(actor, 'ec2', rest);
  const image = `ami-0${r.hex(16)}`;
  const subnets = [`subnet-0${r.hex(16)}`, `subnet-0${r.hex(16)}`];
  const group = `sg-0${r.hex(16)}`;
  const tags = r.next() < 0.5;
  /** @type {string[]} */
  const running = [];
  // What RunInstances is checked against; new things by `*`:
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances
  const fixed = [
    `arn:aws:ec2:${region}::image/${image}`,
    ...subnets.map((s) => ec2(`subnet/${s}`)),
    ec2(`security-group/${group}`),
  ];
  const made = ['instance/*', 'network-interface/*', 'volume/*'].map(ec2);
  return {
    name: 'ec2-fleet',
    period,
    truth: [
      ...[...fixed, ...made].map(
        (resource) => /** @type {[string, string]} */ (['ec2:RunInstances', resource]),
      ),
      ...(tags ? [/** @type {[string, string]} */ (['ec2:CreateTags', ec2('instance/*')])] : []),
      ['ec2:TerminateInstances', ec2('instance/*')],
      ['ec2:DescribeInstances', '*'],
    ],
    neighbours: [
      ec2('vpc/vpc-0123456789abcdef0'),
      ec2(`subnet/subnet-0${r.hex(16)}`),
      ec2(`security-group/sg-0${r.hex(16)}`),
      ec2(`volume/vol-0${r.hex(16)}`),
      ec2(`snapshot/snap-0${r.hex(16)}`),
    ],
    run({ do: make }) {
      const subnetId = r.pick(subnets);
      const items = Array.from({ length: 1 + r.below(3) }, () => ({
        instanceId: `i-0${r.hex(16)}`,
        imageId: image,
        subnetId,
      }));
      make({
        call: 'ec2:RunInstances',
        request: {
          instancesSet: { items: [{ imageId: image, minCount: items.length, maxCount: items.length }] },
          instanceType: 'c7g.large',
          subnetId,
          groupSet: { items: [{ groupId: group }] },
          blockDeviceMapping: {},
          ...(tags
            ? {
                tagSpecificationSet: {
                  items: [{ resourceType: 'instance', tags: [{ key: 'job', value: 'batch' }] }],
                },
              }
            : {}),
        },
        response: { instancesSet: { items } },
        write: true,
        needs: [
          ...[fixed[0] ?? '', ec2(`subnet/${subnetId}`), ec2(`security-group/${group}`), ...made].map(
            (resource) => /** @type {Need} */ (['ec2:RunInstances', resource]),
          ),
          ...(tags
            ? [
                /** @type {Need} */ ([
                  'ec2:CreateTags',
                  ec2('instance/*'),
                  { 'ec2:createaction': ['RunInstances'] },
                ]),
              ]
            : []),
        ],
      });
      running.push(...items.map(({ instanceId }) => instanceId));
      make({
        call: 'ec2:DescribeInstances',
        request: { instancesSet: { items: items.map(({ instanceId }) => ({ instanceId })) }, filterSet: {} },
        needs: [['ec2:DescribeInstances', '*']],
      });
      const ending = running.splice(0, Math.max(0, running.length - 6));
      if (ending.length > 0) {
        make({
          call: 'ec2:TerminateInstances',
          request: { instancesSet: { items: ending.map((instanceId) => ({ instanceId })) } },
          write: true,
          needs: ending.map((id) => ['ec2:TerminateInstances', ec2(`instance/${id}`)]),
        });
      }
    },
  };
}

/** Tasks of a cluster, with a role they are given. @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function tasks(actor, period) {
  const { r, team, account } = actor;
  const cluster = `${team}-batch`;
  const family = `${team}-${r.pick(['import', 'render', 'train'])}`;
  const taskRoleArn = `arn:aws:iam::${account}:role/${family}-task`;
  const ecs = (/** @type {string} */ rest) => arn(actor, 'ecs', rest);
  let revision = 1 + r.below(60);
  return {
    name: 'ecs-tasks',
    period,
    truth: [
      ['ecs:RunTask', ecs(`task-definition/${family}:*`)],
      ['iam:PassRole', taskRoleArn],
      ['ecs:DescribeTasks', ecs(`task/${cluster}/*`)],
      ['ecs:StopTask', ecs(`task/${cluster}/*`)],
    ],
    neighbours: [
      ecs(`task-definition/${team}-admin:3`),
      ecs(`cluster/${cluster}`),
      ecs(`task/other/${r.hex(32)}`),
      `arn:aws:iam::${account}:role/${team}-admin`,
    ],
    run({ index, do: make }) {
      if (index % 9 === 8) revision++;
      const definition = `${family}:${revision}`;
      for (let n = 1 + r.below(3); n > 0; n--) {
        const taskArn = ecs(`task/${cluster}/${r.hex(32)}`);
        make({
          call: 'ecs:RunTask',
          request: {
            cluster,
            count: 1,
            launchType: 'FARGATE',
            taskDefinition: definition,
            overrides: { containerOverrides: [], taskRoleArn },
          },
          response: {
            tasks: [
              {
                taskArn,
                clusterArn: ecs(`cluster/${cluster}`),
                taskDefinitionArn: ecs(`task-definition/${definition}`),
              },
            ],
            failures: [],
          },
          write: true,
          needs: [
            [
              'ecs:RunTask',
              ecs(`task-definition/${definition}`),
              { 'ecs:cluster': [ecs(`cluster/${cluster}`)] },
            ],
            ['iam:PassRole', taskRoleArn, { 'iam:passedtoservice': ['ecs-tasks.amazonaws.com'] }],
          ],
        });
        make({
          call: 'ecs:DescribeTasks',
          request: { cluster, tasks: [taskArn] },
          needs: [['ecs:DescribeTasks', taskArn]],
        });
        if (r.next() < 0.3)
          make({
            call: 'ecs:StopTask',
            request: { cluster, task: taskArn, reason: 'done' },
            write: true,
            needs: [['ecs:StopTask', taskArn]],
          });
      }
    },
  };
}

/** A state machine that is started under names of its own. @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function machine(actor, period) {
  const { r, team } = actor;
  const name = `${team}-nightly`;
  const stateMachineArn = arn(actor, 'states', `stateMachine:${name}`);
  const style = r.pick(['uuid', 'day']);
  return {
    name: 'states',
    period,
    truth: [
      ['states:StartExecution', stateMachineArn],
      ['states:DescribeExecution', arn(actor, 'states', `execution:${name}:*`)],
    ],
    neighbours: [
      arn(actor, 'states', `stateMachine:${team}-purge`),
      arn(actor, 'states', `execution:${team}-purge:1`),
    ],
    run({ day, do: make }) {
      const run = style === 'uuid' ? r.uuid() : `run-${day}`;
      const executionArn = arn(actor, 'states', `execution:${name}:${run}`);
      make({
        call: 'states:StartExecution',
        request: { stateMachineArn, name: run, input: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
        response: { executionArn },
        write: true,
        needs: [['states:StartExecution', stateMachineArn]],
      });
      make({
        call: 'states:DescribeExecution',
        request: { executionArn },
        needs: [['states:DescribeExecution', executionArn]],
      });
    },
  };
}
