import { basename } from 'node:path';
import { Argument, type Command } from 'commander';
import { completionScript, type Shell, shells } from '../completion';
import { treeOf } from '../completion/tree';
import { type Context, does } from '../context';
import { exitCodes } from '../exit-codes';

/** Registers `belay completion`: prints a shell's completion script. */
export function registerCompletion(program: Command, context: Context): void {
  const command = program
    .command('completion')
    .description('print a script by which your shell completes belay')
    .addArgument(new Argument('[shell]', 'the shell (default: that of SHELL, else bash)').choices(shells))
    .addHelpText('after', examples);
  does(command, context, async (_options, shell) => {
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
