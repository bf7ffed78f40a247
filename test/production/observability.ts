import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../../testbed';
import type { Stack } from '../../testbed/stack';

interface Panel {
  title: string;
  targets: Array<{ expr: string }>;
}

/** Each query of the dashboard, as Grafana would send it for the last ten minutes. */
export function queriesOf(dashboard: string): Array<{ title: string; query: string }> {
  const { panels } = JSON.parse(readFileSync(dashboard, 'utf8')) as { panels: Panel[] };
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({
      title,
      query: expr.replaceAll('$__range', '10m').replaceAll('$__rate_interval', '1m'),
    })),
  );
}

/** Scrapes more often than each quarter of a minute, which tests would wait for. */
export function scrapeOften({ folder }: Stack): void {
  const path = join(folder, 'deploy', 'prometheus', 'prometheus.yml');
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('15s', '1s'));
}

interface Answer {
  status: string;
  error?: string;
  data: { result: unknown[] };
}

export async function ask({ settings }: Stack, query: string): Promise<Answer> {
  const url = new URL(`http://127.0.0.1:${settings.PROMETHEUS_PORT}/api/v1/query`);
  url.searchParams.set('query', query);
  return (await (await fetch(url)).json()) as Answer;
}

export async function untilScraped(stack: Stack): Promise<void> {
  const isUp = async () => (await ask(stack, 'up == 1')).data.result.length === 5;
  await waitFor({ what: 'Prometheus has asked all five', until: isUp, within: 180_000, every: 500 });
}
