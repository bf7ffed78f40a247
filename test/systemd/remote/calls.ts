import { once } from 'node:events';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { fromSetup } from '../../../testbed/root';
import type { Arrival, LinkData } from './link';
import { errorOf, failureOf, lineOf, type Message, messageOf } from './values';

/** Calls of functions in another program. */
export interface Calls {
  call(id: number, args: unknown[]): Promise<unknown>;
  /** As `call`, while this process waits. */
  atOnce(id: number, args: unknown[]): unknown;
  abort(signal: number, reason: unknown): void;
  /** Ends the program. */
  end(): Promise<void>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Starts the program. Its end fails the calls that wait, and later ones. */
export function openCalls(program: { command: string; args: string[]; name: string }): Calls {
  const { port1: port, port2 } = new MessageChannel();
  const arrived = new Int32Array(new SharedArrayBuffer(4));
  const workerData: LinkData = { ...program, port: port2, arrived };
  const path = fromSetup('dist', 'test', 'systemd', 'remote', 'link.js');
  const over = once(new Worker(path, { workerData, transferList: [port2] }), 'exit');
  const waiting = new Map<number, Waiting>();
  let count = 0;
  let gone: Error | undefined;
  port.on('message', take);

  return {
    call: (id, args) => new Promise((resolve, reject) => begin(id, args, { resolve, reject })),
    atOnce(id, args) {
      let settled: (() => unknown) | undefined;
      begin(id, args, {
        resolve: (value) => {
          settled = () => value;
        },
        reject: (error) => {
          settled = () => {
            throw error;
          };
        },
      });
      while (!settled) takeNext();
      return settled();
    },
    abort: (signal, reason) => send({ abort: signal, reason: failureOf(reason) }),
    async end() {
      if (!gone) port.postMessage(null);
      await over;
    },
  };

  function begin(id: number, args: unknown[], one: Waiting): void {
    if (gone) {
      one.reject(gone);
      return;
    }
    count += 1;
    waiting.set(count, one);
    send({ call: count, function: id, args });
  }

  function send(message: Message): void {
    port.postMessage(lineOf(message));
  }

  /** Takes what comes next, and blocks until it is there. */
  function takeNext(): void {
    const seen = Atomics.load(arrived, 0);
    const received = receiveMessageOnPort(port);
    if (received) take(received.message as Arrival);
    else Atomics.wait(arrived, 0, seen);
  }

  function take(arrival: Arrival): void {
    if ('ended' in arrival) fail(new Error(`${program.name} has ended: ${arrival.ended}`));
    else settle(messageOf(arrival.line));
  }

  function settle(message: Message): void {
    if (!('answer' in message)) return;
    const one = waiting.get(message.answer);
    waiting.delete(message.answer);
    if ('failure' in message) one?.reject(errorOf(message.failure));
    else one?.resolve(message.value);
  }

  function fail(error: Error): void {
    gone ??= error;
    for (const one of waiting.values()) one.reject(gone);
    waiting.clear();
  }
}
