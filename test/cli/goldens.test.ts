import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { project, run, sampleIndex, temporaryFolder, today } from './cli.ts';

const folder = temporaryFolder();
const db = sampleIndex(folder);
const policy = 'samples/expected/111122223333/role/app/policy.json';
const oneLog =
  'samples/trail/AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/04/111122223333_CloudTrail_us-east-1_20260304T2005Z_e5a7a1be53883b12.json.gz';

interface Golden {
  readonly name: string;
  readonly args: readonly string[];
  /** 0 unless said. */
  readonly code?: number;
  /** Columns of the terminal. */
  readonly columns?: number;
  readonly needsIndex?: false;
}

const goldens: readonly Golden[] = [
  { name: 'help', args: ['--help'], needsIndex: false },
  { name: 'help-generate', args: ['generate', '--help'], needsIndex: false },
  {
    name: 'ingest-dry-run',
    args: ['ingest', 'samples/trail', '--since', '2d', '--dry-run'],
    needsIndex: false,
  },
  { name: 'help-report', args: ['report', '--help'], needsIndex: false },
  { name: 'principals', args: ['principals'] },
  {
    name: 'principals-app',
    args: ['principals', '--principal', 'app', 'app-api', '--current', 'samples/current'],
  },
  {
    name: 'audit',
    args: [
      'audit',
      '--current',
      'samples/current',
      '--trail-config',
      'samples/trail-config.json',
      '--unused',
      '5d',
      '--quiet',
    ],
    code: 1,
  },
  { name: 'generate-app', args: ['generate', '--principal', 'app', ...today] },
  { name: 'generate-ci-deploy', args: ['generate', '--principal', 'ci-deploy', ...today] },
  { name: 'generate-ops-alice', args: ['generate', '--principal', 'ops-alice', ...today] },
  { name: 'generate-app-80', args: ['generate', '--principal', 'app', ...today], columns: 80 },
  { name: 'generate-ci-deploy-80', args: ['generate', '--principal', 'ci-deploy', ...today], columns: 80 },
  { name: 'generate-ci-deploy-120', args: ['generate', '--principal', 'ci-deploy', ...today], columns: 120 },
  { name: 'generate-all', args: ['generate', '--all', ...today], columns: 120 },
  { name: 'generate-all-check', args: ['generate', '--all', ...today, '--check'], code: 1, columns: 80 },
  {
    name: 'generate-first-run',
    args: ['generate', '--principal', 'app', '--current', 'samples/current'],
    columns: 80,
  },
  { name: 'generate-all-markdown', args: ['generate', '--all', ...today, '--diff', 'markdown'] },
  { name: 'generate-app-exact', args: ['generate', '--principal', 'app', ...today, '--strategy', 'exact'] },
  { name: 'generate-app-drop', args: ['generate', '--principal', 'app', ...today, '--unobservable', 'drop'] },
  {
    name: 'generate-app-markdown',
    args: ['generate', '--principal', 'app', ...today, '--diff', 'markdown'],
  },
  {
    name: 'generate-app-terraform',
    args: ['generate', '--principal', 'app', ...today, '--out', '-', '--format', 'terraform'],
  },
  {
    name: 'generate-app-cloudformation',
    args: ['generate', '--principal', 'app', ...today, '--out', '-', '--format', 'cloudformation'],
  },
  {
    name: 'generate-app-boundary',
    args: ['generate', '--principal', 'app', ...today, '--as', 'boundary'],
  },
  {
    name: 'generate-app-boundary-cloudformation',
    args: [
      'generate',
      '--principal',
      'app',
      ...today,
      '--as',
      'boundary',
      '--out',
      '-',
      '--format',
      'cloudformation',
    ],
  },
  {
    name: 'generate-several-policies-alone',
    args: ['generate', '--principal', 'app-*', ...today, '--out', '-'],
  },
  { name: 'generate-config', args: ['generate', '--config', 'samples/iam-minimize.yaml'] },
  { name: 'generate-without-current', args: ['generate', '--principal', 'app-execution'] },
  { name: 'generate-policy-alone', args: ['generate', '--principal', 'app', ...today, '--out', '-'] },
  { name: 'explain', args: ['explain', oneLog], needsIndex: false },
  { name: 'explain-folder', args: ['explain', 'samples/trail'], needsIndex: false },
  { name: 'why', args: ['why', 's3:GetObject', '--principal', 'app'] },
  { name: 'why-pass-role', args: ['why', 'iam:PassRole'] },
  {
    name: 'verify',
    args: ['verify', '--policy', policy, '--principal', 'app', '--current', 'samples/current'],
  },
  {
    name: 'verify-folder',
    args: ['verify', '--policy', dirname(policy), '--principal', 'app', '--current', 'samples/current'],
  },
  {
    name: 'verify-another',
    args: ['verify', '--policy', policy, '--principal', 'app-execution'],
    code: 1,
  },
  { name: 'index-info', args: ['index', 'info'] },
];

/** Output without this machine's folders. */
const plain = (text: string): string => text.replaceAll(folder, '<folder>').replaceAll(project, '<project>');

describe('what a person sees', () => {
  test.each(goldens)('$name', async ({ name, args, code = 0, columns = 100, needsIndex = true }) => {
    const environment = { COLUMNS: String(columns) };
    const ran = run(needsIndex ? [...args, '--db', db] : args, { environment });
    expect(ran.err).toBe('');
    expect(ran.code).toBe(code);
    await expect(plain(ran.out)).toMatchFileSnapshot(join(project, 'test/golden', `${name}.txt`));
  });

  test('the same input gives the same bytes', () => {
    const again = ['generate', '--all', ...today, '--db', db, '--json'];
    expect(run(again).out).toBe(run(again).out);
  });
});
