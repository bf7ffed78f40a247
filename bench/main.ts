import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { cases } from './cases';

const results = 'bench-results.json';

const program = new Command('npm run bench --')
  .description(
    `Measures releases on this machine, prints tables, and keeps the figures in ${results}, each under its case.`,
  )
  .addOption(
    new Option('--only <cases...>', 'these cases alone, in this order; all where absent').argParser(
      (name: string, before: string[] = []) => [...before, ...name.split(',')],
    ),
  )
  .addHelpText('after', `\nCases:\n${list()}`)
  .action(({ only = Object.keys(cases) }: { only?: string[] }) => run(only));

/** One case after the other; what one has measured is kept when the next fails. */
async function run(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !cases[name]);
  if (unknown.length > 0) program.error(`error: there is no case ${unknown.join(', ')}; --help lists them`);
  for (const name of names) {
    const { about, measure, table } = cases[name]!;
    process.stderr.write(`bench: ${name}: ${about}\n`);
    const figures = await measure();
    keep(name, figures);
    process.stdout.write(`${name}: ${about}\n${table(figures)}\n\n`);
  }
}

function keep(name: string, figures: unknown): void {
  const before = existsSync(results) ? (JSON.parse(readFileSync(results, 'utf8')) as object) : {};
  writeFileSync(results, `${JSON.stringify({ ...before, [name]: figures }, null, 2)}\n`);
}

function list(): string {
  const width = Math.max(...Object.keys(cases).map((name) => name.length));
  return Object.entries(cases)
    .map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}\n`)
    .join('');
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
