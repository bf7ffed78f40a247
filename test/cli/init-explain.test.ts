import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../compose/folder';
import { belay } from './support';

const compose = `services:
  api:
    image: shop/api:1
    ports: ["8080:80"]
    environment:
      DATABASE_URL: postgres://shop:hunter2@orders:5432/shop
    volumes: ["uploads:/app/uploads"]
  orders:
    image: shop/store:1
    environment: { POSTGRES_PASSWORD: hunter2 }
volumes: { uploads: {} }
`;

let project: ReturnType<typeof projectFolder>;
beforeEach(() => {
  project = projectFolder({ 'compose.yaml': compose });
});
afterEach(() => project.remove());

const explain = (...args: string[]) => belay(['init', '--explain', ...args], { cwd: project.folder });

test('prints each piece of evidence with its place and weight, and writes nothing', async () => {
  const { code, out } = await explain('orders');
  expect(code).toBe(0);
  expect(out).toMatch(/^orders: left to Compose\n {2}because it is a database/);
  expect(out).toContain('database, decides alone: compose.yaml:5 services.api.environment.DATABASE_URL: postgres://');
  expect(out).toContain('database, needs a second: compose.yaml:10 services.orders.environment.POSTGRES_PASSWORD');
  expect(out).not.toContain('hunter2');
  expect(out).not.toMatch(/^api: /m);
  expect(existsSync(join(project.folder, 'belay.yaml'))).toBe(false);
});

test('explains all services without a name, ports and mounts too', async () => {
  const { out } = await explain();
  expect(out).toMatch(/^api: rolling\n {2}because listens at 80; shares uploads:\/app\/uploads/);
  expect(out).toContain('port 80: compose.yaml:4 services.api.ports: 8080:80');
  expect(out).toContain('shared: compose.yaml:7 services.api.volumes: uploads:/app/uploads: uploaded or static files');
  expect(out).toContain('\n\norders: left to Compose');
});

test('is one JSON object with --json', async () => {
  const { out } = await explain('--json');
  expect(JSON.parse(out)).toMatchObject({
    type: 'explain',
    services: [
      { name: 'api', release: 'rolling', evidence: expect.any(Array) },
      {
        name: 'orders',
        kind: 'database',
        release: 'left to Compose',
        evidence: expect.arrayContaining([expect.objectContaining({ for: 'database', weight: 'alone' })]),
      },
    ],
  });
});

test('an unknown name is refused with the one that was meant', async () => {
  const { code, err } = await explain('oders');
  expect(code).toBe(2);
  expect(err).toContain('compose.yaml has no service oders');
  expect(err).toContain('did you mean orders?');
  expect((await explain('mailer')).err).toContain('it has api, orders');
});
