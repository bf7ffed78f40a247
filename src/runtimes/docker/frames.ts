/** A piece of what a program without a terminal wrote. */
export interface Frame {
  kind: 'output' | 'errors';
  data: Buffer;
}

const headerLength = 8;

/**
 * The pieces of both output streams, which the engine sends in frames over one connection. The client's own reader
 * ignores how fast it is read, so a dump would fill the memory. Throws for a connection that ends within a frame.
 */
export async function* frames(connection: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let header = Buffer.alloc(0);
  let left = 0;
  for await (let chunk of connection) {
    while (chunk.length > 0) {
      if (left === 0) {
        const taken = headerLength - header.length;
        header = Buffer.concat([header, chunk.subarray(0, taken)]);
        chunk = chunk.subarray(taken);
        if (header.length < headerLength) break;
        left = header.readUInt32BE(4);
      }
      const data = chunk.subarray(0, left);
      chunk = chunk.subarray(data.length);
      left -= data.length;
      if (data.length > 0) yield { kind: header[0] === 2 ? 'errors' : 'output', data };
      if (left === 0) header = Buffer.alloc(0);
    }
  }
  if (left > 0 || header.length > 0) throw new Error('the connection to the engine broke within an answer');
}
