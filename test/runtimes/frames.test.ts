import fc from 'fast-check';
import { type Frame, frames } from '../../src/runtimes/docker/frames';

const kinds = { output: 1, errors: 2 };

function framed(all: Array<{ kind: Frame['kind']; text: string }>): Buffer {
  const pieces = all.map(({ kind, text }) => {
    const header = Buffer.from([kinds[kind], 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  });
  return Buffer.concat(pieces);
}

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(connection: AsyncIterable<Buffer>): Promise<Record<Frame['kind'], string>> {
  const found = { output: '', errors: '' };
  for await (const { kind, data } of frames(connection)) found[kind] += data.toString('latin1');
  return found;
}

test('both streams are told apart, however the connection cuts them', async () => {
  const frame = fc.record({
    kind: fc.constantFrom('output' as const, 'errors' as const),
    text: fc.string({ unit: 'grapheme-ascii' }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(frame), fc.integer({ min: 1, max: 20 }), async (all, size) => {
      const of = (kind: Frame['kind']) => all.flatMap((one) => (one.kind === kind ? [one.text] : [])).join('');
      expect(await read(cut(framed(all), size))).toEqual({ output: of('output'), errors: of('errors') });
    }),
  );
});

test('a connection that ends within a frame has broken', async () => {
  const bytes = framed([{ kind: 'output', text: 'whole' }]);
  for (const length of [3, 8, 10]) {
    await expect(read(cut(bytes.subarray(0, length), 4))).rejects.toThrow('broke within an answer');
  }
});
