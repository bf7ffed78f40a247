import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../testbed/root';

/** The Markdown files of the project, by their paths in it. */
export const documents = (): string[] => [
  ...readdirSync(projectRoot).filter(isMarkdown),
  ...['docs', 'examples'].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => isMarkdown(name) && !name.includes('node_modules'))
      .map((name) => join(folder, name)),
  ),
];

const isMarkdown = (name: string): boolean => name.endsWith('.md');

export const textOf = (document: string): string => readFileSync(join(projectRoot, document), 'utf8');

/** The blocks of a document in this language. */
export const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block!);

/** The document without its blocks. */
export const prose = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '');
