import type { Runtime } from '../../src/runtimes/runtime';
import { timespan } from '../../src/runtimes/systemd/timespan';
import type { Machine } from '../../testbed/systemd/machine';
import { waitFor } from '../../testbed/wait';
import { unit } from './programs';
import { releasing, runtimeIn } from './runtime';

interface Context {
  machine: Machine;
  runtime: Runtime;
}

const asleep = (more: string, service = ''): string =>
  `[Unit]\n${more}\n[Service]\nExecStart=/usr/bin/sleep infinity\n${service}\n[Install]\nWantedBy=multi-user.target\n`;

/** What a plan knows of units, beside what systemd itself says of them. */
export function unitChecks(context: () => Context): void {
  const shell = (text: string) => context().machine.exec('sh', ['-c', text]);
  const property = (name: string, of: string) =>
    context().machine.exec('systemctl', ['show', '--value', '-p', name, of]);
  const plan = (name: string, service: object, runtime = context().runtime) =>
    releasing(runtime).plan({ name, service });
  const warnings = async (name: string, service: object) =>
    (await (await plan(name, service)).warnings!([name])).said.join('\n');
  const problems = async (name: string, service: object, runtime?: Runtime) =>
    (await plan(name, service, runtime)).facts(name).problems.map(({ why }) => why);
  const write = (path: string, text: string) => context().machine.write(`/etc/systemd/system/${path}`, text);

  describe('a plan knows', () => {
    test.each(['5m', '2 min', '90sec', '30 s', '1hr', '5min', '1h 2min 3', '1.5s', '7', '0', 'infinity', 'soon', ''])(
      'TimeoutStopSec=%s as systemd does',
      async (time) => {
        await write('time.service', asleep('', `TimeoutStopSec=${time}`));
        await shell('systemctl daemon-reload');
        const shown = timespan(await property('TimeoutStopUSec', 'time.service'))!;
        const expected = Number.isFinite(shown) ? shown + 2_000 : 30_000;
        expect((await plan('time', { unit: 'time.service' })).facts('time').stop.grace).toBe(expected);
      },
    );

    test('the usual time of the host', async () => {
      await write('../system.conf.d/stop.conf', '[Manager]\nDefaultTimeoutStopSec=44\n');
      await write('time.service', asleep(''));
      await shell('systemctl daemon-reexec');
      expect(await property('TimeoutStopUSec', 'time.service')).toBe('44s');
      expect((await plan('time', { unit: 'time.service' })).facts('time').stop.grace).toBe(46_000);
      await shell('rm /etc/systemd/system.conf.d/stop.conf; systemctl daemon-reexec');
    });

    test('owners of an artifact that the host does not have', async () => {
      await write('time.service', asleep(''));
      await shell('systemctl daemon-reload');
      const artifact = { file: 'x', install: '/opt/x', owner: 'nobody', group: 'parcle' };
      const asked = { unit: 'time.service', artifact };
      expect(await problems('time', asked)).toEqual(['artifact: there is no group parcle on this host']);
      expect(await problems('time', { ...asked, unit_file: 'time.service', user: 'parcle' })).not.toContainEqual(
        expect.stringContaining('parcle on this host'),
      );
    });

    test('which units a restart and a stop reach', async () => {
      const units = {
        lead: 'PropagatesStopTo=aside.service',
        requires: 'Requires=lead.service\nAfter=lead.service',
        bound: 'BindsTo=lead.service\nAfter=lead.service',
        part: 'PartOf=lead.service',
        further: 'Requires=requires.service',
        idle: 'Requires=lead.service',
        aside: '',
        upholds: 'Upholds=held.service',
        held: '',
        against: 'Conflicts=calm.service',
        calm: '',
      };
      for (const [name, text] of Object.entries(units)) await write(`${name}.service`, asleep(text));
      await shell('systemctl daemon-reload; systemctl start lead requires bound part further aside upholds against');
      const lead = { unit: 'lead.service' };
      expect(await warnings('lead', lead)).toContain(
        'a restart of lead.service restarts bound.service, further.service, part.service, requires.service too',
      );
      expect(await problems('lead', { ...lead, strategy: { kind: 'recreate' } })).toEqual([
        'recreate stops lead.service, and systemd stops bound.service, further.service, part.service, requires.service, aside.service with it; nothing starts these again',
      ]);
      expect(await problems('held', { unit: 'held.service', strategy: { kind: 'recreate' } })).toEqual([
        'recreate stops held.service, and upholds.service would start it again at once (Upholds=)',
      ]);
      expect(await warnings('calm', { unit: 'calm.service' })).toContain(
        'a start of calm.service stops against.service (Conflicts=)',
      );
      const others = ['bound', 'further', 'part', 'requires', 'aside'];
      const runs = () => Promise.all(others.map((name) => property('InvocationID', `${name}.service`)));
      const before = await runs();
      await shell('systemctl restart lead');
      const after = await runs();
      expect(after.map((run, index) => run === before[index])).toEqual([false, false, false, false, true]);
      await shell('systemctl stop lead; systemctl start lead');
      const states = await Promise.all(others.map((name) => property('ActiveState', `${name}.service`)));
      expect(states).toEqual(others.map(() => 'inactive'));
      await shell('systemctl stop upholds held lead against');
    });

    test('that the unit lets a later drop-in and its own file of variables win', async () => {
      await context().machine.write('/etc/default/loud', 'GREETING=of-the-file\n', 0o600);
      await context().machine.write('/srv/project/loud', '#!/bin/sh\nenv; exec sleep 1000\n', 0o755);
      const text = unit('/opt/loud/run', 'EnvironmentFile=-/etc/default/%p').replace('Type=notify', 'Type=exec');
      await write('loud.service', text);
      await write('loud.service.d/override.conf', '[Service]\nEnvironment=COLOUR=red\nNice=7\n');
      await shell('systemctl daemon-reload');
      const service = {
        unit: 'loud.service',
        artifact: { file: 'loud', install: '/opt/loud/run' },
        env: { GREETING: 'of-the-spec', COLOUR: 'blue', PLAIN: '%H 100%' },
        settings: { Nice: 3 },
      };
      const said = await warnings('loud', service);
      expect(said).toContain(
        '/etc/systemd/system/loud.service.d/override.conf replaces Environment=COLOUR, Nice= of the spec',
      );
      expect(said).toContain('env.GREETING has no effect: /etc/default/loud sets GREETING too');
      const { runtime } = context();
      const name = await releasing(runtime).release({ name: 'loud', revision: 1, service });
      const isUp = async () => (await runtime.logTail(name, 50)).includes('COLOUR=');
      await waitFor({ what: 'its variables', until: isUp });
      const log = await runtime.logTail(name, 50);
      for (const line of ['GREETING=of-the-file', 'COLOUR=red', 'PLAIN=%H 100%'])
        expect(log.split('\n')).toContain(line);
      expect(await property('Nice', 'loud.service')).toBe('7');
      await runtime.remove(name);
    });

    test('the drop-ins of every instance of a template', async () => {
      await write('many@.service', asleep(''));
      const service = { template: 'many@.service', ports: [9401, 9402] };
      const told = async () => {
        await shell('systemctl daemon-reload');
        const sources = await plan('many', service);
        return (await sources.told('many', { digest: '1', ports: [], routes: [], stop: { grace: 1 } })).unit;
      };
      const before = await told();
      await write('many@9402.service.d/more.conf', '[Service]\nNice=3\n');
      const after = await told();
      expect(after).not.toEqual(before);
      expect(await told()).toEqual(after);
    });

    test('that a socket starts a unit which Belay installs', async () => {
      const { machine, runtime } = context();
      await write('door.socket', '[Socket]\nListenStream=/run/door\n[Install]\nWantedBy=sockets.target\n');
      await shell('systemctl enable door.socket; systemctl daemon-reload');
      await machine.write('/srv/project/door.service', '[Service]\nExecStart=/usr/bin/sleep infinity\n');
      const service = { unit: 'door.service', unit_file: './door.service' };
      expect(await problems('door', service)).toEqual([]);
      const name = await releasing(runtime).release({ name: 'door', revision: 1, service });
      expect(await property('ActiveState', 'door.socket')).toBe('active');
      await runtime.remove(name);
      await shell('systemctl disable --now door.socket; rm /etc/systemd/system/door.socket; systemctl daemon-reload');
      await machine.write('/srv/project/door.service', '[Service]\nExecStart=/usr/bin/sleep infinity\n');
      expect(await problems('door', service)).toEqual([
        'door.service has no WantedBy= in [Install], so that it would not start again with the host',
      ]);
    });

    test('that a revision of another platform leads from the same path', async () => {
      await write('path.service', asleep(''));
      await shell('systemctl daemon-reload; cp /usr/bin/sleep /srv/project/path');
      const sources = await plan('path', {
        unit: 'path.service',
        artifact: { file: 'path', install: '/opt/path/run' },
      });
      const identity = { platform: 'shop', service: 'path', revision: 1, instance: 0, fingerprint: 'f', release: 'r' };
      const artifact = { kind: 'file' as const, source: '/srv/project/path', sha256: 'a'.repeat(64) };
      const { resources } = await sources.template('path', { identity, artifact, stop: { grace: 1 }, routed: false });
      const own = { projects: ['other.service'], shared: { units: ['other.service'], installs: ['/opt/path/run'] } };
      const theirs = { projects: ['path.service'], shared: resources };
      expect(context().runtime.inBoth(own, theirs)?.what).toBe('the path /opt/path/run in artifact.install');
    });

    test('that another BELAY_HOME has a unit', async () => {
      const other = await runtimeIn(context().machine, { home: '/var/lib/belay-other' });
      expect(await problems('often', { unit: 'often.service' }, other.object)).toEqual([
        '/etc/systemd/system/often.service.d/50-belay.conf gives often.service to shop-often-r2-1 of shop/often, which /var/lib/belay-other does not know',
      ]);
      await other.end();
    });
  });
}
