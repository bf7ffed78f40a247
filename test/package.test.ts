import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf } from '../src/run-program';
import { projectRoot } from '../testbed/root';

test('the npm package has the programs and the documents, and nothing of tests', async () => {
  const args = ['pack', '--dry-run', '--ignore-scripts', '--json'];
  const packed = JSON.parse(await outputOf({ command: 'npm', args, cwd: projectRoot })) as [
    { files: { path: string }[] },
  ];
  const paths = packed[0].files.map(({ path }) => path);
  const documents = readdirSync(join(projectRoot, 'docs'), { recursive: true, encoding: 'utf8' });
  expect(paths).toEqual(
    expect.arrayContaining([
      ...documents.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
      ...['README.md', 'CHANGELOG.md', 'package.json', 'schema.json'],
    ]),
  );
  const folders = new Set(
    paths.filter((path) => path.includes('/')).map((path) => path.split('/').slice(0, 2).join('/')),
  );
  const isProgram = (folder: string) => /^dist\/(src|workflows|activities|workflow-bundle(-traced)?\.js)$/.test(folder);
  expect([...folders].filter((folder) => !isProgram(folder) && !folder.startsWith('docs/'))).toEqual([]);
});
