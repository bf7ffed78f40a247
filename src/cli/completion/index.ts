import { bashScript } from './bash';
import { fishScript } from './fish';
import type { CommandTree } from './tree';
import { zshScript } from './zsh';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

const scripts: Record<Shell, (tree: CommandTree) => string> = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** Returns the script by which a shell completes the command. Pure. */
export const completionScript = (shell: Shell, tree: CommandTree): string => scripts[shell](tree);
