import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { cases } from './cases';
import { type Goal, goalsTable } from './goals';

const results = 'bench-results.json';
const withGoals = Object.keys(cases).filter((name) => cases[name]!.goals);

const program = new Command('npm run bench --')
  .description(
    `Measures releases on this machine, prints tables, and keeps the figures in ${results}, each under its case.`,
  )
  .addOption(
    new Option('--only <cases...>', 'these cases, in this order; those with a goal where absent').argParser(
      (name: string, before: string[] = []) => [...before, ...name.split(',')],
    ),
  )
  .addHelpText('after', `\nCases:\n${list()}`)
  .action(({ only = withGoals }: { only?: string[] }) => run(only));

/** Runs one case after the other; a failed case leaves the figures of the others. */
async function run(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !cases[name]);
  if (unknown.length > 0) program.error(`error: there is no case ${unknown.join(', ')}; --help lists them`);
  const goals: Goal[] = [];
  for (const name of names) {
    const { about, measure, table, goals: goalsOf } = cases[name]!;
    process.stderr.write(`bench: ${name}: ${about}\n`);
    const figures = await measure();
    keep(name, figures);
    process.stdout.write(`${name}: ${about}\n${table(figures)}\n\n`);
    goals.push(...(goalsOf?.(figures) ?? []).map((goal) => ({ ...goal, what: `${name}: ${goal.what}` })));
  }
  if (goals.length > 0) process.stdout.write(`${goalsTable(goals)}\n`);
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
