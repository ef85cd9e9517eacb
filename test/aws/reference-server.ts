import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** How the server answers one path. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface ReferenceServer {
  /** URL of the list. */
  readonly url: string;
  /** Paths asked for, in order. */
  readonly asked: readonly string[];
  readonly close: () => Promise<void>;
}

/** JSON with an ETag, and 304 for who has it. */
export const json =
  (body: unknown, etag = ''): Answer =>
  (request, response) => {
    if (etag !== '' && request.headers['if-none-match'] === etag) {
      response.writeHead(304).end();
      return;
    }
    response.writeHead(200, etag === '' ? {} : { etag }).end(JSON.stringify(body));
  };

/** The document of a service: operations with their authorised actions. */
export const service = (
  prefix: string,
  operations: Readonly<Record<string, readonly string[] | undefined>>,
): object => ({
  Name: prefix,
  Actions: [],
  Operations: Object.entries(operations).map(([name, actions]) => ({
    Name: name,
    ...(actions && {
      AuthorizedActions: actions.map((action) => {
        const [Service, Name] = action.split(':');
        return { Name, Service };
      }),
    }),
    SDK: [{ Name: prefix, Method: name, Package: 'Boto3' }],
  })),
  Version: 'v1.4',
});

/** A list of services, each at its usual path; `{host}` is the server. */
export const list =
  (...prefixes: readonly string[]): ((host: string) => unknown) =>
  (host) =>
    prefixes.map((prefix) => ({ service: prefix, url: `${host}/v1/${prefix}/${prefix}.json` }));

/** A local server of a service reference. `answers` by path; anything else is 404. */
export async function referenceServer(
  listed: (host: string) => unknown,
  answers: Readonly<Record<string, Answer>>,
): Promise<ReferenceServer> {
  const asked: string[] = [];
  let host = '';
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    if (path === '/') json(listed(host))(request, response);
    else if (Object.hasOwn(answers, path)) answers[path]?.(request, response);
    else response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  host = `http://127.0.0.1:${address.port}`;
  return {
    url: `${host}/`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
