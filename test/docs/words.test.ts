import { textOf } from './documents';

const [, words = ''] = /^## Words\n([\s\S]*?)^## /m.exec(textOf('docs/how-it-works.md')) ?? [];
const explained = [...words.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell]) => cell!.trim().split(', '));

test.each(['claim', 'fence', 'head', 'pending', 'recorded', 'abandoned', 'drain', 'swap', 'retire', 'gate', 'hold'])(
  'the word %s, which plans and the history show, is explained',
  (word) => {
    expect(explained).toContain(word);
  },
);
