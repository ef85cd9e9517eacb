// Where the independent evaluator decides otherwise than AWS documents: each class with the page, and an example that
// the product must decide as documented. `applies`: whether a case may fall into the class.

const statementsOf = ({ documents }) => documents.flatMap((document) => document.Statement);
const listOf = (value) => (value === undefined ? [] : [value].flat());
const allowAll = { Effect: 'Allow', Action: '*', Resource: '*' };
const example = (statements, resource, context) => ({
  documents: [{ Version: '2012-10-17', Statement: statements }],
  action: 's3:GetObject',
  resource,
  context,
});

export const EXPLAINED = [
  {
    // "If AWS cannot resolve a variable, this might cause the entire statement to be invalid."
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    // The other evaluator lets the rest of a NotResource stand where the pattern with the variable cannot match anyway.
    name: 'NotResource with a variable without value',
    applies: (item) =>
      statementsOf(item).some(({ NotResource }) =>
        listOf(NotResource).some((text) =>
          Array.from(text.matchAll(/\$\{([\w:./-]+)\}/g), ([, key]) => key).some(
            (key) => item.context[key] === undefined,
          ),
        ),
      ),
    example: example(
      [allowAll, { Effect: 'Deny', Action: '*', NotResource: ['arn:aws:s3:::data/${aws:username}/*'] }],
      'arn:aws:iam::111122223333:role/app/one',
      {},
    ),
    expected: 'allowed',
  },
  {
    // NotIpAddress: "All IP addresses except the specified IP address or range"; an IPv6 address is in no IPv4 range.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
    name: 'NotIpAddress between IPv4 and IPv6',
    applies: (item) => {
      const isIpv6 = String(item.context['aws:SourceIp'] ?? '').includes(':');
      return item.conditions.some(
        ({ base, values }) =>
          base === 'NotIpAddress' && listOf(values).some((value) => value.includes(':') !== isIpv6),
      );
    },
    example: example(
      [
        {
          Effect: 'Allow',
          Action: '*',
          Resource: '*',
          Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.1' } },
        },
      ],
      'arn:aws:s3:::data/in/x',
      { 'aws:SourceIp': '2001:db8::1' },
    ),
    expected: 'allowed',
  },
  {
    // "${*} - use where you need an * (asterisk) character." A star in the name of a resource asked for is that character;
    // the other evaluator takes it for a pattern.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html, predefined policy variables
    name: 'a star in the name of a resource',
    applies: (item) => item.resource.includes('*') && JSON.stringify(item.documents).includes('${*}'),
    example: example(
      [allowAll, { Effect: 'Deny', Action: '*', Resource: 'arn:aws:s3:::data/lit${*}ral' }],
      'arn:aws:s3:::data/lit*ral',
      {},
    ),
    expected: 'explicit-deny',
  },
  {
    // "If you don't include the Version element and set it to an appropriate version date, variables like
    // ${aws:username} are treated as literal strings in the policy."
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    name: 'variables in version 2008-10-17',
    applies: ({ documents }) =>
      documents.some(
        (document) => document.Version === '2008-10-17' && JSON.stringify(document).includes('${'),
      ),
    example: {
      documents: [
        {
          Version: '2008-10-17',
          Statement: [
            allowAll,
            { Effect: 'Deny', Action: '*', Resource: 'arn:aws:s3:::data/${aws:username}' },
          ],
        },
      ],
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::data/bob',
      context: { 'aws:username': 'bob' },
    },
    expected: 'allowed',
  },
  {
    // "Inverted condition operators like StringNotEquals or StringNotLike do match against a null value."
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html, policy variables with no value
    name: 'a negated operator and a variable without value',
    applies: (item) =>
      item.conditions.some(
        ({ base, values }) =>
          base.includes('Not') && listOf(values).some((value) => value.includes('${aws:username}')),
      ) && item.context['aws:username'] === undefined,
    example: example(
      [
        {
          Effect: 'Allow',
          Action: '*',
          Resource: '*',
          Condition: { StringNotLike: { 's3:prefix': '${aws:username}' } },
        },
      ],
      'arn:aws:s3:::data/in/x',
      { 's3:prefix': 'alpha' },
    ),
    expected: 'allowed',
  },
  {
    // "These predefined policy variables can be used in any string where you can use regular policy variables": also in
    // operators without wildcards.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html, predefined policy variables
    name: 'an escape in an operator without wildcards',
    applies: (item) =>
      item.conditions.some(
        ({ base, values }) =>
          base.includes('Equals') && listOf(values).some((value) => value.includes('${*}')),
      ),
    example: example(
      [
        {
          Effect: 'Allow',
          Action: '*',
          Resource: '*',
          Condition: { StringEquals: { 's3:prefix': 'al${*}' } },
        },
      ],
      'arn:aws:s3:::data/in/x',
      { 's3:prefix': 'al*' },
    ),
    expected: 'allowed',
  },
  {
    // "It also returns true if there are no context keys in the request, or if the context key value resolves to a null
    // dataset, such as an empty string."
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    name: 'an empty string under ForAllValues',
    applies: (item) =>
      item.conditions.some(
        ({ operator, key }) =>
          operator.startsWith('ForAllValues:') && listOf(item.context[key]).some((value) => value === ''),
      ),
    example: example(
      [
        {
          Effect: 'Allow',
          Action: '*',
          Resource: '*',
          Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'alpha' } },
        },
      ],
      'arn:aws:s3:::data/in/x',
      { 'aws:TagKeys': [''] },
    ),
    expected: 'allowed',
  },
];
