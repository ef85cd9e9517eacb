/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// Lints AWS's managed policies, and has parliament do the same after it: `npm run build && node bench/lint.mjs [OTHER_DIST]`.
// Both come from where `npm run test:engines` installs them.
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'iam-minimize-engines');

/** @param {string} place @param {string} judge @param {string[]} texts */
function ask(place, judge, texts) {
  const input = texts.map((text) => `${JSON.stringify(text)}\n`).join('');
  const script = join(root, 'test/engines/judges.py');
  const ran = spawnSync(join(cache, place, 'bin/python'), [script, judge], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (ran.status !== 0) throw new Error(`run npm run test:engines first: ${ran.error ?? ran.stderr}`);
  return ran.stdout.trimEnd().split('\n');
}

/** @param {number} since @param {NodeJS.CpuUsage} used */
const seconds = (since, used) => {
  const cpu = process.cpuUsage(used);
  return `${((performance.now() - since) / 1000).toFixed(1)} s, ${((cpu.user + cpu.system) / 1e6).toFixed(1)} s of CPU`;
};

const corpus = Object.entries(JSON.parse(ask('py', 'corpus', [''])[0] ?? ''));
const policies = corpus.map(([name, policy]) => ({ name, text: JSON.stringify(policy) }));
for (const dist of [join(root, 'dist'), ...process.argv.slice(2).map((path) => resolve(path))]) {
  const [since, used] = [performance.now(), process.cpuUsage()];
  const { lintPolicy } = await import(pathToFileURL(join(dist, 'iam/lint/lint.js')).href);
  const { parsePolicy } = await import(pathToFileURL(join(dist, 'iam/policy/policy.js')).href);
  let slowest = { most: 0, of: '' };
  for (const { name, text } of policies) {
    const start = performance.now();
    lintPolicy(parsePolicy(text, name));
    const most = performance.now() - start;
    if (most > slowest.most) slowest = { most, of: name };
  }
  console.log(
    `${dist}: ${policies.length} policies in ${seconds(since, used)}; the slowest ${(slowest.most / 1000).toFixed(2)} s (${slowest.of})`,
  );
}
const since = performance.now();
ask(
  'parliament',
  'parliament',
  policies.map(({ text }) => text),
);
console.log(`parliament 1.6.4: ${((performance.now() - since) / 1000).toFixed(1)} s`);
