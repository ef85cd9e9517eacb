import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { localServer, type LocalServer } from './local-server.ts';

/** What a service answers instead of a result: the code of an exception. */
export class Refusal extends Error {}

/** A call as the protocol carries it. */
export interface JsonCall {
  readonly operation: string;
  /** The Region that the request is signed for. */
  readonly region: string;
  readonly asked: JsonObject;
}

/** An HTTP server that speaks AWS JSON 1.1 (the operation is in X-Amz-Target), on a port of its own. */
export const jsonServer = (answer: (call: JsonCall) => object): Promise<LocalServer> =>
  localServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const asked: unknown = JSON.parse(body);
      const [status, json] = outcome(() =>
        answer({ operation, region, asked: isObject(asked) ? asked : {} }),
      );
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(json));
    });
  });

function outcome(answer: () => object): [number, object] {
  try {
    return [200, answer()];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [400, { __type: error.message, message: 'no\nno' }];
  }
}
