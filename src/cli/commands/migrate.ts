import { type Command, Option } from 'commander';
import { BelayError } from '../../errors';
import type { Outcome } from '../../migration/outcome';
import { type Context, does } from '../context';
import { exitCodes } from '../exit-codes';
import { formatError, hintLine } from '../format-error';
import { jsonLine } from '../json-lines';
import type { MigrateOptions } from '../migrate-asked';
import { collectPairs, collectWords } from '../pairs';

/** Registers `belay migrate`: takes configuration files from one version to the next. */
export function registerMigrate(program: Command, context: Context): void {
  const command = program
    .command('migrate')
    .description('take configuration files such as .env to the next version, by its example and the rules of config')
    .addOption(new Option('--plan', 'show what would change; writes nothing (default)').conflicts('write'))
    .option('--write', 'write it; the former file is kept beside the new one')
    .option('--from <example>', 'without a belay.yaml: the example of the new version')
    .option('--was <path>', 'with --from: the example of the version before, or the folder of that version')
    .option('--rename <OLD=NEW...>', 'with --from: keys that have another name now', collectWords)
    .option('--drop <key...>', 'with --from: keys to take out')
    .addOption(
      new Option('--unset <what>', 'with --from: new keys that need a value').choices(['refuse', 'keep', 'default']),
    )
    .option('--version <service=tag...>', 'versions of images that have examples', collectPairs)
    .option('--env <name>', 'an environment that belay.yaml names')
    .option('--exit-code', 'end with 10 when there is something to write')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples);
  const file =
    'the project folder, or its belay.yaml (default: the nearest one upwards); with --from: the file to migrate';
  does<MigrateOptions>(command, context, (options) => migrate(context, options), file);
}

const examples = `
Examples:
  belay migrate                            what config of the belay.yaml asks for: a table and a diff
  belay migrate --write                    write it
  belay migrate --version api=2.5.0        where image: api says that the example is in that image
  belay migrate --env staging              an environment that belay.yaml names
  belay migrate --exit-code --json         in CI: 0 nothing to do, 10 there are changes
  belay migrate --file .env --from .env.example --was ../shop-1.4
                                           without a belay.yaml: from the version in that folder

Values that may be secret are never shown. Exit codes: 0 done, or nothing to do, 2 a key needs a decision or the input is
wrong (nothing was written), 10 there are changes (--exit-code).`;

async function migrate(context: Context, options: MigrateOptions): Promise<number> {
  const { askedFiles, imagesHere } = require('../migrate-asked') as typeof import('../migrate-asked');
  const { openFile } = require('../../migration/open') as typeof import('../../migration/open');
  const { migrated, written } = require('../../migration/outcome') as typeof import('../../migration/outcome');
  const { cwd } = context;
  const inImage = imagesHere(context, options);
  const open = await Promise.all(askedFiles(context, options).map((asked) => openFile(asked, { ...context, inImage })));
  const files = open.map((one) => migrated(one, cwd));
  const refused = files.flatMap(({ outcome }) => (outcome.refused ? [outcome] : []));
  if (refused.length > 0 || !options.write)
    return show(
      context,
      options,
      files.map(({ outcome }) => outcome),
    );
  const outcomes: Outcome[] = [];
  for (const one of files) outcomes.push(await written(one, { cwd, now: new Date() }));
  return show(context, options, outcomes);
}

function show({ terminal }: Context, { json, write, exitCode }: MigrateOptions, files: Outcome[]): number {
  const refused = files.filter((one) => one.refused);
  const changes = files.some((one) => one.changes);
  if (json) terminal.out(jsonLine('migrate', { changes, refused: refused.length > 0, files }));
  else showText(terminal, files, { isOpen: changes && !write && refused.length === 0 });
  if (refused.length > 0 && !json) terminal.error(formatError(undecided(refused), terminal.colors));
  if (refused.length > 0) return exitCodes.wrongInput;
  return exitCode && changes && !write ? exitCodes.changes : exitCodes.ok;
}

function showText(terminal: Context['terminal'], files: Outcome[], { isOpen }: { isOpen: boolean }): void {
  const { renderMigration } = require('../render/migration') as typeof import('../render/migration');
  const next = isOpen ? [hintLine('belay migrate --write   writes it')] : [];
  terminal.out([...files.map((one) => renderMigration(one, terminal.colors)), ...next].join('\n\n'));
}

function undecided(files: Outcome[]): BelayError {
  const keys = files.map(({ file, findings }) => {
    const open = findings.filter(({ action }) => action === 'decide').map(({ key }) => key);
    return `${file}: ${[...new Set(open)].join(', ')} ${open.length > 1 ? 'need' : 'needs'} a decision`;
  });
  return new BelayError('input-invalid', keys.join('; '), { hint: 'each way out stands above; nothing was written' });
}
