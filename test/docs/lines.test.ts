import { documents, prose, textOf } from './documents';

const most = 120;

/** Tables and quotes have lines of their own, and neither an address nor a program has a place to break. */
const isFree = (line: string): boolean =>
  /^\s*[|>]/.test(line) || !/\S\s\S/.test(line.replace(/`[^`]*`/g, 'x').replace(/^\s*([-*]|\d+\.)\s+/, ''));

test.each(documents())('no line of prose in %s is longer than 120 characters', (document) => {
  const long = prose(textOf(document))
    .split('\n')
    .filter((line) => line.length > most && !isFree(line));
  expect(long).toEqual([]);
});
