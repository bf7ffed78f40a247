import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { projectRoot } from '../../testbed/root';
import { documents, prose, textOf } from './documents';

const link = /\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g;

/** Anchors of headings, as GitHub makes them. */
const anchorsOf = (document: string): string[] =>
  [...prose(textOf(document)).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each(documents())('%s links to files and headings that are there', (document) => {
  const broken = [...prose(textOf(document)).matchAll(link)].flatMap(([whole, path, anchor]) => {
    const target = path === '' ? document : normalize(join(dirname(document), path!));
    if (!existsSync(join(projectRoot, target))) return [whole];
    return anchor === undefined || anchorsOf(target).includes(anchor) ? [] : [whole];
  });
  expect(broken).toEqual([]);
});
