import { parse } from 'yaml';
import { variablesIn } from '../spec/compose-reads';
import { inFolder } from '../spec/file-name';
import type { ComposeService, ComposeView } from './situation';

/** What Compose files tell of a file with values. Later files override earlier ones. Pure. */
export function composeView(texts: string[], file: string): ComposeView {
  const services: Record<string, ComposeService> = {};
  for (const [name, one] of texts.flatMap(servicesOf)) {
    const before = services[name];
    services[name] = {
      image: typeof one.image === 'string' ? one.image : before?.image,
      takesFile: (before?.takesFile ?? false) || filesOf(one.env_file).includes(inFolder(file)),
      environment: [...(before?.environment ?? []), ...namesOf(one.environment)],
    };
  }
  return { variables: [...new Set(texts.flatMap((text) => variablesIn(text)))], services };
}

type Written = Record<string, unknown>;

/** A file that is no YAML tells nothing. */
function servicesOf(text: string): Array<[string, Written]> {
  try {
    const data = parse(text, { merge: true, logLevel: 'silent' }) as {
      services?: Record<string, Written | null>;
    } | null;
    return Object.entries(data?.services ?? {}).map(([name, one]) => [name, one ?? {}]);
  } catch {
    return [];
  }
}

const filesOf = (written: unknown): string[] =>
  [written ?? []].flat().map((one) => inFolder(String((one as { path?: string })?.path ?? one)));

function namesOf(written: unknown): string[] {
  if (Array.isArray(written)) return written.map((one) => String(one).split('=')[0]!);
  return Object.keys((written as object | undefined) ?? {});
}
