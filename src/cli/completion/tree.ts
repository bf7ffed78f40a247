import type { Argument, Command, Option } from 'commander';

/** The command's words for completion, as plain data. */
export interface CommandTree {
  name: string;
  commands: CompletedCommand[];
}

export interface CompletedCommand {
  name: string;
  description: string;
  /** Words that its first argument takes. */
  choices: string[];
  options: CompletedOption[];
}

export interface CompletedOption {
  short?: string;
  long: string;
  description: string;
  takesValue: boolean;
}

/** Returns the registered commands, their options and the options' words. */
export function treeOf(program: Command): CommandTree {
  return { name: program.name(), commands: program.commands.map(commandOf) };
}

function commandOf(command: Command): CompletedCommand {
  const options = command.options.flatMap(optionOf);
  const help = { short: '-h', long: '--help', description: 'show help', takesValue: false };
  return {
    name: command.name(),
    description: command.description(),
    choices: command.registeredArguments.flatMap((argument: Argument) => argument.argChoices ?? []),
    options: [...options, help],
  };
}

function optionOf({ short, long, description, required, optional }: Option): CompletedOption[] {
  return long ? [{ ...(short && { short }), long, description, takesValue: required || optional }] : [];
}
