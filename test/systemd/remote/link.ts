import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type MessagePort, workerData } from 'node:worker_threads';

/** A thread that talks with a program by lines, so that the test's own thread may wait for a line without an event loop. */

export interface LinkData {
  command: string;
  args: string[];
  port: MessagePort;
  /** Counts what has come, for whoever waits. */
  arrived: Int32Array;
}

/** Sent to the test: a line, or the end of the program. */
export type Arrival = { line: string } | { ended: string };

const { command, args, port, arrived } = workerData as LinkData;
const child = spawn(command, args, { stdio: 'pipe' });
let errors = '';

const tell = (arrival: Arrival) => {
  port.postMessage(arrival);
  Atomics.add(arrived, 0, 1);
  Atomics.notify(arrived, 0);
};

createInterface({ input: child.stdout }).on('line', (line) => tell({ line }));
child.stderr.setEncoding('utf8').on('data', (text: string) => {
  errors += text;
});
child.stdin.on('error', () => undefined);
child.on('error', ({ message }) => tell({ ended: message }));
child.on('close', (code, signal) => {
  tell({ ended: errors.trim() || `ended with ${code ?? signal}` });
  port.close();
});
// The test ends the program by closing its input.
port.on('message', (line: string | null) => (line === null ? child.stdin.end() : child.stdin.write(`${line}\n`)));
