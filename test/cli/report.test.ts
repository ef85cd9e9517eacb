import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { project, run, sampleIndex, temporaryFolder, today } from './cli.ts';
import { allow } from '../iam/documents.ts';
import { account, days, deliver, live } from './weeks.ts';

const folder = temporaryFolder();
const db = sampleIndex(folder);
const out = join(folder, 'report.html');

/** Writes a report. @returns what was printed, and the page */
function report(...args: readonly string[]): { code: number | null; out: string; err: string; page: string } {
  const ran = run(['report', '--out', out, ...args]);
  return { ...ran, page: readFileSync(out, 'utf8') };
}

/** What one element of a page holds. */
const inside = (page: string, start: string, end: string): string =>
  page.slice(page.indexOf(start) + start.length, page.indexOf(end, page.indexOf(start)));

/** What a page says of good practice. */
const section = (page: string): string => inside(page, '<section id="practice"', '</section>');

/** The principals of a page with what is known of each. */
function principalsOf(page: string): readonly Readonly<Record<string, unknown>>[] {
  const data: unknown = JSON.parse(inside(page, '<script type="application/json" id="data">', '</script>'));
  const list = isObject(data) ? data['principals'] : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** As Content Security Policy names a script or a style. */
const hash = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** The principals that a report with these flags shows. */
const ids = (...args: readonly string[]): unknown[] => principalsOf(report(...args).page).map(({ id }) => id);

const sample = ['--db', db, ...today];

describe('report', () => {
  test('is one file that is whole or not there, and says what it wrote', () => {
    const { code, out: said, err, page } = report(...sample);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(said).toMatch(/^wrote .*report\.html {3}\d principals, \d never seen, \d{3},\d{3} bytes\n$/);
    expect(page.endsWith('</html>\n')).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
    expect(principalsOf(page).map(({ id }) => id)).toContain(`role/${account}/app`);
    expect(page).toMatch(
      />old-batch<.*<em>never seen in the log; nothing is proposed, it holds \d+ actions</,
    );
    expect(page).toContain('Not on this page: 7 principals of the log that cannot be given policies');
  });

  test('of all principals it shows good practice, by what is given; of some it does not', () => {
    const cells =
      'user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date';
    const csv = join(folder, 'credentials.csv');
    writeFileSync(
      csv,
      `${cells}\n<root_account>,arn:aws:iam::${account}:root,2025-01-01T00:00:00+00:00,not_supported,no_information,not_supported,true,true,2026-02-01T10:00:00+00:00,N/A,false,N/A,N/A\n`,
    );
    expect(section(report(...sample).page)).toContain('give --credential-report, --password-policy too.');
    const audited = section(report(...sample, '--credential-report', csv).page);
    expect(audited).toMatch(/^[^]*?<summary>.*Root has an access key/);
    expect(audited).toContain('give --password-policy too.');
    expect(report(...sample, '--principal', 'app').page).not.toContain('id="practice"');
    writeFileSync(csv, cells.replace('arn,', ''));
    const broken = run(['report', '--out', join(folder, 'none.html'), ...sample, '--credential-report', csv]);
    expect({ code: broken.code, lines: broken.err.split('\n').length }).toEqual({ code: 2, lines: 2 });
  });

  test('the same input gives the same bytes', () => {
    const { page } = report(...sample);
    expect(report(...sample).page).toBe(page);
  });

  test('allows itself its own script and style and nothing else', () => {
    const { page } = report(...sample);
    const policy = inside(page, '<meta http-equiv="Content-Security-Policy" content="', '">');
    const script = inside(page, '<script>', '</script>');
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src '${hash(script)}'`,
      `style-src '${hash(inside(page, '<style>', '</style>'))}'`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(() => new Script(script)).not.toThrow();
    expect(script).not.toMatch(/^(?:import|export) |innerHTML|document\.write/m);
  });

  test('chosen principals, by flags and by a file', () => {
    expect(ids(...sample, '--principal', 'app-*')).toEqual(
      ['app-api', 'app-execution', 'app-task'].map((name) => `role/${account}/${name}`),
    );
    expect(ids('--db', db, '--config', 'samples/iam-minimize.yaml')).toEqual([`role/${account}/app`]);
  });

  test('says that nothing was compared without the policies of today', () => {
    const { code, page } = report('--db', db, '--principal', 'app');
    expect(code).toBe(0);
    expect(principalsOf(page)[0]).toMatchObject({
      compared: false,
      verdict: [
        expect.stringContaining('today’s policies were not given'),
        expect.any(String),
        expect.any(String),
      ],
    });
    // What to do about it stands where the picture would.
    expect(page).toMatch(/<p class="card empty">.*<code>--current aws<\/code>/);
  });

  test('a principal whose policies cannot be read is named, exit 3', () => {
    const logs = join(folder, 'logs');
    const current = join(folder, 'current');
    const index = join(folder, 'two.db');
    deliver(
      logs,
      days(1, 9),
      ['app', 'worker'].map((role) => ({ role, days: days(1, 9), call: 'ec2:DescribeInstances' })),
    );
    live(current, { app: [allow('ec2:*')], worker: [allow('ec2:*')] });
    mkdirSync(join(current, account, 'role/app'), { recursive: true });
    writeFileSync(join(current, account, 'role/app/policy.json'), '{"Version":');
    run(['ingest', logs, '--db', index]);
    const { code, err, page } = report('--db', index, '--current', current, '--json');
    expect(code).toBe(3);
    expect(err).toMatch(/^role app: left out, its current policies cannot be read/m);
    expect(page).toContain('its policies today cannot be read');
    expect(principalsOf(page).map(({ id }) => id)).toEqual([`role/${account}/worker`]);
  });

  test('tries strategies on later days where there are enough', () => {
    const logs = join(folder, 'long');
    const index = join(folder, 'long.db');
    deliver(logs, days(1, 44), [{ role: 'app', days: days(1, 44), call: 'ec2:DescribeInstances' }]);
    run(['ingest', logs, '--db', index]);
    const backtestOf = (...args: readonly string[]): string =>
      /Backtest: (\d trials?) on later days.*?"balanced","","(.*?)"/
        .exec(report('--db', index, ...args).page)
        ?.slice(1)
        .join(': ') ?? '';
    expect(backtestOf()).toBe('');
    expect(backtestOf('--backtest', '--since', '36d')).toBe('');
    expect(backtestOf('--backtest', '--since', '37d')).toMatch(
      /^1 trial: 0 of 1 later use denied; 0 of 1 action not used later/,
    );
    expect(backtestOf('--backtest')).toMatch(/^2 trials: 0 of 2 later uses denied/);
  });
});

test('the documentation shows it', () => {
  for (const name of ['report-light.png', 'report-dark.png']) {
    const size = readFileSync(join(project, 'docs', name)).byteLength;
    expect(size).toBeGreaterThan(10_000);
    expect(size).toBeLessThan(300_000);
  }
});
