/** Constants of <sys/file.h>. */
const operations = { shared: 1, exclusive: 2, withoutWaiting: 4 };

interface Library {
  func(prototype: string): (...given: number[]) => number;
}
// koffi declares itself as an ES module, and can be required too.
const koffi: { load(path: null): Library } = require('koffi');
/** The C library that this process runs with. */
const flock = koffi.load(null).func('int flock(int fd, int operation)');

/** Locks an open file without waiting. Returns false if another process has it, or if it cannot be locked. */
export function tryFlock(fd: number, { shared = false }: { shared?: boolean }): boolean {
  const kind = shared ? operations.shared : operations.exclusive;
  return flock(fd, kind | operations.withoutWaiting) === 0;
}
