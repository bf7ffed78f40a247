import type { Deps } from '../host';
import type { DesiredValidation } from '../model/desired';
import type { ProbeResult } from '../probes/probe';
import { unhealthy } from '../probes/probe-result';
import type { Project } from '../project/project';
import { unsetTests } from '../project/unset';
import { platformTests } from '../resolve/platform-tests';
import type { OpenedSources } from '../resolve/sources';
import { askAddress, lookedFrom, neighbours } from './asked-address';
import { needTexts } from './needs';

/** A test of the platform, and its current answer. */
export interface TestAnswer {
  name: string;
  answer: ProbeResult;
}

/**
 * The answer of each test of the platform that asks an address and changes nothing there, asked once from where a
 * release would ask. Throws `spec-invalid` for a file of certificates.
 */
export async function testsNow(
  deps: Pick<Deps, 'masker'>,
  project: Project,
  open: () => Promise<Pick<OpenedSources, 'of'>>,
): Promise<TestAnswer[]> {
  const unset = unsetTests(project).map(({ at }) => at);
  const tests = platformTests(project).filter(
    (test, index) => onlyReads(test) && !unset.some((at) => at.startsWith(`validate[${index}].`)),
  );
  if (tests.length === 0) return [];
  const services = lookedFrom(project.spec);
  const sources = (await open()).of(services[0]!);
  const texts = await needTexts(
    deps,
    sources,
    tests.map(({ asked }) => asked!),
  );
  const find = neighbours(sources, services);
  return await Promise.all(
    tests.map(async ({ name, asked, timeout }, index) => {
      const answer = await askAddress({ asked: { ...asked!, text: texts[index]! }, find, timeout });
      return { name, answer: answer ?? unhealthy(`is not an address of ${asked!.kind}`) };
    }),
  );
}

/** A program may do anything, and so may a request of another method. */
const onlyReads = ({ asked }: DesiredValidation): boolean =>
  asked !== undefined && !asked.command && ['GET', 'HEAD'].includes(asked.request?.method ?? 'GET');
