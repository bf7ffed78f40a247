import type { DesiredNeed } from '../model/desired';
import { desiredNeeds } from './desired-needs';
import { knownValues, type Project } from './project';

/** A need whose text takes variables that are not set. */
export interface UnsetNeed {
  service: string;
  /** Its place in the spec: `services.api.needs[0].postgres`. */
  at: string;
  need: DesiredNeed;
  names: string[];
}

/** Returns the needs of these services, or of all, that take variables without a value. */
export function unsetNeeds(project: Pick<Project, 'spec' | 'reads' | 'set'>, services?: string[]): UnsetNeed[] {
  const known = knownValues(project);
  const chosen = Object.entries(project.spec.services).filter(([service]) => services?.includes(service) ?? true);
  return chosen.flatMap(([service, { needs }]) =>
    needs.flatMap((one, index) =>
      desiredNeeds({ needs: [one] }).flatMap((need) => {
        const names = takenBy(need.text).filter((name) => known[name] === undefined);
        return names.length > 0
          ? [{ service, at: `services.${service}.needs[${index}].${need.kind}`, need, names }]
          : [];
      }),
    ),
  );
}

/** `PASSWORD is not set` */
export const unsetText = ({ names }: Pick<UnsetNeed, 'names'>): string =>
  `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} not set`;

/** Names that a text takes, without those that it has a value for: `${NAME:-value}`. */
const takenBy = (text: string): string[] => [
  ...new Set(
    [...text.replaceAll('$$', '').matchAll(/\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?=\}|:?\?))/g)].map(
      ([, plain, braced]) => (plain ?? braced)!,
    ),
  ),
];
