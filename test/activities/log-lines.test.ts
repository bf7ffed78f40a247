import { instancesOf } from '../../activities/interceptors';
import type { Step } from '../../src/model/plan';

const base = { id: 'api/x', service: 'api', host: 'web-1', epoch: 1, needs: [] };
const ref = (name: string) => ({ name, revision: 1, ports: {}, slots: [] });
const [one, two] = [ref('shop-api-r2-1'), ref('shop-api-r1-1')];

test.each<[string, Step, string[]]>([
  ['a launch', { ...base, kind: 'launch', instance: one, fingerprint: 'f' }, [one.name]],
  ['a swap', { ...base, kind: 'swap', enter: one, leave: two }, [one.name, two.name]],
  ['a swap that only takes out', { ...base, kind: 'swap', leave: two }, [two.name]],
  ['a test', { ...base, kind: 'validate', title: 'smoke', instances: [one, two] }, [one.name, two.name]],
  ['a clean-up, which has none,', { ...base, kind: 'cleanup', keep: 2 }, []],
])('the log of %s names its instances', (_, step, expected) => expect(instancesOf(step)).toEqual(expected));
