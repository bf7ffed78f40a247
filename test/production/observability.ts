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

/** Prometheus' file goes by the ports that docker-compose.yml has where nobody says others. */
export function writeTargets({ folder, settings }: Stack): void {
  const path = join(folder, 'deploy', 'prometheus', 'prometheus.yml');
  const ports: Record<string, string | undefined> = {
    7251: settings.BELAY_METRICS_PORT,
    7239: settings.TEMPORAL_METRICS_PORT,
    9187: settings.POSTGRES_METRICS_PORT,
    9090: settings.PROMETHEUS_PORT,
    9093: settings.ALERTMANAGER_PORT,
  };
  const text = readFileSync(path, 'utf8')
    .replace(/127\.0\.0\.1:(\d+)/g, (_, port: string) => `127.0.0.1:${ports[port] ?? port}`)
    .replaceAll('15s', '1s');
  writeFileSync(path, text);
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
  await waitFor({ what: 'Prometheus has asked all five', until: isUp, within: 60_000, every: 500 });
}
