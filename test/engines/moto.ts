import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cache, freePort, must, started, type Engine } from './engine.ts';

/** Pinned. */
const packages = ['moto[s3,iam,cloudtrail]==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5', 'awscli==1.46.3'];

export interface Moto extends Engine {
  /** For a process that takes it for AWS. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the AWS CLI prints. */
  readonly aws: (args: readonly string[], environment?: Readonly<Record<string, string>>) => string;
}

/** Where moto and the AWS CLI are, installed once. @throws Unavailable */
export function motoPlace(): string {
  const place = join(cache, 'py');
  if (!existsSync(join(place, 'bin/moto_server'))) {
    mkdirSync(cache, { recursive: true });
    must('Python 3 with venv', 'python3', ['-m', 'venv', place]);
    must('moto from PyPI', join(place, 'bin/pip'), ['install', '-q', ...packages]);
  }
  return place;
}

/** A moto server. @throws Unavailable */
export async function moto(): Promise<Moto> {
  const place = motoPlace();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const engine = await started(
    [join(place, 'bin/moto_server'), '-H', '127.0.0.1', '-p', String(port)],
    url,
    async () => (await fetch(`${url}/moto-api/`)).ok,
    { MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' },
  );
  const environment = {
    AWS_ENDPOINT_URL: url,
    AWS_ENDPOINT_URL_IAM: url,
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null/none',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null/none',
  };
  return {
    ...engine,
    environment,
    aws(args, more = {}) {
      const { PATH = '', HOME = '' } = process.env;
      const { status, stdout, stderr } = spawnSync(join(place, 'bin/aws'), [...args, '--output', 'json'], {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
        env: { PATH, HOME, ...environment, ...more },
      });
      if (status !== 0) throw new Error(`aws ${args.join(' ')}: ${stderr}`);
      return stdout;
    },
  };
}
