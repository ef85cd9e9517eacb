import { spawn, type ChildProcess } from 'node:child_process';
import { main, project, type Ran } from '../cli/cli.ts';
import { fakeEnvironment } from './iam-fake.ts';

/**
 * Runs the program while this process answers for AWS.
 * @param environment endpoints, as `AWS_ENDPOINT_URL_CLOUDTRAIL`
 * @param started gets the process
 * @param through a command that runs the command given to it
 */
export function live(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  started: (child: ChildProcess) => void = () => {},
  through: readonly string[] = [],
): Promise<Ran> {
  const { PATH = '', HOME = '' } = process.env;
  const [command = '', ...rest] = [...through, process.execPath, main, ...args];
  const child = spawn(command, rest, {
    cwd: project,
    env: { PATH, HOME, NO_COLOR: '1', ...fakeEnvironment(''), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }));
  });
}
