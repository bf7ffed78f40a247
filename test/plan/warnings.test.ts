import { warningLines } from '../../src/plan/warnings';
import { desiredService, instance } from './arbitraries';
import { shopPlan } from './shop';

test('a warning that several services share is one line with their names', () => {
  const route = 'no route through a proxy';
  expect(
    warningLines([
      { service: 'api', warnings: [route, 'a floating tag'] },
      { service: 'web', warnings: ['slow', route, route] },
    ]),
  ).toEqual([`api, web: ${route}`, 'api: a floating tag', 'web: slow']);
  expect(warningLines([])).toEqual([]);
});

test('a first release of edited files warns of docker compose up once', () => {
  const names = ['api', 'web', 'worker'];
  const services = names.map((service) =>
    desiredService({ service, routes: [], compose: { scale: 1, image: 'shop/api:2' }, instances: 1 }),
  );
  const seen = Object.fromEntries(
    names.map((service) => [
      service,
      {
        fence: { epoch: 0 },
        revisions: [],
        nextRevision: 1,
        freeSlots: [],
        instances: [instance({ name: `shop-${service}-1`, revision: 0, slots: [], outdated: true })],
      },
    ]),
  );
  const { warnings } = shopPlan({ services, seen });
  expect(warnings).toEqual([expect.stringMatching(/^api, web, worker: do not run docker compose up before/)]);
});
