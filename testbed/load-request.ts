import { createHash, randomBytes } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { LoadOptions } from './load-messages';

/**
 * Returns a client with a connection of its own. A call returns the answering version, and throws on any wrong answer.
 */
export function createClient({
  url,
  keepAlive = true,
  method = 'GET',
  path = '/api/ping',
  bodyBytes = 2_000,
  post,
  timeout = 10_000,
}: LoadOptions) {
  const by = { agent: new Agent({ keepAlive, maxSockets: 1 }), timeout };
  let sent = 0;
  return async (): Promise<string> => {
    sent += 1;
    const posts = method === 'POST' || (method === 'mixed' && sent % 2 === 0);
    if (!posts) return get(by, url + path);
    return post ? tell(by, url + post.path, post.body) : echo(by, url, randomBytes(bodyBytes));
  };
}

async function get(by: By, url: string): Promise<string> {
  return versionOf(await send({ ...by, url, method: 'GET' }));
}

async function tell(by: By, url: string, body: string): Promise<string> {
  return versionOf(await send({ ...by, url, method: 'POST', body: Buffer.from(body) }));
}

async function echo(by: By, url: string, body: Buffer): Promise<string> {
  const answer = await send({ ...by, url: `${url}/echo`, method: 'POST', body });
  const sha256 = createHash('sha256').update(body).digest('hex');
  if (!answer.includes(sha256)) throw new Error(`wrong echo: ${answer.slice(0, 200)}`);
  return versionOf(answer);
}

function versionOf(answer: string): string {
  const { version } = JSON.parse(answer) as { version?: unknown };
  if (typeof version !== 'string') throw new Error(`answer without a version: ${answer.slice(0, 200)}`);
  return version;
}

type By = { agent: Agent; timeout: number };
type Sending = By & { url: string; method: string; body?: Buffer };

// Node's own client never retries, so a reply lost on a reused connection counts as a failure.
function send({ agent, timeout, url, method, body }: Sending): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = body ? { 'content-length': body.length } : {};
    const outgoing = request(url, { agent, method, headers, signal: AbortSignal.timeout(timeout) });
    const failed = (error: Error) => reject(describe(error, { timeout, reused: outgoing.reusedSocket }));
    outgoing.on('error', failed).on('response', (response) => read(response).then(resolve, failed));
    outgoing.end(body);
  });
}

async function read(response: IncomingMessage): Promise<string> {
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}: ${answer.trim().slice(0, 200)}`);
  return answer;
}

function describe(error: Error, { timeout, reused }: { timeout: number; reused: boolean }): Error {
  const { name, message, code } = error as NodeJS.ErrnoException;
  const what = name === 'AbortError' || name === 'TimeoutError' ? `no answer within ${timeout} ms` : message;
  return new Error([what, code, reused ? 'on a reused connection' : ''].filter(Boolean).join(', '));
}
