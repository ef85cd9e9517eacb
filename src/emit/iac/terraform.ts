import { documentJson } from '../../iam/policy/policy-json.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { filePart, policyName } from '../review/principal-folder.ts';

/** What of a proposal stands in a template. */
export type ProposedDocuments = Pick<Proposal, 'identity' | 'form' | 'documents' | 'files'>;

/**
 * A proposal as a Terraform module: a policy and its attachment for each document; only the role's own resource can put a boundary
 * on it. A permission set is looked up by its name in the one Identity Center instance of the account, and gets its inline policy.
 */
export function terraformText({ identity, form, documents, files }: ProposedDocuments): string {
  const { kind, name } = identity;
  const blocks = documents.flatMap((document, i) => {
    const file = files[i] ?? '';
    const label = terraformName(identity, file);
    const json = heredoc(document);
    if (kind === 'permission-set')
      return [
        block('data', 'aws_ssoadmin_instances', label, {}),
        block('data', 'aws_ssoadmin_permission_set', label, {
          instance_arn: `tolist(data.aws_ssoadmin_instances.${label}.arns)[0]`,
          name: quoted(name),
        }),
        block('resource', 'aws_ssoadmin_permission_set_inline_policy', label, {
          instance_arn: `data.aws_ssoadmin_permission_set.${label}.instance_arn`,
          permission_set_arn: `data.aws_ssoadmin_permission_set.${label}.arn`,
          inline_policy: json,
        }),
      ];
    return [
      block('resource', 'aws_iam_policy', label, {
        name: quoted(policyName(identity, file)),
        policy: json,
      }),
      form === 'boundary'
        ? `# Put it on in the resource of the ${kind}: permissions_boundary = aws_iam_policy.${label}.arn\n`
        : block('resource', `aws_iam_${kind}_policy_attachment`, label, {
            [kind]: quoted(name),
            policy_arn: `aws_iam_policy.${label}.arn`,
          }),
    ];
  });
  return blocks.join('\n');
}

/**
 * The name of a resource: `role_111122223333_app`, for the second document `role_111122223333_app_p2`, for what is kept unseen
 * `role_111122223333_app_unseen`. Different documents have
 * different ones: all but letters, digits and `-` is written as `_` and its bytes in hexadecimal, `_` itself as `__`.
 */
export function terraformName({ kind, account, name }: ProposedDocuments['identity'], file: string): string {
  const plain = name.replace(/[^A-Za-z0-9-]/gu, (c) =>
    c === '_' ? '__' : [...Buffer.from(c)].map((byte) => `_${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  // A permission set is one in all its accounts, whichever of them are in the log.
  const owner = kind === 'permission-set' ? '' : account.replace(/\D/g, '');
  const { part, number } = filePart(file);
  const parts = [kind.replaceAll('-', '_'), owner, plain, part, number === 1 ? '' : `p${number}`];
  return parts.filter(Boolean).join('_');
}

function block(
  type: 'data' | 'resource',
  kind: string,
  label: string,
  values: Readonly<Record<string, string>>,
): string {
  const width = Math.max(...Object.keys(values).map((key) => key.length));
  const lines = Object.entries(values).map(([key, value]) => `  ${key.padEnd(width)} = ${value}\n`);
  return `${type} "${kind}" "${label}" {${lines.length > 0 ? '\n' : ''}${lines.join('')}}\n`;
}

/** A text as a quoted string (https://developer.hashicorp.com/terraform/language/expressions/strings). */
const quoted = (text: string): string =>
  `"${withoutTemplates(
    text
      .replace(/\p{Surrogate}/gu, '\ufffd')
      .replace(/["\\]|[^\u0020-\u007e]/gu, (c) =>
        c === '"' || c === '\\' ? `\\${c}` : `\\U${(c.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`,
      ),
  )}"`;

/** A policy as indented JSON; nothing is escaped in it but templates (same page, heredoc strings). */
const heredoc = (document: ProposedDocuments['documents'][number]): string =>
  `<<-JSON\n${withoutTemplates(asciiJson(documentJson(document), 2)).replace(/^/gm, '    ')}\n  JSON`;

/** JSON in ASCII: Terraform would normalise other text to NFC, and read a raw control character as an end. */
const asciiJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(
    /[^\n\u0020-\u007e]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/**
 * `${` and `%{` start templates unless their first character is doubled. One more before them would be taken for a part of
 * that, so it is written by its number, in a way that both JSON and Terraform read.
 */
const withoutTemplates = (json: string): string =>
  json.replace(
    /([$%]*)([$%])\{/g,
    (_, before: string, mark: string) =>
      `${before.replace(/./g, (c) => (c === '$' ? '\\u0024' : '\\u0025'))}${mark}${mark}{`,
  );
