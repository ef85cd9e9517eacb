import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

/** Where Debian and Ubuntu put it. */
const executablePath = '/usr/bin/chromium';

/** Whether tests in a browser can run here; where `CI` is set they must. */
export const hasBrowser = existsSync(executablePath) || Boolean(process.env['CI']);
if (!hasBrowser) console.warn(`skipped: no browser at ${executablePath} (apt-get install chromium)`);

/** A page in the browser of one test file, and what went wrong in it so far: errors, and requests beside the page itself. */
export interface Opened {
  readonly page: Page;
  readonly faults: readonly string[];
}

/** Starts a browser for the tests of a file; gives what opens a file in it. */
export function browserOfFile(): (
  file: string,
  hash?: string,
  options?: BrowserContextOptions,
) => Promise<Opened> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (hasBrowser) browser = await chromium.launch({ executablePath });
  });
  afterAll(async () => {
    await browser?.close();
  });
  return async (file, hash = '', options = {}) => {
    if (!browser) throw new Error('no browser');
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const faults: string[] = [];
    const address = `file://${file}`;
    page.on('console', (message) => faults.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('dialog', (dialog) => {
      faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (request.url().split('#')[0] !== address) faults.push(`request: ${request.url()}`);
    });
    await page.goto(`${address}${hash}`);
    return { page, faults };
  };
}
