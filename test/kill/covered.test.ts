import { effectIds } from '../../src/hosts/effects';
import { effectWays } from '../e2e/crash-cases';
import { scenes } from './scenes';

/** Effects that no release reaches with engine and proxies in memory; only the real kill matrix covers them. */
const onlyReal = ['restore.keep forward'];

test('a worker dies at each effect, on each way on which it happens', () => {
  expect(Object.keys(effectWays).sort()).toEqual([...effectIds].sort());
  const all = Object.entries(effectWays).flatMap(([id, ways]) => ways.map((way) => `${id} ${way}`));
  const played = scenes.flatMap((scene) =>
    (['forward', 'undo'] as const).flatMap((way) => (scene[way] ?? []).map((id) => `${id} ${way}`)),
  );
  expect(all.filter((one) => !played.includes(one))).toEqual(onlyReal);
});
