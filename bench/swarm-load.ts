import { createInterface } from 'node:readline';
import { startLoad } from '../testbed/load';

/**
 * The comparison's load inside the Swarm's network. It reads `mark PHASE` from standard input, and prints the result
 * when that ends.
 */
async function main(url: string): Promise<void> {
  const load = await startLoad({ url, clients: 8 });
  process.stdout.write('{"ready":true}\n');
  for await (const line of createInterface({ input: process.stdin })) {
    const [verb, phase] = line.split(' ');
    if (verb === 'mark') await load.mark(phase!);
  }
  process.stdout.write(`${JSON.stringify(await load.stop())}\n`);
}

void main(process.argv[2]!);
