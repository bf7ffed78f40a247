import { BelayError } from '../../src/errors';
import { needText } from '../../src/observe/needs';
import type { Project } from '../../src/project/project';
import { unsetNeeds, unsetTests, unsetText } from '../../src/project/unset';

/**
 * Throws `spec-invalid` for required needs, and for tests, with variables that are not set. Returns warnings about the
 * other needs.
 */
export function refuseUnset(project: Project, services?: string[]): string[] {
  const needs = unsetNeeds(project, services);
  const required = [...needs.filter(({ need }) => need.required), ...unsetTests(project, services)];
  if (required.length > 0)
    throw new BelayError('spec-invalid', required.map((one) => `${one.at}: ${unsetText(one)}`).join('; '), {
      hint: `write the variable into an env file, such as ${project.folder}/.env on the host, or set it for the worker`,
    });
  return needs.map((one) => `${one.service} needs ${needText(one.need)}: ${unsetText(one)}; it is not required`);
}
