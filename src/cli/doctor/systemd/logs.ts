import { existsSync } from 'node:fs';
import { outputOf } from '../../../run-program';
import { loadedServices } from '../../systemd/read';
import { type Check, ok, warn } from '../check';
import type { UnitFacts } from './facts';
import { editing, titleOf } from './title';

/** Checks if the journal has the unit's output. Pure. */
export function checkOutput({ unit: { id, outputs, load } }: Pick<UnitFacts, 'unit'>): Check[] {
  if (load !== 'loaded') return [];
  const elsewhere = outputs.filter((to) => !/^(journal|kmsg|syslog)/.test(to));
  if (elsewhere.length === 0) return [ok(titleOf(id), 'writes to the journal')];
  const found = warn(
    titleOf(id),
    `its output goes ${elsewhere.includes('null') ? 'nowhere' : 'elsewhere than to the journal'} (${[...new Set(elsewhere)].join(', ')}): a release that fails cannot show its last lines`,
    editing(id),
  );
  return [{ ...found, lines: ['[Service]', 'StandardOutput=journal', 'StandardError=journal'] }];
}

/** Where this machine's logs go. */
export interface Journal {
  /** Storage= of journald: `auto`, `persistent`, `volatile`, `none`. */
  storage: string;
  /** True if /var/log/journal exists. */
  hasFolder: boolean;
  /** Active services that send logs to another machine. */
  shippers: string[];
}

/** Checks if logs outlive a reboot, and this machine. Pure. */
export function checkJournal({ storage, hasFolder, shippers }: Journal): Check[] {
  const isKept = storage === 'persistent' || (storage === 'auto' && hasFolder);
  return [
    isKept
      ? ok('logs', `the journal outlives a reboot (Storage=${storage})`)
      : {
          ...warn('logs', `the journal is gone after a reboot (Storage=${storage})`, 'let journald keep it:'),
          lines: [
            ...(storage === 'auto' ? [] : ['in /etc/systemd/journald.conf: Storage=persistent']),
            'mkdir -p /var/log/journal && systemctl restart systemd-journald',
          ],
        },
    shippers.length > 0
      ? ok('logs', `${shippers.join(', ')} can send them to another machine`)
      : warn(
          'logs',
          'no service that Belay knows sends logs to another machine',
          'apt-get install systemd-journal-remote, and systemctl enable --now systemd-journal-upload, or a shipper of yours',
        ),
  ];
}

const shipper =
  /^(systemd-journal-upload|r?syslog(-ng)?|promtail|alloy|vector|fluent-?bit|td-agent(-bit)?|fluentd|filebeat|journalbeat|otelcol.*|opentelemetry-collector|datadog-agent|google-cloud-ops-agent.*|amazon-cloudwatch-agent|splunk.*)\.service$/i;

/** Returns the services among these that send logs. Pure. */
export const shippersIn = (services: string[]): string[] => services.filter((name) => shipper.test(name));

/** Returns Storage= of journald's configuration; the last line counts. Pure. */
export const storageIn = (configuration: string): string =>
  [...configuration.matchAll(/^Storage=(\w+)/gm)].at(-1)?.[1] ?? 'auto';

export async function readJournal(): Promise<Journal> {
  const args = ['cat-config', '--no-pager', 'systemd/journald.conf'];
  const [configuration, services] = await Promise.all([
    outputOf({ command: 'systemd-analyze', args, timeout: 20_000 }),
    loadedServices(),
  ]);
  return {
    storage: storageIn(configuration),
    hasFolder: existsSync('/var/log/journal'),
    shippers: shippersIn(services.filter(({ active }) => active).map(({ name }) => name)),
  };
}
