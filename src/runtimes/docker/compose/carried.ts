import { BelayError } from '../../../errors';
import type { CarriedUse } from '../../../spec/compose-uses';
import type { Attribute, Context, Fate } from './attribute';
import { serviceAttributes } from './attributes';
import { whereIs } from './locate';
import type { ComposeProject, ComposeService } from './project';
import { resourceAttributes, type Section } from './resource-attributes';
import { usedKeys } from './used';
import { type SetAttribute, setAttributes } from './walk';

/**
 * One line for each attribute of the named services that would be lost, with its place and what to do. Empty if all are
 * carried over. Other services of the file do not count.
 */
export function carriedProblems(project: ComposeProject, uses: Record<string, CarriedUse>): string[] {
  const services = Object.entries(uses).flatMap(([name, use]) =>
    project.services[name] ? serviceProblems(project, name, use) : [absent(project, name)],
  );
  return [...services, ...linesOf(resourceFindings(project, Object.keys(uses), 'refused'))];
}

const linesOf = (findings: Finding[]): string[] => [...new Set(findings.map(({ where, why }) => `${where}: ${why}`))];

interface Finding {
  where: string;
  why: string;
}

/** Throws `compose-invalid` with all of `carriedProblems`. */
export function assertCarried(project: ComposeProject, uses: Record<string, CarriedUse>): void {
  const problems = carriedProblems(project, uses);
  if (problems.length > 0)
    throw new BelayError('compose-invalid', problems.join('\n'), { hint: whereToCorrect(project, problems) });
}

const whereToCorrect = ({ file }: ComposeProject, problems: string[]): string =>
  problems.some((one) => one.includes('belay.yaml')) ? `correct belay.yaml or ${file}` : `correct ${file}`;

/** One line for each kind of attribute that is not carried over, with all its places. Run time loses nothing by it. */
export function composeWarnings(project: ComposeProject, uses: Record<string, CarriedUse>): string[] {
  const services = Object.entries(uses).flatMap(([name, use]) =>
    serviceFindings(project, { name, use, fate: 'warned' }),
  );
  const places = new Map<string, string[]>();
  for (const { where, why } of [...services, ...resourceFindings(project, Object.keys(uses), 'warned')])
    places.set(why, [...(places.get(why) ?? []), where]);
  return [...places].map(([why, all]) => `${[...new Set(all)].join(', ')}: ${why}`);
}

function serviceProblems(project: ComposeProject, name: string, use: CarriedUse): string[] {
  const image = imageProblem(project.services[name]!, use);
  const missing = image ? [`${whereIs(project, ['services', name, image.key])}: ${image.why}`] : [];
  return [...missing, ...linesOf(serviceFindings(project, { name, use, fate: 'refused' }))];
}

function imageProblem(service: ComposeService, { hasImage }: CarriedUse): { key: string; why: string } | undefined {
  if (service.image || hasImage) return undefined;
  if (service.build) return { key: 'build', why: 'has no image beside it: build and push first, then name the image' };
  return { key: 'image', why: 'is missing: name the image here or in the spec' };
}

function serviceFindings(
  project: ComposeProject,
  { name, use, fate }: { name: string; use: CarriedUse; fate: Fate },
): Finding[] {
  const service = project.services[name] ?? {};
  const place = { project, rows: serviceAttributes, path: ['services', name], fate };
  return findings(service, place, { project, service, use });
}

/** Findings for the networks, volumes, secrets and configs that the services use. */
function resourceFindings(project: ComposeProject, names: string[], fate: Fate): Finding[] {
  const context = { project, service: {}, use: { hasImage: true, routed: false } };
  return (Object.keys(resourceAttributes) as Section[]).flatMap((section) =>
    usedKeys(project, names, section).flatMap((key) => {
      const place = { project, rows: resourceAttributes[section], path: [section, key], fate };
      return findings(project[section][key] ?? {}, place, context);
    }),
  );
}

interface Place {
  project: ComposeProject;
  rows: Record<string, Attribute>;
  path: string[];
  fate: Fate;
}

function findings(value: object, { project, rows, path, fate }: Place, context: Context): Finding[] {
  return setAttributes(value, rows).flatMap((one) =>
    reasons(one, { attribute: rows[one.row], fate, context }).map((why) => ({
      where: whereIs(project, [...path, ...one.at]),
      why,
    })),
  );
}

function reasons(
  { value, item, known }: SetAttribute,
  { attribute, fate, context }: { attribute?: Attribute; fate: Fate; context: Context },
): string[] {
  if (!known || !attribute) return fate === 'refused' ? [unknown] : [];
  const cases = attribute.cases.filter((one) => one.when(value, { ...context, item }));
  if (cases.length > 0)
    return cases.filter((one) => one.fate === fate).map(({ why, tell }) => tell?.(value, context) ?? why);
  return attribute.fate === fate ? [attribute.why] : [];
}

const unknown = 'is not carried over: remove it, or leave the service to Compose by not naming it in the spec';

function absent(project: ComposeProject, name: string): string {
  const names = Object.keys(project.services).join(', ');
  return `${project.file} services.${name}: the spec names it, but the Compose file does not have it: it has ${names || 'no services'} (services behind a profile do not count)`;
}
