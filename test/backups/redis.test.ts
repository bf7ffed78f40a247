import { databaseReady, planted } from '../../testbed/databases';
import { docker } from '../../testbed/docker';
import { sourceContract } from '../contracts/source-contract';
import { openSite } from './site';

sourceContract('redis', async () => {
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
});

const fill = "for i = 1, 5000 do redis.call('SET', 'key' .. i, string.rep('x', 100)) end";
