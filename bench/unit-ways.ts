import { stringify } from 'yaml';
import type { Machine } from '../testbed/systemd/machine';
import type { MachineWorker } from '../testbed/systemd/worker';
import { proxies } from './unit-proxies';
import { unit } from './unit-service';

/** A way to bring a version to a host. */
export interface Way {
  name: 'script' | 'Belay';
  /** Port at which clients ask. */
  port: number;
  /** Leaves version 1 running. */
  prepare(): Promise<unknown>;
  /** Replaces version 1 by 2. */
  switch(): Promise<unknown>;
  /** Brings version 1 again. */
  back(): Promise<unknown>;
}

interface ScriptOptions {
  port: number;
  units: string[];
  /** The commands after the new file is in its place. */
  restart: string[];
}

const builds = '/srv/project';
/** What the units of the scripts run. */
export const install = '/opt/script/web';

/** The steps of a graceful restart that administrators write: ask for health, stop, see it stop, start, ask for health. */
export const graceful = (name: string, port: number): string[] => [
  `health() { wget -q -t 1 -T 2 -O /dev/null http://127.0.0.1:${port}/health; }`,
  'health',
  `systemctl kill --kill-whom=main --signal=SIGTERM ${name}`,
  'while health; do sleep 0.1; done',
  `systemctl restart ${name}`,
  'until health; do sleep 0.1; done',
];

export function scriptWay(machine: Machine, { port, units, restart }: ScriptOptions): Way {
  const shell = (...lines: string[]) => machine.exec('bash', ['-ec', lines.join('\n')]);
  const put = (version: string) => `install -D -m 755 ${builds}/web-${version} ${install}`;
  const to = (version: string) => shell(put(version), ...restart);
  return {
    name: 'script',
    port,
    prepare: () => shell(put('1'), `systemctl restart ${units.join(' ')}`),
    switch: () => to('2'),
    back: () => to('1'),
  };
}

export interface BelayOptions {
  port: number;
  platform: string;
  /** Port of the only instance, or of each. */
  listens: number | readonly number[];
  /** Keys of the service beside those that all have. */
  service: object;
}

export function belayWay(worker: MachineWorker, { port, platform, listens, service }: BelayOptions): Way {
  const isTemplate = typeof listens !== 'number';
  const file = isTemplate ? `${platform}@.service` : `${platform}.service`;
  const place = `/opt/${platform}/${isTemplate ? '%i' : 'web'}`;
  const first = isTemplate ? listens[0]! : listens;
  const spec = {
    platform,
    proxies,
    services: {
      api: {
        runtime: 'systemd',
        ...(isTemplate ? { template: file, ports: listens, instances: listens.length - 1 } : { unit: file }),
        unit_file: `./${file}`,
        artifact: { file: './web-{version}', install: place },
        health: { ready: { http: '/health', port: first, every: '500ms', healthy: 1, within: '10s' } },
        stop: { grace: '30s' },
        ...service,
      },
    },
  };
  const say = async (...args: string[]) => {
    const { code, output, errors } = await worker.belay(args);
    if (code !== 0) throw new Error(`belay ${args.join(' ')} ended with ${code}\n${output}${errors}`);
  };
  return {
    name: 'Belay',
    port,
    async prepare() {
      const text = unit({ port: isTemplate ? '%i' : `${first}`, install: place });
      await worker.write({ 'belay.yaml': stringify(spec), [file]: text });
      await say('release', '--version', 'api=1');
    },
    switch: () => say('release', '--version', 'api=2'),
    back: () => say('rollback'),
  };
}
