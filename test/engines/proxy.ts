import { createServer, request as ask } from 'node:http';
import type { LocalServer } from '../aws/local-server.ts';

/** What a proxy does to a call instead of passing it on. */
const wrongs = ['throttle', 'unavailable', 'reset', 'stall', 'cut', 'page'] as const;

/** A proxy before a server on this machine that spoils a fifth of the calls, one kind of fault after another. */
export async function badProxy(target: string): Promise<LocalServer & { readonly spoiled: () => number }> {
  let calls = 0;
  let spoiled = 0;
  const server = createServer((incoming, outgoing) => {
    const wrong = calls++ % 5 === 3 ? wrongs[spoiled++ % wrongs.length] : undefined;
    const code = wrong === 'throttle' ? 'SlowDown' : 'ServiceUnavailable';
    if (wrong === 'reset') return void incoming.socket.destroy();
    if (wrong === 'throttle' || wrong === 'unavailable')
      return void outgoing
        .writeHead(503, { 'content-type': 'application/xml' })
        .end(`<Error><Code>${code}</Code><Message>later</Message></Error>`);
    if (wrong === 'page')
      return void outgoing
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<html><body>Sign in</body></html>');
    const { method, url, headers } = incoming;
    const onward = ask(`${target}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      if (wrong === 'cut')
        answer.once('data', (chunk: Buffer) =>
          outgoing.write(chunk.subarray(0, 20), () => outgoing.destroy()),
        );
      else setTimeout(() => answer.pipe(outgoing), wrong === 'stall' ? 2000 : 0);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    spoiled: () => spoiled,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
