import { actionInfo } from '../iam/catalogue.ts';
import type { Permission } from './mapping.ts';
import type { Sighting } from './sighting.ts';
import { patternOf } from './text.ts';

/** By the service of the protected resource: the action on it when a web ACL is put on it, and when it is taken off. */
const onResource = new Map([
  ['apigateway', ['apigateway:SetWebACL', 'apigateway:SetWebACL']],
  ['apprunner', ['apprunner:AssociateWebAcl', 'apprunner:DisassociateWebAcl']],
  ['appsync', ['appsync:SetWebACL', 'appsync:SetWebACL']],
  ['cognito-idp', ['cognito-idp:AssociateWebACL', 'cognito-idp:DisassociateWebACL']],
  ['ec2', ['ec2:AssociateVerifiedAccessInstanceWebAcl', 'ec2:DisassociateVerifiedAccessInstanceWebAcl']],
  ['elasticloadbalancing', ['elasticloadbalancing:SetWebACL', 'elasticloadbalancing:SetWebACL']],
]);

/**
 * WAF asks the service of the protected resource too
 * (https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html, required permissions).
 */
export function webAclDependents({ call, mentions }: Sighting): readonly Permission[] {
  const off = call.operation.eventName === 'DisassociateWebACL';
  if (!off && call.operation.eventName !== 'AssociateWebACL') return [];
  return mentions.arns.flatMap(({ arn, from, name, value }) => {
    const names = from === 'request' && name === 'resourcearn' ? onResource.get(arn.service) : undefined;
    const action = actionInfo(names?.[off ? 1 : 0] ?? '');
    return action === undefined
      ? []
      : [{ action: action.name, resources: [patternOf(value)], reason: 'dependent' as const }];
  });
}
