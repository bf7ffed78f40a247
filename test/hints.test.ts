import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { serving } from '../src/cli/serve/advice';
import { hints } from '../src/hints';
import { findFolder } from '../src/project/folders';

/** The environment as docker-compose.yml writes it for the worker. */
const { services } = parse(readFileSync(join(__dirname, '..', 'docker-compose.yml'), 'utf8')) as {
  services: { worker: { environment: Record<string, string> } };
};
const { BELAY_STACK } = services.worker.environment;

const texts = ({ temporalAway, workerAway, unpolled, anotherTemporal, ...more }: ReturnType<typeof hints>) => [
  temporalAway,
  workerAway,
  unpolled,
  anotherTemporal,
  more.platformUnknown(['/srv']),
  more.workerFor('/srv:/more'),
];

test('in the worker of the production stack every hint names its commands, and none those of the development server', () => {
  for (const text of texts(hints({ BELAY_STACK }))) {
    expect(text).toContain('docker compose up -d --wait');
    expect(text).not.toMatch(/belay (serve|worker)/);
  }
});

test('elsewhere every hint names the commands of Belay', () => {
  for (const text of texts(hints({}))) expect(text).toMatch(/belay (serve|worker)/);
});

test('a Temporal at another port of this machine is to be started at that port', () => {
  expect(hints({ TEMPORAL_ADDRESS: '127.0.0.1:7533' }).temporalAway).toMatch(
    /^`belay serve --port 7533` starts one there/,
  );
  expect(hints({ TEMPORAL_ADDRESS: '127.0.0.1:7233' })).toEqual(hints({}));
  expect(hints({ TEMPORAL_ADDRESS: 'temporal.example.com:7233' })).toEqual(hints({}));
});

test('whoever has just started a worker is told that it takes some seconds', () => {
  expect(hints({}).unpolled).toMatch(/^start one: belay serve, .*takes some seconds$/);
  expect(hints({ BELAY_STACK }).unpolled).toMatch(/takes some seconds.*docker compose up -d --wait waits for it/);
});

describe('in the process of that worker', () => {
  beforeEach(() => {
    process.env.BELAY_STACK = BELAY_STACK;
  });
  afterEach(() => {
    delete process.env.BELAY_STACK;
  });

  test('a platform that no folder has is to be put into the folder that is there', async () => {
    await expect(findFolder(['/nowhere'], { platform: 'shop' })).rejects.toMatchObject({
      code: 'platform-unknown',
      hint: hints({ BELAY_STACK }).platformUnknown(['/nowhere']),
    });
  });

  test('a folder that is not served is added in .env', () => {
    expect(serving({ specs: ['/srv'], folder: '/more' })).toBe(hints({ BELAY_STACK }).workerFor('/srv:/more'));
  });
});
