import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootMachine, type Machine } from '../../testbed/systemd/machine';
import { type MachineWorker, startMachineWorker } from '../../testbed/systemd/worker';
import { startTemporal, type Temporal } from '../../testbed/temporal';

const spec = `platform: shop
services:
  api:
    image: api:1
    health: { ready: { http: /ready, port: 8080 } }
`;

const dir = mkdtempSync(join(tmpdir(), 'belay-systemd-'));
let temporal: Temporal;
let machine: Machine;
let worker: MachineWorker;
beforeAll(async () => {
  [temporal, machine] = await Promise.all([startTemporal({ dir }), bootMachine({ name: 'web-3' })]);
  const port = Number(temporal.address.split(':')[1]);
  worker = await startMachineWorker(machine, { temporal: port, files: { 'belay.yaml': spec } });
});
afterAll(async () => {
  await machine?.close();
  await temporal?.stop();
  rmSync(dir, { recursive: true });
});

const polling = async () => (await worker.belay(['doctor'])).output.match(/✓ worker +belay(-host-\S+)?: \d+@\S+/g);

test('a worker polls from the machine, and again after a reboot of it', async () => {
  expect(await polling()).toHaveLength(2);
  expect(await worker.belay(['status'])).toMatchObject({ code: 2, errors: expect.stringContaining('shop has never') });
  await machine.restart();
  await worker.ready();
  expect(await polling()).toHaveLength(2);
});
