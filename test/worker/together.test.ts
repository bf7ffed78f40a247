import { runTogether } from '../../src/worker/together';

/** A worker that ends once it is told to, or fails. */
function fake(failure?: Error) {
  const asked: string[] = [];
  let state: 'RUNNING' | 'STOPPED' = 'RUNNING';
  let end = () => {};
  const ended = new Promise<void>((done) => {
    end = done;
  });
  return {
    asked,
    async run() {
      if (!failure) return await ended;
      state = 'STOPPED';
      throw failure;
    },
    getState: () => state,
    shutdown() {
      asked.push('shutdown');
      state = 'STOPPED';
      end();
    },
  };
}

test('a worker that fails ends those beside it, and what it failed with is told when they have ended', async () => {
  const well = fake();
  await expect(runTogether([well, fake(new Error('no such namespace'))])).rejects.toThrow('no such namespace');
  expect(well.asked).toEqual(['shutdown']);
});

test('workers that are told to end have ended well', async () => {
  const workers = [fake(), fake()];
  const running = runTogether(workers);
  for (const worker of workers) worker.shutdown();
  await running;
  expect(workers.map(({ asked }) => asked)).toEqual([['shutdown'], ['shutdown']]);
});
