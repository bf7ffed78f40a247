// The process that watchRelease() forks: a client like any other, which asks for the status again and again.
import { Client, Connection } from '@temporalio/client';
import { createHandle } from '../src/client/handle';

export interface Looks {
  count: number;
  /** Milliseconds. */
  slowest: number;
}

const every = 250;
const [address, workflowId] = process.argv.slice(2) as [string, string];
let isOver = false;

process.once('message', () => {
  isOver = true;
});

async function main(): Promise<void> {
  const client = new Client({ connection: await Connection.connect({ address }) });
  const handle = createHandle(client, workflowId);
  const looks: Looks = { count: 0, slowest: 0 };
  while (!isOver) {
    const at = Date.now();
    await handle.status();
    looks.slowest = Math.max(looks.slowest, Date.now() - at);
    looks.count += 1;
    await new Promise((resolve) => setTimeout(resolve, every));
  }
  process.send!(looks, () => process.disconnect());
  await client.connection.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
