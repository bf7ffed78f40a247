import { Client, Connection } from '@temporalio/client';
import { connectBelay } from '../src/client';
import { docker } from '../testbed';
import { buildHaproxyImage } from '../testbed/haproxy-image';
import { removeContainers } from '../testbed/platform';
import { prepareStack, type Stack } from '../testbed/stack';
import { buildVersions, writePlatform } from '../testbed/stack-platform';
import { median, overheads, timelineOf } from './timeline';

/**
 * Figures of docker-compose.yml: milliseconds between two steps, and the memory of each service as the engine writes
 * it.
 */
export interface ProductionFigures {
  overhead: number;
  memory: Record<string, string>;
}

const name = 'belay-production';
/** A project apart from the stack's, so that its containers are not counted. */
const platform = 'belay-production-shop';

/** Measures releases of three instances one after the other, on an idle machine. */
export async function measureProduction(): Promise<ProductionFigures> {
  const stack = await prepareStack(name);
  try {
    const image = `${platform}/app`;
    await buildVersions(image, ['1', '2']);
    const haproxy = await buildHaproxyImage('1');
    writePlatform(stack, { name: platform, image, haproxy, ports: '23200-23299', service: { instances: 3 } });
    await stack.compose('up', '--detach');
    await stack.compose('up', '--detach', '--wait', 'worker', 'prometheus', 'alertmanager', 'postgres-exporter');
    const connection = await Connection.connect({ address: stack.address });
    const client = new Client({ connection, namespace: 'belay' });
    const belay = await connectBelay(client);
    const values: number[] = [];
    for (const api of ['1', '2', '1', '2']) {
      const handle = await belay.release({ platform, versions: { api } });
      await handle.result();
      values.push(...overheads(await timelineOf(client, handle)));
    }
    await connection.close();
    return { overhead: median(values), memory: await memoryOf(stack) };
  } finally {
    await removeContainers(platform);
    await stack.remove();
  }
}

async function memoryOf(stack: Stack): Promise<Record<string, string>> {
  const services = (await stack.compose('ps', '--format', '{{.Service}} {{.Name}}')).split('\n');
  const entries = services.map(async (line) => {
    const [service, container] = line.split(' ') as [string, string];
    const used = await docker(['stats', '--no-stream', '--format', '{{.MemUsage}}', container]);
    return [service, used.split(' / ')[0]!] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
