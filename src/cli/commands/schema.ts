import type { Command } from 'commander';
import { type Context, does } from '../context';
import { exitCodes } from '../exit-codes';

/** Registers `belay schema`: prints the JSON Schema of belay.yaml. */
export function registerSchema(program: Command, context: Context): void {
  const command = program
    .command('schema')
    .description('print the JSON Schema of belay.yaml, for editors')
    .addHelpText('after', examples);
  does(command, context, async () => {
    const { specJsonSchema } = require('../../spec/json-schema') as typeof import('../../spec/json-schema');
    context.terminal.out(JSON.stringify(specJsonSchema(), null, 2));
    return exitCodes.ok;
  });
}

const examples = `
Examples:
  belay schema > belay.schema.json
  # then, as the first line of belay.yaml:
  # yaml-language-server: $schema=belay.schema.json`;
