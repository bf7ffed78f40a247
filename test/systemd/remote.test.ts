import { BelayError } from '../../src/errors';
import { bootMachine, type Machine } from '../../testbed/systemd/machine';
import { type Remote, remote } from './remote';
import type { Sample } from './remote/sample';

const sampleModule = '/opt/belay/dist/test/systemd/remote/sample.js';
let machine: Machine;
let there: Remote<Sample>;
beforeAll(async () => {
  machine = await bootMachine({ name: 'web-2' });
  there = await remote<Sample>(machine, {
    module: sampleModule,
    name: 'sample',
    args: ['hello'],
    sync: ['greet', 'refuse', 'facts'],
  });
});
afterAll(() => machine?.close());

const refusal = { code: 'launch-failed', message: 'it does not start', hint: 'try again' };

test('has the data of the object, and runs its methods in the machine', async () => {
  expect(there.object).toMatchObject({ kind: 'sample', capabilities: { ports: [80, 81] } });
  expect(await there.object.where()).toBe('web-2');
});

test('answers at once where it is asked to, also while others wait', async () => {
  const where = there.object.where();
  expect(there.object.greet('ü')).toEqual({ text: 'hello, ü', absent: undefined, bytes: Buffer.from('ü') });
  expect(await where).toBe('web-2');
});

test('throws what is thrown there', async () => {
  let thrown: unknown;
  try {
    there.object.refuse();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(BelayError);
  expect(thrown).toMatchObject(refusal);
  const late = await remote<Sample>(machine, { module: sampleModule, name: 'sample', args: ['hello'] });
  await expect(late.object.refuse()).rejects.toMatchObject(refusal);
  await late.end();
});

test('passes on objects that methods return, with their methods', async () => {
  const sources = await there.object.sources.open({ services: ['api'] });
  expect(sources.title).toBe('sources');
  expect(sources.facts('api')).toMatchObject({ known: true, count: 2 });
  expect(sources.facts('web')).toMatchObject({ known: false });
  expect(await sources.facts('api').unseen()).toEqual(['api.conf']);
});

test('passes on the abort of a signal, before the call and during it', async () => {
  const enough = new AbortController();
  const waits = there.object.waits('a', enough.signal);
  await there.object.where();
  enough.abort(new Error('enough'));
  await expect(waits).rejects.toThrow('enough');
  const aborted = AbortSignal.abort(new Error('already'));
  await expect(there.object.waits('a', aborted)).rejects.toThrow('already');
});

test('fails with the reason where the module, or the program in the machine, ends', async () => {
  const missing = remote(machine, { module: '/opt/belay/none.js', name: 'none' });
  await expect(missing).rejects.toThrow("Cannot find module '/opt/belay/none.js'");
  const ending = await remote<Sample>(machine, { module: sampleModule, name: 'sample', args: ['hello'] });
  const why = `sample of ${sampleModule} on web-2 has ended: ended with 3`;
  await expect(ending.object.ends()).rejects.toThrow(why);
  await expect(ending.object.where()).rejects.toThrow(why);
  await ending.end();
});
