import type { DesiredNeed } from '../model/desired';
import { needKinds } from '../spec/checks';
import { desiredNeeds } from './desired-needs';
import { knownValues, type Project } from './project';

/** An address that takes variables without a value. */
export interface Unset {
  /** Its place in the spec: `services.api.needs[0].postgres`. */
  at: string;
  names: string[];
}

export interface UnsetNeed extends Unset {
  service: string;
  need: DesiredNeed;
}

type Given = Pick<Project, 'spec' | 'reads' | 'set' | 'folder'>;

/** Returns the needs of these services, or of all, that take variables without a value. */
export function unsetNeeds(project: Given, services?: string[]): UnsetNeed[] {
  const unset = unsetIn(project);
  return chosenIn(project, services).flatMap(([service, { needs }]) =>
    needs.flatMap((one, index) =>
      desiredNeeds({ needs: [one] }, project.folder).flatMap((need) =>
        (need.command ? [] : unset(`services.${service}.needs[${index}].${need.kind}`, need.text)).map((found) => ({
          ...found,
          service,
          need,
        })),
      ),
    ),
  );
}

/** Returns the addresses of tests that do so: of these services, or of all, and of the whole platform. */
export function unsetTests(project: Given, services?: string[]): Unset[] {
  const unset = unsetIn(project);
  const ofServices = chosenIn(project, services).map(([service, { validate }]) => ({
    at: `services.${service}.validate`,
    tests: validate.map(({ prometheus }) => ({ prometheus })),
  }));
  return [...ofServices, { at: 'validate', tests: project.spec.validate }].flatMap(({ at, tests }) =>
    tests.flatMap((test: Partial<Project['spec']['validate'][number]>, index) => [
      ...needKinds.flatMap((kind) => (kind === 'command' ? [] : unset(`${at}[${index}].${kind}`, test[kind]))),
      ...unset(`${at}[${index}].metric.url`, test.metric?.url),
      ...unset(`${at}[${index}].prometheus.url`, test.prometheus?.url),
    ]),
  );
}

/** `PASSWORD is not set` */
export const unsetText = ({ names }: Pick<Unset, 'names'>): string =>
  `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} not set`;

const chosenIn = ({ spec }: Given, services?: string[]) =>
  Object.entries(spec.services).filter(([service]) => services?.includes(service) ?? true);

function unsetIn(project: Given) {
  const known = knownValues(project);
  return (at: string, text = ''): Unset[] => {
    const names = takenBy(text).filter((name) => known[name] === undefined);
    return names.length > 0 ? [{ at, names }] : [];
  };
}

/** Names that a text takes, without those that it has a value for: `${NAME:-value}`. */
const takenBy = (text: string): string[] => [
  ...new Set(
    [...text.replaceAll('$$', '').matchAll(/\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?=\}|:?\?))/g)].map(
      ([, plain, braced]) => (plain ?? braced)!,
    ),
  ),
];
