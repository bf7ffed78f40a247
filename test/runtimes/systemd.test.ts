import { randomBytes } from 'node:crypto';
import { bootMachine } from '../../testbed/systemd/machine';
import { waitFor } from '../../testbed/wait';
import { runtimeContract } from '../contracts/runtime-contract';
import { listener, projectIn, runtimeIn } from '../systemd/runtime';

const unitText = `[Unit]
Description=A program of the contract

[Service]
Type=notify
NotifyAccess=all
ExecStart=/opt/contract/%p/%i %i
Restart=always
RestartSec=100ms

[Install]
WantedBy=multi-user.target
`;

runtimeContract('systemd', async () => {
  const machine = await bootMachine({ name: 'contract' });
  const platform = `c${randomBytes(3).toString('hex')}`;
  const folder = '/srv/contract';
  await machine.write(`${folder}/listener`, listener, 0o755);
  const unitOf = (service: string) => `${platform}-${service}@.service`;
  const names = Array.from({ length: 26 }, (_, index) => `s${index + 1}`);
  for (const name of names) await machine.write(`/etc/systemd/system/${unitOf(name)}`, unitText);
  await machine.exec('systemctl', ['daemon-reload']);
  const { object: runtime, end } = await runtimeIn(machine, { home: '/var/lib/belay' });
  const offline = await runtimeIn(machine, { home: '/var/lib/belay-offline', offline: true });
  const opened = [offline];
  let port = 30_000;
  return {
    runtime,
    offline: offline.object,
    platform,
    ref: `file ${folder}/listener`,
    unknownRef: `file ${folder}/none`,
    project: (services) =>
      projectIn(folder, {
        platform,
        services: Object.fromEntries(
          services.map((name) => [
            name,
            {
              runtime: 'systemd',
              template: unitOf(name),
              ports: [9001, 9002],
              artifact: { file: 'listener', install: `/opt/contract/${platform}-${name}/%i` },
              env: { GREETING: 'hello' },
            },
          ]),
        ),
      }),
    freePort: async () => ++port,
    job: (code) => ['/bin/sh', '-c', `echo up; ${code === undefined ? 'exec sleep 1000' : `exit ${code}`}`],
    another: async () => {
      const other = await runtimeIn(machine, { home: '/var/lib/belay' });
      opened.push(other);
      return other.object;
    },
    settled: async (name) => {
      const changing = async () => {
        const found = (await runtime.labelled()).find((one) => one.name === name);
        if (!found) return false;
        const jobs = await machine.exec('systemctl', ['list-jobs', '--no-legend']);
        return jobs.includes(`${platform}-${found.service}@`);
      };
      await waitFor({ what: `${name} at rest`, until: async () => !(await changing()) });
    },
    close: async () => {
      await Promise.all([end(), ...opened.map((one) => one.end())]);
      await machine.close();
    },
  };
});
