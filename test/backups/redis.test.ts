import { databaseReady, planted } from '../../testbed/databases';
import { docker } from '../../testbed/docker';
import { sourceContract } from '../contracts/source-contract';
import { never, openSite } from './site';

sourceContract(
  'redis',
  async () => {
    const site = await openSite(() => ({ redis: { data: '/data' } }), 'redis');
    const redis = (...words: string[]) =>
      docker(['exec', '--env', `REDISCLI_AUTH=${planted}`, site.container, 'redis-cli', '-e', ...words]);
    await redis('EVAL', fill, '0');
    return {
      site,
      state: () => redis('DBSIZE'),
      lose: async () => void (await redis('FLUSHALL')),
      stop: async () => void (await docker(['stop', site.container])),
      async start() {
        await docker(['start', site.container]);
        await databaseReady('redis', site.container);
      },
      question: { query: 'DBSIZE', first: '5000' },
    };
  },
  () => {
    test.each([
      [{ data: '/other' }, [], 'this Redis keeps its files in /data, and not in /other'],
      [{ data: '/data' }, ['--dbfilename', 'a.rdb'], 'this Redis loads a.rdb, and a restore writes dump.rdb'],
    ])('a server that would not load a restored snapshot is refused: %j', async (asked, settings, message) => {
      const server = ['shannon/redis:7', 'redis-server', '--requirepass', planted, '--dir', '/data', ...settings];
      const begin = async (container: string) => {
        await docker(['run', '-d', '--name', container, '-v', '/data', '-e', `REDIS_PASSWORD=${planted}`, ...server]);
        await databaseReady('redis', container);
      };
      const site = await openSite(() => ({ redis: asked }), begin);
      try {
        await expect(site.source.facts(never)).rejects.toMatchObject({ code: 'preflight-failed', message });
      } finally {
        await site.close();
      }
    });
  },
);

const fill = "for i = 1, 5000 do redis.call('SET', 'key' .. i, string.rep('x', 100)) end";
