import { severed } from './severed';

const world = () => {
  const done: string[] = [];
  const door = (name: string) => ({
    name,
    open: async () => void done.push(`${name} opened`),
    within: { shut: async () => void done.push(`${name} shut`) },
  });
  return { done, door };
};

test('all goes through as long as nothing is severed', async () => {
  const { done, door } = world();
  const held = severed({ door, home: '/home' }, new AbortController().signal);
  await held.door('a').open();
  await held.door('b').within.shut();
  expect([held.home, ...done]).toEqual(['/home', 'a opened', 'b shut']);
});

test('nothing acts any more after that, also by what was answered before', async () => {
  const { done, door } = world();
  const end = new AbortController();
  const held = severed({ door }, end.signal);
  const before = held.door('a');
  end.abort(new Error('over'));
  for (const act of [() => before.open(), () => before.within.shut(), () => held.door('b')])
    expect(act).toThrow('over');
  expect(done).toEqual([]);
});
