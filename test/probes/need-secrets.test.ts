import { checkNeed, type NeedCheck } from '../../src/probes';
import { freePort, unknownHost } from '../../testbed/port';
import { http, serving, tcp } from '../contracts/probe-contract';

const user = 'planted-user';
const password = 'pl@nted/s3cret';
const login = `${user}:${encodeURIComponent(password)}`;
const bare = (host: string) => `${host}/${user}`;

const texts: Record<string, (host: string) => string> = {
  http: (host) => `http://${login}@${host}/${user}?password=${encodeURIComponent(password)}`,
  postgres: (host) => `postgres://${login}@${host}/shop`,
  mysql: (host) => `mysql://${login}@${host}/shop`,
  redis: (host) => `redis://${login}@${host}/1`,
  qdrant: (host) => `http://${login}@${host}`,
  temporal: bare,
  grpc: bare,
};

/** PostgreSQL's and MySQL's own words name the user. */
const words = `access denied for ${user} with ${password}`;
const postgresError = () => {
  const fields = Buffer.from(`SFATAL\0C28P01\0M${words}\0\0`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(fields.length + 4);
  return Buffer.concat([Buffer.from('E'), length, fields]);
};
const mysqlError = () => {
  const body = Buffer.concat([Buffer.from([0xff, 0x15, 0x04]), Buffer.from(`#28000${words}`)]);
  return Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]);
};

const servers: Record<string, () => Parameters<typeof serving>[0]> = {
  'nobody answers': () => tcp(() => undefined),
  'the connection closes': () => tcp((socket) => void socket.end()),
  'an error of PostgreSQL': () => tcp((socket) => void socket.once('data', () => socket.end(postgresError()))),
  'an error of MySQL': () => tcp((socket) => void socket.write(mysqlError())),
  'an error of Redis': () => tcp((socket) => void socket.on('data', () => socket.write(`-WRONGPASS ${words}\r\n`))),
  'an error of http': () => http((_, response) => void response.writeHead(401, { why: words }).end(words)),
};

const kinds = Object.keys(texts) as Array<NeedCheck['kind']>;
const hidden = [user, password, encodeURIComponent(password)];

/** All that a failed check says, be it an answer or an error. */
const said = (kind: NeedCheck['kind'], host: string, timeout = 250) =>
  checkNeed({ kind, text: texts[kind]!(host), timeout }).then(
    (answer) => JSON.stringify(answer),
    (error: Error) => `threw ${error.stack} ${JSON.stringify(error)}`,
  );

function expectSecretless(text: string): void {
  expect(text).toMatch(/^\{"healthy":false,"why":"[^"]+"\}$/);
  for (const secret of hidden) expect(text).not.toContain(secret);
}

test.each(kinds)('a %s need that fails shows neither user nor password', async (kind) => {
  expectSecretless(await said(kind, `127.0.0.1:${await freePort()}`));
  expectSecretless(await said(kind, `${unknownHost}:1`));
  for (const server of Object.values(servers)) {
    expectSecretless(await serving(server(), (port) => said(kind, `127.0.0.1:${port}`)));
  }
});

test.each(kinds)('a %s need shows no text that is no address', async (kind) => {
  const answer = await checkNeed({ kind, text: `${user} ${password}`, timeout: 250 });
  expect(answer).toEqual({ healthy: false, why: `is not an address of ${kind}` });
});

test.each([
  ['postgres', 'an error of PostgreSQL', 'it refuses the password'],
  ['mysql', 'an error of MySQL', 'it refuses the user or the password'],
  ['redis', 'an error of Redis', 'it refuses the user or the password (WRONGPASS)'],
] as const)('an error with the secrets in it becomes words of our own: %s', async (kind, server, why) => {
  await serving(servers[server]!(), async (port) => {
    expect(await said(kind, `127.0.0.1:${port}`, 5000)).toBe(JSON.stringify({ healthy: false, why }));
  });
});
