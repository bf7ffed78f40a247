import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { handOver } from '../../src/runtimes/systemd/handover';
import { systemctlOf } from '../../src/runtimes/systemd/systemctl';
import { seatAt } from '../../src/runtimes/systemd/units';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-handover-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A systemd whose unit has failed, and that unloads it before it is reset. */
function unloading(): string {
  const path = join(home, 'systemctl');
  const script = `#!/bin/sh
echo "$2" >> ${home}/asked
case "$2" in
show) printf 'Id=belay-none.service\\nActiveState=failed\\nInvocationID=1\\n' ;;
reset-failed) echo 'Failed to reset failed state of unit belay-none.service: Unit not loaded.' >&2; exit 1 ;;
esac
`;
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}

test('a failed unit that systemd has unloaded meanwhile is started', async () => {
  const host = { home, ctl: systemctlOf({ systemctl: unloading(), journalctl: '/bin/true' }) };
  const unit = 'belay-none.service';
  const record = { format: 1 as const, name: unit, unit, ports: {}, template: { unit, directives: [] } };
  await handOver(host, { record, before: await seatAt(host, unit) });
  const asked = readFileSync(join(home, 'asked'), 'utf8').split('\n');
  expect(asked.indexOf('start')).toBeGreaterThan(asked.indexOf('reset-failed'));
  expect(asked).toContain('reset-failed');
});
