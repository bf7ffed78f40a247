import { basename } from 'node:path';
import { BelayError } from '../../../errors';
import { compose } from './compose-command';
import { type ComposeSource, composeArgs } from './compose-source';
import type { ComposeAnswers, ComposeProject } from './project';
import { withShadow } from './shadow';

type Config = Pick<ComposeProject, 'name' | 'services' | 'networks' | 'volumes' | 'secrets' | 'configs'> & {
  'x-belay'?: { values: Record<string, string>; set: Record<string, string>; texts: string[] };
};

/** Values of the requested variables that are set, by name; one call. */
export async function valuesOf(source: ComposeSource): Promise<ComposeAnswers['values']> {
  const { output } = await configOf(source);
  return fromConfig(output, [source.file].flat().join(', ')).asked.values;
}

/** The requested texts with values in place of variables; one call. */
export async function textsOf(source: ComposeSource): Promise<string[]> {
  const { output } = await configOf(source);
  return fromConfig(output, [source.file].flat().join(', ')).asked.texts;
}

/** The request is one more file, so that Compose answers all of it at once. */
export async function configOf(source: ComposeSource): ReturnType<typeof compose> {
  const { content, copies, variables, ask } = source;
  const input = JSON.stringify({ ...content, ...questionOf(ask) });
  return await withShadow(source, async (folder) => {
    const args = [...composeArgs({ ...source, folder }), ...(content ? [] : ['-f', '-']), 'config', '--format', 'json'];
    return await compose({ folder, file: [source.file].flat().join(', '), copies, variables, input, args });
  });
}

const questionOf = ({ names = [], texts = [] }: Partial<NonNullable<ComposeSource['ask']>> = {}) => ({
  'x-belay': {
    values: Object.fromEntries(names.map((name) => [name, `\${${name}-}`])),
    set: Object.fromEntries(names.map((name) => [name, `\${${name}+set}`])),
    texts,
  },
});

/** Compose's output, without its defaults. */
export function fromConfig(output: string, file: string) {
  const { name, services = {}, networks = {}, volumes = {}, secrets = {}, configs = {}, ...more } = parse(output, file);
  return { name, services, networks, volumes, secrets, configs, asked: answers(more['x-belay']) };
}

function answers({ values = {}, set = {}, texts = [] }: Partial<NonNullable<Config['x-belay']>> = {}): ComposeAnswers {
  const isSet = ([name]: [string, string]) => set[name] === 'set';
  return { values: Object.fromEntries(Object.entries(values).filter(isSet)), texts };
}

/** Compose doubles every dollar in its output, so that the output is a valid Compose file. */
function parse(output: string, file: string): Partial<Config> & Pick<Config, 'name'> {
  try {
    return JSON.parse(output.replaceAll('$$', '$')) as Config;
  } catch (cause) {
    throw new BelayError('compose-invalid', `${basename(file)}: what Compose printed is not JSON`, {
      hint: 'Compose 2.20 or later is needed: docker compose version',
      cause,
    });
  }
}
