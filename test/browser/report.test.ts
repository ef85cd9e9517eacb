import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { printable } from '../../src/iam/printable.ts';
import { project, run, sampleIndex, temporaryFolder, today } from '../cli/cli.ts';
import { allow } from '../iam/documents.ts';
import { account, days, deliver, live } from '../cli/weeks.ts';
import { browserOfFile, hasBrowser } from './browser.ts';

const open = browserOfFile();
const folder = temporaryFolder();

/** Writes a report. @returns its file */
function report(name: string, db: string, ...args: readonly string[]): string {
  const out = join(folder, name);
  const { code, err } = run(['report', '--out', out, '--db', db, ...args]);
  if (code !== 0) throw new Error(`report: exit ${String(code)}: ${err}`);
  return out;
}

const samples = hasBrowser ? report('samples.html', sampleIndex(folder), ...today) : '';
const app = '#role/111122223333/app';

/** The names of the table of principals that are shown, from above. */
const names = (page: Page): Promise<string[]> =>
  page.locator('#principals tbody .name:visible').allInnerTexts();

/** Findings of axe that matter, a line each. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

/** Opens whatever can be opened, and what is in it. */
async function openAll(page: Page): Promise<void> {
  const closed = 'document.querySelectorAll("details:not([open])")';
  while ((await page.evaluate<number>(`${closed}.length`)) > 0) {
    await page.evaluate(
      `${closed}.forEach((one) => { one.open = true; }), new Promise(requestAnimationFrame)`,
    );
  }
}

describe.skipIf(!hasBrowser)('the report in a browser', () => {
  test('opens from disk, asks for nothing else', async () => {
    const { page, faults } = await open(samples);
    expect(await page.title()).toBe('Least privilege report');
    expect(await names(page)).toEqual([
      'ci-deploy',
      'ops-alice',
      'ops-bob',
      'app',
      'old-batch',
      'app-execution',
      'app-api',
      'app-task',
    ]);
    await page.goto(`file://${samples}${app}`);
    await page.locator('#detail h2').waitFor();
    expect(faults).toEqual([]);
  });

  test('sorts by any column, by mouse and by keyboard', async () => {
    const { page } = await open(samples);
    const head = (title: string): Locator =>
      page.locator('#principals th', { hasText: new RegExp(`^${title}`) });
    await head('Principal').getByRole('button').click();
    expect(await names(page)).toEqual([...(await names(page))].sort());
    expect(await head('Principal').getAttribute('aria-sort')).toBe('ascending');
    await head('Used').getByRole('button').focus();
    await page.keyboard.press('Enter');
    expect(await head('Used').getAttribute('aria-sort')).toBe('descending');
    expect(await head('Principal').getAttribute('aria-sort')).toBeNull();
    expect((await names(page)).slice(0, 2)).toEqual(['ci-deploy', 'ops-alice']);
    await page.keyboard.press('Enter');
    // Those of which nothing is proposed stay below.
    expect((await names(page)).at(0)).toBe('app-api');
    expect((await names(page)).slice(-2)).toEqual(['ops-bob', 'old-batch']);
  });

  test('narrows to what is typed', async () => {
    const { page } = await open(samples);
    await page.getByLabel('Filter').fill('user OPS');
    expect(await names(page)).toEqual(['ops-alice', 'ops-bob']);
    expect(await page.getByRole('status').innerText()).toBe('2 of 8 shown');
    await page.getByLabel('Filter').fill('nobody');
    expect(await names(page)).toEqual([]);
    await page.getByLabel('Filter').fill('');
    expect(await names(page)).toHaveLength(8);
  });

  test('a principal, its evidence, and back, by keyboard alone', async () => {
    const { page, faults } = await open(samples);
    await page.getByRole('link', { name: 'app', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#detail h2:focus').waitFor();
    expect(await page.locator('#detail h2').innerText()).toBe('app role');
    expect(await page.locator('#overview').isVisible()).toBe(false);
    const line = page.locator('summary', { hasText: /s3:PutObject(?![A-Z])/ }).first();
    await line.focus();
    await page.keyboard.press('Enter');
    const evidence = page.locator('details[open] dl.evidence');
    await evidence.waitFor();
    expect(await evidence.innerText()).toContain('iam-minimize why s3:PutObject --principal app');
    expect(await evidence.innerText()).toMatch(/on \d days?, 2026-03-0/);
    await page.getByRole('link', { name: 'All principals' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#overview').waitFor();
    expect(await page.locator(':focus').innerText()).toBe('app');
    expect(faults).toEqual([]);
  });

  test('its numbers are those of generate', async () => {
    const { page } = await open(samples, app);
    const text = readFileSync(join(project, 'test/golden/generate-app.txt'), 'utf8');
    const [, before, after] = /^(\d+) -> (\d+) actions/m.exec(text) ?? [];
    expect(await page.locator('.verdict').innerText()).toMatch(
      new RegExp(`^Of ${before} actions ${after} stay: .*; not broadened\\.$`),
    );
    expect(await page.locator('.verdict + p').innerText()).toContain(
      "34 of 35 uses allowed by the proposal, 1 by something else, 0 denied; AWS's refusals agree: 1 of 1",
    );
  });

  test('the picture narrows the table, by mouse and by keyboard alone', async () => {
    const { page, faults } = await open(samples);
    const high = page.getByRole('button', { name: 'high 4' });
    await high.click();
    expect(await names(page)).toEqual(['ci-deploy', 'ops-alice', 'ops-bob', 'app']);
    expect(await high.getAttribute('aria-pressed')).toBe('true');
    expect(await page.locator('.dot:not(.faint)').count()).toBe(4);
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await names(page)).toHaveLength(8);
    // One stop of the tab key; from there arrow keys go to the dot that is next.
    expect(await page.locator('.dot[tabindex="0"]').count()).toBe(1);
    await page.locator('.dot[tabindex="0"]').focus();
    for (let i = 0; i < 9; i++) await page.keyboard.press('ArrowRight');
    const label = await page.locator('.dot:focus').getAttribute('aria-label');
    expect(label).toMatch(/^ci-deploy: 22,\d{3} actions today, 1,\d{3} proposed, risk high$/);
    await page.keyboard.press('Enter');
    expect(await names(page)).toEqual(['ci-deploy']);
    expect(await page.locator('.dot[tabindex="0"]').count()).toBe(1);
    await page.keyboard.press('Space');
    expect(await names(page)).toHaveLength(8);
    expect(faults).toEqual([]);
  });

  test('every dot says what the table says', async () => {
    const { page } = await open(samples);
    const labels = await page
      .locator('.dot')
      .evaluateAll((dots) => dots.map((dot) => dot.getAttribute('aria-label')));
    const said = labels.map(
      (label) => /^(.*): ([\d,]+) actions? today, (.*) proposed, risk (\w+)$/.exec(label ?? '') ?? [],
    );
    for (const [, name = '', before, after = '', risk] of said) {
      const row = page.locator('#principals tbody tr', {
        has: page.getByText(name.split(', ')[0] ?? '', { exact: true }),
      });
      const shown = after === 'never seen and nothing' ? '–' : after;
      expect(await row.locator('.pair').innerText()).toBe(`${before} → ${shown}`);
      expect(await row.locator('.risk').innerText()).toBe(risk);
    }
    expect(said).toHaveLength(8);
  });

  test('a change shows the statements of today and of the proposal that it is about', async () => {
    const { page } = await open(samples, app);
    await page.locator('summary', { hasText: 's3:PutObject' }).last().click();
    const [today = '', proposed = ''] = await page.locator('.behind .beside > div').allInnerTexts();
    expect(today).toMatch(/app-access \(today\), statement \d[\s\S]*"Action": "s3:\*"/);
    expect(proposed).toMatch(
      /policy\.json, statement \d[\s\S]*"s3:PutObject"[\s\S]*app-data\/out\/report\.csv/,
    );
  });

  test('on a phone a principal is a card', async () => {
    const { page } = await open(samples, '', { viewport: { width: 420, height: 900 } });
    const cell = page.locator('#principals tbody tr').first().locator('td').nth(2);
    expect(await cell.evaluate((one) => getComputedStyle(one, '::before').content)).toBe('"Used"');
    expect(await page.locator('#principals thead').isVisible()).toBe(false);
  });

  test('copies the policy; selects it where the browser does not let it', async () => {
    const { page } = await open(samples, app, { permissions: ['clipboard-read', 'clipboard-write'] });
    const copy = page
      .locator('.policy', { has: page.getByRole('heading', { name: 'policy.json' }) })
      .getByRole('button');
    await copy.click();
    await page.getByText('Copied').waitFor();
    const copied: unknown = JSON.parse(await page.evaluate<string>('navigator.clipboard.readText()'));
    const expected = join(project, 'samples/expected/111122223333/role/app/policy.json');
    expect(copied).toEqual(JSON.parse(readFileSync(expected, 'utf8')));
    await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error())');
    await copy.click();
    await page.getByText('Selected').waitFor();
    expect(await page.evaluate<string>('String(getSelection())')).toContain('"Version": "2012-10-17"');
  });

  test('follows the scheme of the system', async () => {
    const { page } = await open(samples);
    const background = (): Promise<string> =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await background()).not.toBe(light);
  });

  test('prints on white, no wider than a sheet', async () => {
    const { page } = await open(samples, '', {
      colorScheme: 'dark',
      viewport: { width: 760, height: 1000 },
    });
    await page.emulateMedia({ media: 'print' });
    for (const hash of ['', app]) {
      await page.goto(`file://${samples}${hash}`);
      expect(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe(
        'rgb(255, 255, 255)',
      );
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(760);
    }
  });

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 420],
    ['dark', 420],
  ] as const)('axe finds nothing serious: %s, %i wide', async (colorScheme, width) => {
    const { page } = await open(samples, '', { colorScheme, viewport: { width, height: 900 } });
    expect(await findings(page)).toEqual([]);
    await page.goto(`file://${samples}${app}`);
    await openAll(page);
    expect(await page.locator('dl.evidence').count()).toBeGreaterThan(5);
    expect(await findings(page)).toEqual([]);
    const wider = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate<number>(wider)).toBe(0);
  });

  test('shows good practice, worst first, and what to do about it; without a script too', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const { page, faults } = await open(samples, '', { javaScriptEnabled });
      const found = page.locator('#practice summary');
      const severities = (await found.allInnerTexts()).map((text) => text.trim().split(/\s/)[0]);
      expect(severities).toEqual([
        ...Array<string>(4).fill('warning'),
        ...Array<string>(3).fill('suggestion'),
      ]);
      await found.filter({ hasText: 'May do everything' }).focus();
      await page.keyboard.press('Enter');
      const opened = page.locator('#practice details[open]');
      expect(await opened.innerText()).toMatch(
        /role\/ci\/ci-deploy: all actions on all resources, by AdministratorAccess\s+iam-minimize generate --principal ci-deploy /,
      );
      const link = opened.getByRole('link', { name: 'AWS page' });
      expect(await link.getAttribute('href')).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/IAM\//);
      expect(faults).toEqual([]);
    }
  });

  test('names from logs and policies stay text', async () => {
    const evil = [
      '<img src=x onerror=alert(1)>',
      '</script><script>alert(2)</script>',
      '"><svg onload=alert(3)>',
      'javascript:alert(4)',
      '<!--<script>',
      '__proto__',
      'a\u202eb\u2028c\u0007',
      "'+alert(5)+'",
      '&lt;b&gt;%3Cb%3E#/../..',
    ];
    const logs = join(folder, 'hostile');
    deliver(
      logs,
      days(1, 3),
      evil.flatMap((role) => [
        { role, days: days(1, 3), call: 's3:GetBucketPolicy', params: { bucketName: role } },
        { role, days: days(1, 3), call: 'sqs:GetQueueUrl', params: { queueName: role } },
        { role, days: days(1, 3), call: `${role}:${role}` },
        { role, days: days(2, 2), call: 'ssm:GetParameter', params: { name: `/${role}` } },
      ]),
    );
    const policies = join(folder, 'hostile-policies');
    mkdirSync(policies);
    writeFileSync(
      join(policies, 'policy.json'),
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          ...evil.map((name) => allow(`s3:${name.replaceAll(':', '')}`, `arn:aws:s3:::${name}`)),
          ...evil.map((name) => allow(['s3:GetBucketPolicy', 'ssm:*'], `arn:aws:s3:::${name}`)),
        ],
      }),
    );
    const db = join(folder, 'hostile.db');
    run(['ingest', logs, '--db', db]);
    const many = report('hostile.html', db, '--min-window', '1d');
    const one = report(
      'one.html',
      db,
      '--min-window',
      '1d',
      '--current',
      policies,
      '--principal',
      'javascript*',
    );
    for (const file of [many, one]) {
      const { page, faults } = await open(file);
      const links = page.locator('#principals a.name');
      expect(await links.count()).toBeGreaterThan(0);
      for (let i = 0; i < (await links.count()); i++) {
        await page.goto(`file://${file}`);
        const name = await links.nth(i).innerText();
        await links.nth(i).click();
        await page.locator('#detail h2').waitFor();
        expect(await page.locator('#detail h2 bdi').innerText()).toBe(name);
        await openAll(page);
        expect(
          await page.locator('img, iframe, object, svg[onload], [onerror], a[href^="javascript"]').count(),
        ).toBe(0);
      }
      expect(await page.locator('script').count()).toBe(2);
      expect(faults).toEqual([]);
    }
    const { page } = await open(many);
    // What stands before the last slash is the path of the role.
    const roles = evil.map((name) => printable(name.split('/').at(-1) ?? ''));
    expect((await names(page)).sort()).toEqual(roles.sort());
  });

  test('500 principals are one file under 5 MB', async () => {
    const services = ['ec2', 'iam', 'lambda', 'kms', 'sqs', 'sns', 'ssm', 'rds', 'ecs', 'logs'];
    const roles = Array.from({ length: 500 }, (_, i) => `service-${i}`);
    const logs = join(folder, 'many');
    deliver(
      logs,
      days(1, 5),
      roles.flatMap((role, i) =>
        Array.from({ length: 12 }, (_, j) => ({
          role,
          days: [1 + ((i + j) % 5)],
          call: 'ssm:GetParameter',
          params: { name: `/${role}/${j}` },
        })),
      ),
    );
    const policies = join(folder, 'many-policies');
    live(
      policies,
      Object.fromEntries(
        roles.map((role, i) => [
          role,
          [allow(i % 25 === 0 ? '*' : services.slice(i % 4).map((service) => `${service}:*`))],
        ]),
      ),
    );
    const db = join(folder, 'many.db');
    run(['ingest', logs, '--db', db]);
    const file = report('many.html', db, '--min-window', '1d', '--current', policies);
    expect(statSync(file).size).toBeLessThan(5e6);
    const { page, faults } = await open(file);
    expect(await names(page)).toHaveLength(500);
    await page.getByLabel('Filter').fill('service-499');
    await page.getByRole('link', { name: 'service-499' }).click();
    expect(await page.locator('.arn').innerText()).toBe(`arn:aws:iam::${account}:role/service-499`);
    expect(faults).toEqual([]);
  });
});
