import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export interface OpenLoop {
  url: string;
  /** Requests a second, sent whether or not earlier ones were answered. */
  rate: number;
  /** Each on a connection of its own, in place of kept ones. */
  fresh?: boolean;
  /** Sends one request; a GET of `/` by default. */
  send?: (url: string, options: RequestOptions) => Promise<unknown>;
}

export interface Sent {
  count: number;
  /** The reason for each wrong or missing answer. */
  failures: string[];
  /** Milliseconds, of each. */
  took: number[];
}

/** Clients that do not wait for each other; `stop` waits for all answers. */
export function openLoop({ url, rate, fresh = false, send = ask }: OpenLoop): { sent: Sent; stop(): Promise<Sent> } {
  const agent = new Agent({ keepAlive: !fresh, maxSockets: Infinity });
  const sent: Sent = { count: 0, failures: [], took: [] };
  const open: Promise<void>[] = [];
  const one = async () => {
    const began = Date.now();
    sent.count += 1;
    await send(url, { agent }).catch((error: Error) =>
      sent.failures.push(`${Date.now() - began} ms: ${error.message}`),
    );
    sent.took.push(Date.now() - began);
  };
  const began = Date.now();
  const timer = setInterval(() => {
    // A timer that comes late sends what it owes.
    while (sent.count < ((Date.now() - began) / 1000) * rate) open.push(one());
  }, 5);
  return {
    sent,
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      agent.destroy();
      return sent;
    },
  };
}

/** Throws for anything but 200. */
export async function ask(url: string, options: RequestOptions = {}, body?: Buffer): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, { maxHeaderSize: 131_072, ...options }, resolve).on('error', reject);
    sent.setTimeout(60_000, () => sent.destroy(new Error('no answer within 60 s')));
    sent.end(body);
  });
  const text = (await buffer(response)).toString();
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${text.slice(0, 80).trim()}`);
  return text;
}

/** Requests for so long, in milliseconds, with what happens meanwhile. */
export async function during(load: OpenLoop, time: number, happens: () => Promise<unknown>): Promise<Sent> {
  const loop = openLoop(load);
  const [done] = await Promise.allSettled([happens(), sleep(time)]);
  const sent = await loop.stop();
  if (done?.status === 'rejected') throw done.reason;
  return sent;
}
