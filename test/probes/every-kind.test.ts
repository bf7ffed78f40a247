import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { createServer as createSecure } from 'node:https';
import { tmpdir } from 'node:os';
import { checksOf } from '../../src/resolve/checks';
import type { ReadyKind } from '../../src/spec/checks';
import { ServiceSpec } from '../../src/spec/spec';
import { type Behaviour, type CheckedKind, checkContract } from '../contracts/check-contract';
import { serving, tcp } from '../contracts/probe-contract';
import { certificate } from './certificate';
import { inProtoFolder, reflecting } from './reflecting-server';

const { key, cert } = certificate();
const late = 'no answer within 100ms';
const broken = 'connection closed without an answer';

/** An answer over HTTP whose body decides. */
const answering =
  (next: () => Behaviour, well: string, refusal: string) =>
  ({ socket }: IncomingMessage, response: ServerResponse): void => {
    const behaviour = next();
    if (behaviour === 'answers well') response.end(well);
    if (behaviour === 'refuses') response.end(refusal);
    if (behaviour === 'closes in the middle')
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n${well.slice(0, 5)}`, () => socket.destroy());
    if (behaviour === 'says garbage') socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n');
  };

const ofHttp = { 'is slow': late, 'says garbage': 'answered something other than HTTP' };
const json = { json: { up: true } };
const bodies = ['{"up":true}', '{"up":false}'] as const;

/** A gRPC answer, frame by frame. */
function called(stream: ServerHttp2Stream, behaviour: Behaviour, message: Buffer): void {
  stream.on('error', () => undefined);
  if (behaviour === 'is slow') return;
  if (behaviour === 'closes in the middle') {
    stream.session!.destroy();
    return;
  }
  if (behaviour === 'says garbage') {
    stream.respond({ ':status': 200, 'content-type': 'text/html' });
    stream.end('no');
    return;
  }
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': behaviour === 'refuses' ? '7' : '0' }));
  stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
}

const byGrpc =
  (message: Buffer): CheckedKind['served'] =>
  (next, use) =>
    serving(
      createHttp2().on('stream', (stream) => called(stream, next(), message)),
      (port) => use({ port }),
    );
const ofGrpc = { 'is slow': late, 'closes in the middle': broken, 'says garbage': 'answered INTERNAL' };
const serves = Buffer.from([8, 1]);

/** A call as the spec has it, by a proto file that is gone when the instance is asked. */
function callByFile(): CheckedKind['words'] {
  const message = { order_key: { id: 'x', lane: 'SLOW' } };
  const health = { ready: { grpc: 8080, call: 'shop.Orders/Get', proto: 'orders.proto', message } };
  const { grpc, call, request } = inProtoFolder(
    (folder) => checksOf(ServiceSpec.parse({ health }), { name: 'api', folder }).ready!,
  );
  return { grpc, call, request };
}

/** The instance tells it how to end. */
const asksItsAddress = `
const [host, port] = process.env.BELAY_ADDRESS.split(':');
require('node:net').connect(port, host).on('data', (behaviour) => {
  if (String(behaviour) === 'closes in the middle') process.kill(process.pid, 'SIGKILL');
  if (String(behaviour) === 'refuses') { console.error('no queue'); process.exit(3); }
  process.exit(0);
});`;

/** The engine itself asks by docker, in a rhythm of its own. */
const kinds: Record<Exclude<ReadyKind, 'docker'> | 'call' | 'call by file' | 'command on the host', CheckedKind> = {
  http: {
    words: { http: '/', port: 8080, ...json },
    faults: { ...ofHttp, refuses: 'up is false', 'closes in the middle': broken },
    served: (next, use) => serving(createServer(answering(next, ...bodies)), (port) => use({ port })),
  },
  https: {
    words: { https: '/', port: 8080, insecure: true, ...json },
    faults: { ...ofHttp, refuses: 'up is false', 'closes in the middle': broken },
    served: (next, use) => serving(createSecure({ key, cert }, answering(next, ...bodies)), (port) => use({ port })),
  },
  metric: {
    words: { metric: { port: 8080, path: '/metrics', name: 'depth', max: 1 } },
    faults: { ...ofHttp, refuses: 'depth is 2, above 1', 'closes in the middle': broken },
    served: (next, use) => serving(createServer(answering(next, 'depth 1\n', 'depth 2\n')), (port) => use({ port })),
  },
  tcp: {
    words: { tcp: 8080 },
    faults: { refuses: 'accepted and closed at once' },
    served: (next, use) =>
      serving(
        tcp((socket) => {
          if (next() === 'refuses') socket.destroy();
          else socket.write('220 hello\r\n');
        }),
        (port) => use({ port }),
      ),
  },
  grpc: { words: { grpc: 8080 }, faults: { ...ofGrpc, refuses: 'PERMISSION_DENIED' }, served: byGrpc(serves) },
  call: {
    words: { grpc: 8080, call: 'shop.Orders/Get' },
    faults: { ...ofGrpc, refuses: 'answered PERMISSION_DENIED, not OK' },
    served: byGrpc(Buffer.alloc(0)),
  },
  'call by file': {
    words: callByFile(),
    faults: { 'is slow': late, refuses: 'answered PERMISSION_DENIED, not OK' },
    served: (next, use) =>
      reflecting(
        {
          answer: (request) => {
            if (JSON.stringify(request) !== '{"order_key":{"id":"x","lane":"SLOW"}}') return 'NOT_FOUND';
            return ({ 'is slow': 'hangs', refuses: 'PERMISSION_DENIED' } as const)[next() as 'refuses'] ?? 'OK';
          },
        },
        (port) => use({ port }),
      ),
  },
  command: {
    words: { command: ['/bin/check'] },
    faults: { refuses: 'ended with 3: no queue', 'is slow': late, 'closes in the middle': 'ended with 137' },
    served: async (next, use) =>
      await use({
        runtime: {
          run: async (_name, { signal }) => {
            const behaviour = next();
            if (behaviour === 'is slow') return await hanging(signal);
            const ends = {
              refuses: { code: 3, output: 'no queue\n' },
              'closes in the middle': { code: 137, output: '' },
            };
            return behaviour in ends ? ends[behaviour as keyof typeof ends] : { code: 0, output: '' };
          },
        },
      }),
  },
  'command on the host': {
    words: { command: [process.execPath, '-e', asksItsAddress], where: 'host', folder: tmpdir(), port: 8080 },
    faults: { refuses: 'ended with 3: no queue', 'is slow': late, 'closes in the middle': 'ended with SIGKILL' },
    served: (next, use) =>
      serving(
        tcp((socket) => {
          const behaviour = next();
          if (behaviour !== 'is slow') socket.end(behaviour);
        }),
        (port) => use({ port }),
      ),
  },
  log: {
    words: { log: 'listening on' },
    faults: { refuses: 'no line of its log', 'is slow': late, 'says garbage': 'no line of its log' },
    served: async (next, use) =>
      await use({
        runtime: {
          logSinceStart: async () => {
            const behaviour = next();
            if (behaviour === 'is slow') return await new Promise(() => undefined);
            const said = { refuses: '', 'says garbage': '\0\u001b[2J\ufffd' };
            return behaviour in said ? said[behaviour as keyof typeof said] : 'listening on :80\n';
          },
        },
      }),
  },
};

/** A program that ends only with the check. */
const hanging = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

for (const [kind, one] of Object.entries(kinds)) checkContract(kind, one);
