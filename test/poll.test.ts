import { poll, retry } from '../src/poll';

const every = 1;

describe('polling', () => {
  test('gives the first answer, and asks no more', async () => {
    const answers = [undefined, false, 0, 7] as const;
    let asked = 0;
    expect(await poll({ until: () => answers[asked++], every })).toBe(0);
    expect(asked).toBe(3);
  });

  test('asks once though there is no time, and gives nothing', async () => {
    let asked = 0;
    const until = async () => {
      asked += 1;
      return undefined;
    };
    expect(await poll({ until, every, within: 0 })).toBeUndefined();
    expect(asked).toBe(1);
  });

  test('throws what is thrown', async () => {
    const until = () => Promise.reject(new Error('broken'));
    await expect(poll({ until, every })).rejects.toThrow('broken');
  });

  test('ends with the reason of the signal, without another question', async () => {
    const over = new AbortController();
    let asked = 0;
    const until = () => {
      asked += 1;
      setImmediate(() => over.abort(new Error('told to')));
      return false;
    };
    await expect(poll({ until, every: 60_000, signal: over.signal })).rejects.toThrow('told to');
    await expect(poll({ until, every, signal: over.signal })).rejects.toThrow('told to');
    expect(asked).toBe(1);
  });
});

describe('trying again', () => {
  const failing = (...errors: string[]) => {
    let tries = 0;
    const attempt = async () => {
      const error = errors[tries++];
      if (error !== undefined) throw new Error(error);
      return tries;
    };
    return { attempt, passes: (error: unknown) => (error as Error).message === 'busy', every };
  };

  test('goes on while it fails of what passes', async () => {
    expect(await retry(failing('busy', 'busy'))).toBe(3);
  });

  test('throws another error at once, and the last one when the time is over', async () => {
    await expect(retry(failing('busy', 'broken'))).rejects.toThrow('broken');
    await expect(retry({ ...failing('busy'), within: 0 })).rejects.toThrow('busy');
  });
});
