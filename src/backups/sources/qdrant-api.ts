import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Duplex, PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BelayError } from '../../errors';
import type { Bytes } from '../source';
import { type Place, readBy, runningContainer, textOf, toolsOf, variableOf } from './tool';

interface Call {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  /** Sent as JSON. */
  json?: unknown;
  upload?: Upload;
  signal: AbortSignal;
}

/** One file of a form. */
interface Upload {
  field: string;
  bytes: number;
  content: Bytes;
}

/** Requests to a Qdrant, through a program in its container: no network has to lead there. */
export interface QdrantApi {
  /** The `result` of the answer. */
  call<T>(call: Call): Promise<T>;
  /** The answer's own content, and its size if the server tells it. */
  download(call: Call): Promise<{ bytes?: number; content: Bytes }>;
}

export function qdrantApi(port: number, place: Place): QdrantApi {
  const send = async (call: Call): Promise<IncomingMessage> => {
    const container = await runningContainer(place);
    const key = place.password ?? (await variableOf(container, [keyVariable], readBy(place, call.signal)));
    const answer = await exchange(call, key, tunnel(port, place, call.signal));
    if (answer.statusCode === 200) return answer;
    throw refused(call, place.container, answer.statusCode, await textOf(answer));
  };
  return {
    call: async (call) => JSON.parse(await textOf(await send(call))).result,
    async download(call) {
      const content = await send(call);
      const bytes = content.headers['content-length'];
      return { ...(bytes !== undefined && { bytes: Number(bytes) }), content };
    },
  };
}

const keyVariable = 'QDRANT__SERVICE__API_KEY';

/** Bytes to the server and back. The image has no client, but the shell and the program `cat`. */
function tunnel(port: number, place: Place, signal: AbortSignal): Duplex {
  const input = new PassThrough();
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port} || exit; cat <&3 & cat >&3; wait`;
  const run = { argv: ['bash', '-c', script], input: endable(input), signal, what: 'Qdrant does not answer' };
  const output = toolsOf(place).run(run);
  return Duplex.from({ readable: Readable.from(output, { objectMode: false }), writable: input });
}

/** A reader that stops while it waits for more ends the stream; the stream's own reader would wait for ever. */
const endable = (input: PassThrough): Bytes => ({
  [Symbol.asyncIterator]() {
    const pieces = input.iterator();
    const stop = async () => {
      input.end();
      return { done: true as const, value: undefined };
    };
    return { next: () => pieces.next(), return: stop };
  },
});

/** The key goes in a header, so no command line has it. */
async function exchange(call: Call, key: string | undefined, connection: Duplex): Promise<IncomingMessage> {
  const { method, path, json, upload } = call;
  const text = json === undefined ? '' : JSON.stringify(json);
  const body = upload ? formOf(upload) : { type: 'application/json', bytes: Buffer.byteLength(text), content: [text] };
  const headers = {
    host: '127.0.0.1',
    connection: 'close',
    'content-type': body.type,
    'content-length': body.bytes,
    ...(key && { 'api-key': key }),
  };
  const request = httpRequest({ method, path, headers, createConnection: () => connection });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
  });
  // A server that refuses early answers before it has read all.
  const sent = pipeline(body.content, request).catch((error) => {
    if (!(error instanceof BelayError)) return;
    request.destroy(error);
  });
  const answer = await answered;
  if (answer.statusCode === 200) await sent;
  return answer;
}

function formOf({ field, bytes, content }: Upload) {
  const mark = 'belay-snapshot';
  const head = `--${mark}\r\nContent-Disposition: form-data; name="${field}"; filename="${field}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const tail = `\r\n--${mark}--\r\n`;
  async function* all() {
    yield Buffer.from(head);
    yield* content;
    yield Buffer.from(tail);
  }
  const type = `multipart/form-data; boundary=${mark}`;
  return { type, bytes: head.length + bytes + tail.length, content: all() };
}

function refused({ method, path }: Call, container: string, status: number | undefined, text: string): BelayError {
  const isKey = status === 401 || status === 403;
  return new BelayError('backup-failed', `${container} refused ${method} ${path} with ${status}: ${wordsIn(text)}`, {
    hint: isKey ? `correct the key; ${container} has it in ${keyVariable}` : `see docker logs ${container}`,
  });
}

/** Qdrant tells errors as JSON, and its web server as text. */
function wordsIn(text: string): string {
  try {
    return JSON.parse(text).status.error;
  } catch {
    return text.slice(0, 300);
  }
}
