import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './port';
import { startProcess } from './process';

export type Prometheus = { url: string; stop(): Promise<void> };

/** Starts a Prometheus on loopback only, which scrapes as these lines of its configuration say. */
export async function startPrometheus({ dir, scrapes }: { dir: string; scrapes: string }): Promise<Prometheus> {
  const port = await freePort();
  const config = join(dir, 'prometheus.yml');
  writeFileSync(config, `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs:\n${scrapes}\n`);
  const url = `http://127.0.0.1:${port}`;
  const running = await startProcess({
    command: 'prometheus',
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(dir, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    log: join(dir, 'prometheus.log'),
    ready: () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
  });
  return { url, stop: () => running.stop() };
}
