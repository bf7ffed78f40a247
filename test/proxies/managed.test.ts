import { capabilitiesOf } from '../../src/spec/proxies';
import { proxyContract } from '../contracts/proxy-contract';
import { headersOf, request } from './instances';
import { type ManagedBed, managedBed } from './managed-bed';

let bed: ManagedBed;
const good: string[] = [];
let bad: string;

beforeAll(async () => {
  bed = await managedBed();
  await bed.ensure();
  for (let count = 0; count < 3; count++) good.push(await bed.instance());
  bad = await bed.instance({ READY: '503' });
});
afterAll(() => bed.close());

const url = () => `http://127.0.0.1:${bed.hostPort}`;
const empty = async (backend = 'api') => {
  for (const { server } of await bed.proxy.observe(backend)) await bed.proxy.remove({ backend, server });
};
const release = async () => {
  for (const name of good) await request(`http://${await bed.ip(name)}:8080/release`);
};

proxyContract('A managed HAProxy', capabilitiesOf({ kind: 'haproxy', managed: true, image: 'haproxy:3' }), async () => {
  const unused = [...good];
  return {
    proxy: bed.proxy,
    backend: 'api',
    servers: ['s1', 's2', 's3', 's4'],
    goodAddress: async () => `${unused.shift()}:8080`,
    badAddress: async () => `${bad}:8080`,
    async slowRequest() {
      const answer = request(`${url()}/hold`);
      return {
        async finish() {
          await release();
          return (await answer).status;
        },
      };
    },
    async request(client) {
      const { status, body } = await request(url(), undefined, headersOf(client));
      return status === 200 ? `${(JSON.parse(body) as { version: string }).version}:8080` : undefined;
    },
    async cleanup() {
      await release();
      await empty();
    },
  };
});
