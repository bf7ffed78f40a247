import type { Argument, Command, Option } from 'commander';
import { type ValueKind, valuesOfArgument, valuesOfOption } from './values';

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
  /** The kind of words that its first argument takes, if the project knows them. */
  values?: ValueKind;
  options: CompletedOption[];
}

export interface CompletedOption {
  short?: string;
  long: string;
  description: string;
  takesValue: boolean;
  /** The kind of its values, if the project knows them; else they are files, or free. */
  values?: ValueKind;
}

/** Returns the registered commands, their options and the options' words. */
export function treeOf(program: Command): CommandTree {
  return { name: program.name(), commands: program.commands.map(commandOf) };
}

function commandOf(command: Command): CompletedCommand {
  const [first] = command.registeredArguments;
  const values = first && valuesOfArgument(first.name());
  const options = command.options.flatMap(optionOf);
  const help = { short: '-h', long: '--help', description: 'show help', takesValue: false };
  return {
    name: command.name(),
    description: command.description(),
    choices: command.registeredArguments.flatMap((argument: Argument) => argument.argChoices ?? []),
    ...(values && { values }),
    options: [...options, help],
  };
}

function optionOf({ short, long, description, required, optional }: Option): CompletedOption[] {
  if (!long) return [];
  const takesValue = required || optional;
  const values = takesValue ? valuesOfOption(long) : undefined;
  return [{ ...(short && { short }), long, description, takesValue, ...(values && { values }) }];
}
