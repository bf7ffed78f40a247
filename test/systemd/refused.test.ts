import { stringify } from 'yaml';
import { program, unit } from './programs';
import { openSite, type Site } from './site';

/** Versions that do not start, and units that no release may have: what runs before runs after. */

let site: Site;
beforeAll(async () => {
  site = await openSite('refused', { files: { 'belay.yaml': spec() } });
  await site.shell('useradd --system web');
  await site.install('web.service', unit('/opt/web/run 9161', 'User=web').replace('RestartSec=100ms', 'RestartSec=1s'));
  await site.shell('systemctl enable web.service');
  await site.build('web', program('1'));
  await site.release();
});
afterAll(() => site?.close());

const spec = (more: object = {}, artifact: object = {}): string =>
  stringify({
    platform: 'refused',
    services: {
      web: {
        runtime: 'systemd',
        unit: 'web.service',
        artifact: { file: 'web', install: '/opt/web/run', ...artifact },
        health: { ready: { http: '/version', port: 9161, every: '100ms', healthy: 1, within: '5s' } },
      },
      ...more,
    },
  });

const state = async () => ({
  version: await site.version(9161),
  units: await site.shell('cd /etc/systemd/system && find . -type f -o -type l | sort | xargs sha256sum 2>/dev/null'),
  link: await site.shell('readlink /opt/web/run'),
  active: await site.property('ActiveState', 'web.service'),
});

describe('a version that does not start is told why, and the former one runs after it', () => {
  const alien = `\x7fELF\x02\x01\x01${'\0'.repeat(9)}\x02\0\x02\0\x01${'\0'.repeat(43)}`;
  const taken =
    "#!/usr/bin/node\nrequire('node:http').createServer().listen(9162, '127.0.0.1').on('error', (error) => { throw error; });\n";
  test.each([
    ['for another machine', alien, /its program cannot be run \(status 203\)[\s\S]*→ the program is made for another/],
    ['with a missing library', undefined, /libxap\.so\.2: cannot open[\s\S]*→ install the library that it names/],
    ['whose port is taken', taken, /EADDRINUSE[\s\S]*→ another program has its port: ss -ltnp names it/],
    ['its user may not run', program('2'), /status 203[\s\S]*Permission denied[\s\S]*→ look at owner, group and mode/],
  ])('%s', async (title, text, words) => {
    if (text === undefined) await site.shell('sed s/libcap.so.2/libxap.so.2/ /sbin/getpcaps > /srv/project/web');
    else await site.build('web', text);
    await site.worker.write({ 'belay.yaml': spec({}, title.includes('user') ? { mode: '0700' } : {}) });
    if (text === taken) await site.shell(`systemd-run --unit=holder python3 -m http.server --bind 127.0.0.1 9162`);
    const before = await state();
    const { code, text: said } = await site.say('release');
    expect({ code, text: said }).toMatchObject({ code: 3, text: expect.stringMatching(words) });
    expect(said).toMatch(/is back where it was/);
    expect(await state()).toEqual(before);
  });
});

test.each([
  ['that is not there', 'none.service', 'true', /there is no unit none\.service on this host/],
  ['that is masked', 'hidden.service', 'systemctl mask hidden.service', /hidden\.service is masked/],
  [
    'that is a link elsewhere',
    'linked.service',
    'cp /etc/systemd/system/web.service /opt/linked.service; systemctl link /opt/linked.service',
    /linked\.service is a symbolic link[\s\S]*→ copy the file to \/etc\/systemd\/system\/linked\.service/,
  ],
  [
    'without [Install]',
    'static.service',
    'cd /etc/systemd/system; sed "/Install/,\\$d" web.service > static.service; systemctl daemon-reload',
    /static\.service has no WantedBy= in \[Install\]/,
  ],
])('a unit %s is refused with one message, and nothing changes', async (_title, name, before, words) => {
  await site.shell(before);
  await site.build('web', program('3'));
  await site.worker.write({ 'belay.yaml': spec({ other: { runtime: 'systemd', unit: name } }) });
  const was = await state();
  const { code, text } = await site.say('release');
  expect({ code, text }).toMatchObject({ code: 2, text: expect.stringMatching(words) });
  expect(text.match(/→/g)).toHaveLength(1);
  expect(await state()).toEqual(was);
});
