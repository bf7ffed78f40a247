import { basename } from 'node:path';
import { Argument, type Command, Option } from 'commander';
import { completionScript, type Shell, shells } from '../completion';
import { treeOf } from '../completion/tree';
import { type ValueKind, valueKinds } from '../completion/values';
import { type Context, does } from '../context';
import { exitCodes } from '../exit-codes';

/** Registers `belay completion`: prints a shell's completion script. */
export function registerCompletion(program: Command, context: Context): void {
  const command = program
    .command('completion')
    .description('print a script by which your shell completes belay')
    .addArgument(new Argument('[shell]', 'the shell (default: that of SHELL, else bash)').choices(shells))
    .addOption(
      new Option('--words <kind>', 'print words of the project, for these scripts').choices(valueKinds).hideHelp(),
    )
    .addOption(new Option('--line <text>', 'the line so far').hideHelp())
    .addHelpText('after', examples);
  does<{ words?: ValueKind; line?: string }>(command, context, async ({ words, line }, shell) => {
    if (words !== undefined) {
      const { wordsOf } = require('../completion/words') as typeof import('../completion/words');
      context.terminal.out((await wordsOf(context, words, line)).join('\n'));
      return exitCodes.ok;
    }
    context.terminal.out(completionScript((shell as Shell | undefined) ?? shellOf(context.env), treeOf(program)));
    return exitCodes.ok;
  });
}

const examples = `
Examples:
  source <(belay completion bash)                                   # in ~/.bashrc
  source <(belay completion zsh)                                    # in ~/.zshrc, after compinit
  belay completion fish > ~/.config/fish/completions/belay.fish`;

const shellOf = ({ SHELL = '' }: NodeJS.ProcessEnv): Shell => shells.find((one) => one === basename(SHELL)) ?? 'bash';
